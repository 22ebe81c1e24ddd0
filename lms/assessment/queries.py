"""Reads of assessment: attempts and answers, scenario runs and choices, and who waits for a conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import contains_eager, joinedload

from lms.assessment.models import Answer, Attempt, AttemptUnlock, ScenarioChoice, ScenarioRun
from lms.assessment.rules.drawing import GivenAnswer
from lms.assessment.rules.spacing import Given
from lms.assessment.rules.standing import CapstoneStanding, attempts_left
from lms.catalog.queries import current_content
from lms.catalog.rules import CourseContent
from lms.db import db
from lms.errors import NotFound
from lms.roster.models import Person
from lms.training.models import Assignment

MODULE = "module"
CAPSTONE = "capstone"
REMEDIATION = "remediation"
SPACED = "spaced"
RECENT_SITTINGS = 2
"""How many sittings back an item counts as lately seen."""


# The statements that every sitting asks are built once.
_OWN_ATTEMPT = (
    select(Attempt)
    .join(Attempt.assignment)
    .where(Attempt.id == bindparam("attempt_id"), Attempt.person_id == bindparam("person_id"))
    .options(contains_eager(Attempt.assignment))
)
_ATTEMPTS = (
    select(Attempt)
    .where(
        Attempt.assignment_id == bindparam("assignment_id"),
        Attempt.module_ref == bindparam("module_ref"),
        Attempt.kind == bindparam("kind"),
    )
    .order_by(Attempt.number)
)
_RECENT = (
    select(Attempt.presented)
    .join(Attempt.assignment)
    .where(
        Attempt.person_id == bindparam("person_id"),
        Attempt.kind == bindparam("kind"),
        Attempt.module_ref == bindparam("module_ref"),
        Assignment.course_id == bindparam("course_id"),
    )
    .order_by(Attempt.started_at.desc(), Attempt.id.desc())
    .limit(RECENT_SITTINGS)
)
_CHOICES = select(ScenarioChoice).where(ScenarioChoice.run_id == bindparam("run_id")).order_by(ScenarioChoice.position)
_ANSWER = Answer.__table__.c
_ANSWERS = (
    select(*(_ANSWER[item.name] for item in fields(GivenAnswer)))
    .where(_ANSWER.attempt_id == bindparam("attempt_id"))
    .order_by(_ANSWER.position)
)


def get_attempt_of(person_id: int, attempt_id: int) -> Attempt:
    """One's own attempt, with its assignment. Raises NotFound for anybody else's."""
    attempt = db.session.scalar(_OWN_ATTEMPT, {"attempt_id": attempt_id, "person_id": person_id})
    if attempt is None:
        raise NotFound("There is no such set of questions among yours. Open it from My training.")
    return attempt


def list_answers(attempt_id: int) -> list[GivenAnswer]:
    """The answers of an attempt in the order of its questions."""
    return [GivenAnswer(*row) for row in db.session.connection().execute(_ANSWERS, {"attempt_id": attempt_id})]


def attempts_of(assignment_id: int) -> Sequence[Attempt]:
    """Every attempt of an assignment, oldest first."""
    return db.session.scalars(
        select(Attempt).where(Attempt.assignment_id == assignment_id).order_by(Attempt.started_at, Attempt.id)
    ).all()


def list_attempts(assignment_id: int, module_ref: str, kind: str) -> Sequence[Attempt]:
    """The attempts of one kind in one module of an assignment, in the order of their numbers."""
    names = {"assignment_id": assignment_id, "module_ref": module_ref, "kind": kind}
    return db.session.scalars(_ATTEMPTS, names).all()


def list_results(person_id: int) -> Sequence[Attempt]:
    """A person's finished module and capstone attempts with their assignments, newest first."""
    return db.session.scalars(
        select(Attempt)
        .where(Attempt.person_id == person_id, Attempt.finished_at.is_not(None), Attempt.kind.in_((MODULE, CAPSTONE)))
        .options(joinedload(Attempt.assignment))
        .order_by(Attempt.finished_at.desc(), Attempt.id.desc())
    ).all()


def used_forms(person_id: int, course_id: int) -> list[str]:
    """The capstone forms that a person has had in a course, oldest first, over all cycles."""
    return list(
        db.session.scalars(
            select(Attempt.form_ref)
            .join(Attempt.assignment)
            .where(Attempt.person_id == person_id, Attempt.kind == CAPSTONE, Assignment.course_id == course_id)
            .order_by(Attempt.started_at, Attempt.id)
        )
    )


