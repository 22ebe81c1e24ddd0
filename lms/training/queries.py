"""Reads of training: assignments with their states, and how far somebody has come."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, bindparam, case, exists, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from lms.catalog.models import CourseVersion
from lms.catalog.queries import load_content
from lms.catalog.rules import CourseContent
from lms.db import db
from lms.errors import Conflict, NotFound
from lms.roster.models import Leave, Person
from lms.roster.queries import away_on, has_left, is_on_leave
from lms.roster.rules import is_separated
from lms.training import rules
from lms.training.models import Assignment, Requirement, RequirementVersion, SpacedSet, StepProgress
from lms.training.rules import AssignmentDates, Progress, State

# Statements that every step of a training asks are built once: building one costs more than running it.
_OWN_ASSIGNMENT = (
    select(Assignment)
    .where(Assignment.id == bindparam("assignment_id"), Assignment.person_id == bindparam("person_id"))
    .options(joinedload(Assignment.person), joinedload(Assignment.requirement_version))
)
_STEPS_OF = select(StepProgress).where(StepProgress.assignment_id.in_(bindparam("assignment_ids", expanding=True)))
COMPLETED_OUTCOMES = ("completed", "declined", "satisfied")
"""Outcomes after which the training itself was gone through."""


def dates_of(assignment: Assignment) -> AssignmentDates:
    """What the rules need to know of an assignment's row."""
    return AssignmentDates(
        opens_on=assignment.opens_on,
        due_on=assignment.due_on,
        grace_until=assignment.grace_until,
        outcome=assignment.outcome,
        awaiting_witnesses=assignment.awaiting_witnesses,
    )


def get_assignment(assignment_id: int) -> Assignment:
    """One assignment with its person and requirement version, for those who manage it. Raises NotFound."""
    assignment = db.session.scalar(
        select(Assignment)
        .where(Assignment.id == assignment_id)
        .options(joinedload(Assignment.person).joinedload(Person.unit), joinedload(Assignment.requirement_version))
    )
    if assignment is None:
        raise NotFound("There is no such assignment.")
    return assignment


def list_assignments(ids: Collection[int]) -> Sequence[Assignment]:
    """Assignments by id with their people, for those who manage them, by name; an unknown id is left out."""
    return db.session.scalars(
        select(Assignment)
        .where(Assignment.id.in_(ids))
        .join(Assignment.person)
        .options(contains_eager(Assignment.person))
        .order_by(Person.family_name, Person.given_name, Assignment.id)
    ).all()


def get_assignment_for(person_id: int, assignment_id: int) -> Assignment:
    """A person's own assignment. Raises NotFound, also for somebody else's."""
    assignment = db.session.scalar(_OWN_ASSIGNMENT, {"assignment_id": assignment_id, "person_id": person_id})
    if assignment is None:
        raise NotFound("There is no such training for you. Go to My training to see what is.")
    return assignment


def why_not_workable(assignment: Assignment, today: date) -> str | None:
    """Why nothing can be done in an assignment today, in a sentence; None where it can."""
    return rules.why_not_workable(dates_of(assignment), assignment.counts_from_on, today)


def state_today(assignment: Assignment, today: date) -> State:
    """The state of one assignment whose person is loaded; one query more, for leave."""
    person = assignment.person
    gone = is_separated(person.separated_on, person.rehired_on, today)
    return rules.state_of(dates_of(assignment), today, is_on_leave(person.id, today), gone)


def get_workable_assignment(person_id: int, assignment_id: int, today: date) -> Assignment:
    """A person's own assignment in which work can be done today.

    Raises NotFound, and Conflict that says why not.
    """
    assignment = get_assignment_for(person_id, assignment_id)
    reason = why_not_workable(assignment, today)
    if reason is not None:
        raise Conflict(reason)
    return assignment


def list_assignments_of(person_id: int) -> Sequence[Assignment]:
    """All assignments of a person with requirement versions and what satisfied them, soonest due first."""
    return db.session.scalars(
        select(Assignment)
        .where(Assignment.person_id == person_id)
        .options(joinedload(Assignment.requirement_version), joinedload(Assignment.satisfied_by))
        .order_by(Assignment.due_on, Assignment.id)
    ).all()


def open_assignments_of(person_id: int) -> Sequence[Assignment]:
    """The assignments of a person that have no outcome yet, soonest due first."""
    return db.session.scalars(
        select(Assignment)
        .where(Assignment.person_id == person_id, Assignment.closed_at.is_(None))
        .options(joinedload(Assignment.requirement_version))
        .order_by(Assignment.due_on, Assignment.id)
    ).all()


def list_steps(assignment_id: int) -> dict[tuple[str, str], StepProgress]:
    """The steps that were opened in an assignment, by (module ref, step key)."""
    return steps_of([assignment_id]).get(assignment_id, {})


def steps_of(assignment_ids: Collection[int]) -> dict[int, dict[tuple[str, str], StepProgress]]:
    """The same for several assignments, by assignment id, in one query."""
    found: dict[int, dict[tuple[str, str], StepProgress]] = {}
    for step in db.session.scalars(_STEPS_OF, {"assignment_ids": list(assignment_ids)}):
        found.setdefault(step.assignment_id, {})[step.module_ref, step.step] = step
    return found


