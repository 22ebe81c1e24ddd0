"""A person's training, as the training sergeant sees it: no answers, and leave without its kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import select

from lms.assessment.models import Attempt, AttemptUnlock
from lms.assessment.queries import CAPSTONE, list_results, needs_conversation
from lms.attestation.models import Attestation, SigningQuestion
from lms.attestation.queries import list_attestations
from lms.db import db
from lms.errors import NotFound
from lms.notify.models import OutboxMessage
from lms.notify.queries import MessageFilter, list_messages
from lms.reporting.rules import REMINDABLE, days_between
from lms.roster.models import Person
from lms.roster.queries import find_person, is_on_leave
from lms.roster.rules import is_separated
from lms.training import rules
from lms.training.models import Assignment, Extension, Waiver
from lms.training.queries import current_contents, dates_of, list_assignments_of
from lms.training.rules import CLOSED_STATES, State

Thing = TypeVar("Thing", Extension, Attempt, AttemptUnlock)
NOTICES_SHOWN = 50


@dataclass(frozen=True, slots=True)
class AssignmentFile:
    """One assignment with everything that happened to it. ``names`` knows who granted and approved."""

    assignment: Assignment
    state: State
    days_late: int | None
    days_left: int | None
    attempts: tuple[Attempt, ...]
    extensions: tuple[Extension, ...]
    unlocks: tuple[AttemptUnlock, ...]
    waiver: Waiver | None
    attestation: Attestation | None
    also_met: tuple[Assignment, ...]
    """What its completion met, too."""
    question: SigningQuestion | None
    needs_conversation: bool

    @property
    def open(self) -> bool:
        """Whether it can still be extended, waived and reminded of."""
        return self.assignment.outcome is None and self.state is not State.SEPARATED

    @property
    def may_remind(self) -> bool:
        """Whether a reminder would reach somebody who can act on it."""
        return self.open and self.state in REMINDABLE


@dataclass(frozen=True, slots=True)
class PersonTraining:
    """A person with all their training, what is open first, and the notices sent to them."""

    person: Person
    separated: bool
    on_leave: bool
    files: tuple[AssignmentFile, ...]
    notices: Sequence[OutboxMessage]
    names: dict[int, str]


def person_training(person_id: int, today: date) -> PersonTraining:
    """All of a person's training; a fixed number of statements. Raises NotFound."""
    person = find_person(person_id)
    if person is None:
        raise NotFound("There is no such person on the roster.")
    away = is_on_leave(person_id, today)
    gone = is_separated(person.separated_on, person.rehired_on, today)
    assignments = list_assignments_of(person_id)
    files = _Files(person_id, assignments)
    made = [files.file(assignment, today, away, gone) for assignment in assignments]
    made.sort(key=lambda file: (not file.open, file.assignment.due_on if file.open else date.max))
    closed = sorted((file for file in made if not file.open), key=_closed_first, reverse=True)
    return PersonTraining(
        person=person,
        separated=gone,
        on_leave=away,
        files=(*(file for file in made if file.open), *closed),
        notices=list_messages(MessageFilter(person_id=person_id), limit=NOTICES_SHOWN),
        names=files.names(),
    )


def _closed_first(file: AssignmentFile) -> tuple[float, int]:
    closed_at = file.assignment.closed_at
    return (0.0 if closed_at is None else closed_at.timestamp(), file.assignment.id)


class _Files:
    """What belongs to a person's assignments, read once for all of them."""

    def __init__(self, person_id: int, assignments: Sequence[Assignment]) -> None:
        ids = [assignment.id for assignment in assignments]
        self.assignments = assignments
        self.attempts = _grouped(list_results(person_id))
        self.extensions = _grouped(
            db.session.scalars(select(Extension).where(Extension.assignment_id.in_(ids)).order_by(Extension.id))
        )
        self.unlocks = _grouped(
            db.session.scalars(
                select(AttemptUnlock).where(AttemptUnlock.assignment_id.in_(ids)).order_by(AttemptUnlock.id)
            )
        )
        waivers = db.session.scalars(select(Waiver).where(Waiver.assignment_id.in_(ids)))
        self.waivers = {waiver.assignment_id: waiver for waiver in waivers}
        attestations = list_attestations(person_id)
        self.attestations = {row.assignment_id: row for row in attestations}
        questions = db.session.scalars(
            select(SigningQuestion).where(SigningQuestion.attestation_id.in_([row.id for row in attestations]))
        )
        self.questions = {question.attestation_id: question for question in questions}
        failed = {row.course_id for row in assignments if row.closed_at is None and self._failed(row)}
        contents = current_contents(failed) if failed else {}
        self.capstones = {course_id: content.capstone.attempts for course_id, content in contents.items()}

    def file(self, assignment: Assignment, today: date, away: bool, gone: bool) -> AssignmentFile:
        """One assignment's file."""
        state = rules.state_of(dates_of(assignment), today, away, gone)
        late, left = (None, None) if state in CLOSED_STATES else days_between(assignment.due_on, today)
        attempts = self.attempts[assignment.id]
        attestation = self.attestations.get(assignment.id)
        return AssignmentFile(
            assignment=assignment,
            state=state,
            days_late=late,
            days_left=left,
            attempts=tuple(reversed(attempts)),
            extensions=tuple(self.extensions[assignment.id]),
            unlocks=tuple(self.unlocks[assignment.id]),
            waiver=self.waivers.get(assignment.id),
            attestation=attestation,
            also_met=tuple(other for other in self.assignments if other.satisfied_by_id == assignment.id),
            question=None if attestation is None else self.questions.get(attestation.id),
            needs_conversation=self._may_need_talk(assignment) and needs_conversation(assignment),
        )

    def _failed(self, assignment: Assignment) -> int:
        return sum(attempt.kind == CAPSTONE and not attempt.passed for attempt in self.attempts[assignment.id])

    def _may_need_talk(self, assignment: Assignment) -> bool:
        """Whether as many capstones failed as the course allows; below that nothing more has to be asked."""
        allowed = self.capstones.get(assignment.course_id)
        return assignment.closed_at is None and allowed is not None and self._failed(assignment) >= allowed

    def names(self) -> dict[int, str]:
        """Names of those who granted, approved, opened and answered, in one statement."""
        ids = {item.granted_by_id for group in self.extensions.values() for item in group}
        ids |= {item.unlocked_by_id for group in self.unlocks.values() for item in group}
        ids |= {waiver.approved_by_id for waiver in self.waivers.values()}
        ids |= {question.answered_by_id for question in self.questions.values()}
        people = db.session.scalars(select(Person).where(Person.id.in_(ids - {None})))
        return {person.id: person.full_name for person in people}


def _grouped(rows: Iterable[Thing]) -> defaultdict[int, list[Thing]]:
    found: defaultdict[int, list[Thing]] = defaultdict(list)
    for row in rows:
        found[row.assignment_id].append(row)
    return found