def recent_items(person_id: int, course_id: int, module_ref: str, kind: str) -> frozenset[str]:
    """Items of the person's last sittings of this kind in this module."""
    names = {"person_id": person_id, "course_id": course_id, "module_ref": module_ref, "kind": kind}
    rows = db.session.scalars(_RECENT, names)
    return frozenset(shown["item"] for presented in rows for shown in presented)


def list_given(person_id: int, course_id: int) -> list[Given]:
    """Every answer that a person gave in a course, for picking a spaced set."""
    rows = db.session.execute(
        select(Answer.item_ref, Answer.correct, Answer.answered_at, Attempt.kind, Attempt.number)
        .join(Attempt, Attempt.id == Answer.attempt_id)
        .join(Attempt.assignment)
        .where(Attempt.person_id == person_id, Assignment.course_id == course_id)
    )
    return [
        Given(item, correct, at.date(), kind == SPACED or (kind != REMEDIATION and number == 1))
        for item, correct, at, kind, number in rows
    ]


def find_run(assignment_id: int, scenario_ref: str) -> ScenarioRun | None:
    """The recorded way through a scenario, if it was begun."""
    return db.session.scalar(
        select(ScenarioRun).where(ScenarioRun.assignment_id == assignment_id, ScenarioRun.scenario_ref == scenario_ref)
    )


def list_choices(run_id: int) -> Sequence[ScenarioChoice]:
    """The choices of a run in order."""
    return db.session.scalars(_CHOICES, {"run_id": run_id}).all()


def count_unlocks(assignment_id: int) -> int:
    """How many further capstone attempts conversations have opened."""
    return (
        db.session.scalar(select(func.count(AttemptUnlock.id)).where(AttemptUnlock.assignment_id == assignment_id)) or 0
    )


def capstone_standing(assignment: Assignment, content: CourseContent, attempts: Sequence[Attempt]) -> CapstoneStanding:
    """Where an assignment stands with its capstone. ``attempts`` are its capstone attempts."""
    finished = sum(attempt.finished_at is not None for attempt in attempts)
    return CapstoneStanding(
        passed=assignment.capstone_passed_at is not None,
        finished=finished,
        per_round=content.capstone.attempts,
        unlocks=count_unlocks(assignment.id) if finished >= content.capstone.attempts else 0,
        remediation=tuple(assignment.remediation),
    )


def needs_conversation(assignment: Assignment) -> bool:
    """Whether only a conversation with the training sergeant opens the next capstone attempt."""
    if assignment.closed_at is not None or assignment.capstone_passed_at is not None:
        return False
    content = current_content(assignment.course_id)
    attempts = list_attempts(assignment.id, content.capstone.module, CAPSTONE)
    return capstone_standing(assignment, content, attempts).needs_conversation


@dataclass(frozen=True, slots=True)
class WaitingConversation:
    """An open assignment whose capstone waits for the training sergeant."""

    assignment: Assignment
    person: Person
    attempts: int
    last_finished_at: datetime


def list_waiting_conversations() -> list[WaitingConversation]:
    """Whose next capstone attempt waits for a conversation, longest wait first, each with person and unit."""
    finished, last = func.count(Attempt.id), func.max(Attempt.finished_at)
    failed = (
        select(Attempt.assignment_id, finished.label("finished"), last.label("last_finished_at"))
        .where(Attempt.kind == CAPSTONE, Attempt.finished_at.is_not(None))
        .group_by(Attempt.assignment_id)
        .subquery()
    )
    unlocks = (
        select(func.count(AttemptUnlock.id))
        .where(AttemptUnlock.assignment_id == Assignment.id)
        .correlate(Assignment)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Assignment, Person, failed.c.finished, unlocks, failed.c.last_finished_at)
        .join(failed, failed.c.assignment_id == Assignment.id)
        .join(Assignment.person)
        .where(Assignment.closed_at.is_(None), Assignment.capstone_passed_at.is_(None))
        .options(contains_eager(Assignment.person), joinedload(Person.unit))
        .order_by(failed.c.last_finished_at, Assignment.id)
    )
    waiting = []
    per_round: dict[int, int] = {}
    for assignment, person, attempts, opened, last_finished_at in rows:
        if assignment.course_id not in per_round:
            per_round[assignment.course_id] = current_content(assignment.course_id).capstone.attempts
        if not attempts_left(per_round[assignment.course_id], opened, attempts):
            waiting.append(WaitingConversation(assignment, person, attempts, last_finished_at))
    return waiting