def progress_of(assignment: Assignment, steps: dict[tuple[str, str], StepProgress] | None = None) -> Progress:
    """How far an assignment has come, for the rules; one query where the steps are not given."""
    if steps is None:
        steps = list_steps(assignment.id)
    return Progress(
        opened=frozenset(steps),
        done=frozenset(key for key, step in steps.items() if step.done_at is not None),
        capstone_passed=assignment.capstone_passed_at is not None,
        remediation=tuple(assignment.remediation),
        finished=assignment.outcome is not None or assignment.awaiting_witnesses,
    )


def why_locked(assignment: Assignment, content: CourseContent, module_ref: str, key: str = "") -> str | None:
    """Why a module or a step of it is not open to this person yet; None where it is.

    Raises NotFound for a module or step that the course does not have.
    """
    try:
        return rules.why_locked(assignment.path, content, progress_of(assignment), module_ref, key)
    except KeyError as error:
        raise NotFound("The course has no such part. Go back to the training and choose from its list.") from error


def why_not_signable(assignment: Assignment, content: CourseContent) -> str | None:
    """What must be done before the signature, in a sentence; None where the person may sign."""
    return rules.why_not_signable(assignment.path, content, progress_of(assignment))


def find_open_set(person_id: int, today: date) -> SpacedSet | None:
    """The spaced set that is offered to a person today, if one is."""
    return db.session.scalar(
        select(SpacedSet)
        .where(
            SpacedSet.person_id == person_id,
            SpacedSet.closes_on >= today,
            SpacedSet.opens_on <= today,
            SpacedSet.finished_at.is_(None),
        )
        .order_by(SpacedSet.opens_on.desc(), SpacedSet.id.desc())
        .limit(1)
    )


def get_spaced_set(person_id: int, set_id: int) -> SpacedSet:
    """One's own spaced set. Raises NotFound for anybody else's."""
    row = db.session.get(SpacedSet, set_id)
    if row is None or row.person_id != person_id:
        raise NotFound("There are no such questions for you. Go to My training to see what is.")
    return row


def find_spaced_set(assignment_id: int, number: int) -> SpacedSet:
    """The set of this number after a completion; there is exactly one where it was begun."""
    return db.session.scalars(
        select(SpacedSet).where(SpacedSet.assignment_id == assignment_id, SpacedSet.number == number)
    ).one()


def find_latest_completion(person_id: int, course_id: int) -> Assignment | None:
    """The assignment with which a person last went through a course, signed or not."""
    return db.session.scalar(
        select(Assignment)
        .where(
            Assignment.person_id == person_id,
            Assignment.course_id == course_id,
            Assignment.outcome.in_(("completed", "declined")),
            Assignment.satisfied_by_id.is_(None),
        )
        .order_by(Assignment.closed_at.desc(), Assignment.id.desc())
        .limit(1)
    )


def state_expression(today: date) -> ColumnElement[str]:
    """SQL for the state of an ``Assignment`` row on ``today``: the same decision as ``rules.state_of``."""
    separated = exists().where(Person.id == Assignment.person_id, has_left(today)).correlate(Assignment)
    on_leave = exists().where(Leave.person_id == Assignment.person_id, away_on(today)).correlate(Assignment)
    soon = date.fromordinal(today.toordinal() + rules.DUE_SOON_DAYS)
    return case(
        (Assignment.outcome.in_(("completed", "satisfied")), State.COMPLETED.value),
        (Assignment.outcome == "declined", State.DECLINED.value),
        (Assignment.outcome == "waived", State.WAIVED.value),
        (or_(Assignment.outcome == "separated", separated), State.SEPARATED.value),
        (Assignment.awaiting_witnesses.is_(True), State.AWAITING_WITNESSES.value),
        (on_leave, State.ON_LEAVE.value),
        (Assignment.grace_until < today, State.DELINQUENT.value),
        (Assignment.due_on < today, State.OVERDUE.value),
        (Assignment.opens_on > today, State.NOT_YET_OPEN.value),
        (Assignment.due_on <= soon, State.DUE_SOON.value),
        else_=State.OPEN.value,
    )


_LATER = aliased(CourseVersion)
_NEWEST_VERSIONS = select(CourseVersion.course_id, CourseVersion.id).where(
    CourseVersion.course_id.in_(bindparam("course_ids", expanding=True)),
    ~exists().where(_LATER.course_id == CourseVersion.course_id, _LATER.number > CourseVersion.number),
)


def current_contents(course_ids: Collection[int]) -> dict[int, CourseContent]:
    """The newest content of each course; one query for all of them once they are known to the process."""
    rows = db.session.execute(_NEWEST_VERSIONS, {"course_ids": list(course_ids)})
    return {course_id: load_content(version_id) for course_id, version_id in rows}


def find_requirement(slug: str) -> Requirement | None:
    """The requirement of this name."""
    return db.session.scalar(select(Requirement).where(Requirement.slug == slug))


def list_current_requirements() -> list[RequirementVersion]:
    """The newest version of every active requirement, with the requirement, by slug."""
    newest = (
        select(RequirementVersion.requirement_id, func.max(RequirementVersion.number).label("number"))
        .group_by(RequirementVersion.requirement_id)
        .subquery()
    )
    return list(
        db.session.scalars(
            select(RequirementVersion)
            .join(
                newest,
                and_(
                    newest.c.requirement_id == RequirementVersion.requirement_id,
                    newest.c.number == RequirementVersion.number,
                ),
            )
            .join(RequirementVersion.requirement)
            .where(Requirement.active.is_(True))
            .options(joinedload(RequirementVersion.requirement))
            .order_by(Requirement.slug)
        )
    )
