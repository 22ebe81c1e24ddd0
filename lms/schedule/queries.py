"""What the schedule reads: people in batches with all that their cycles follow from, and who may still be told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from lms import clock
from lms.db import db
from lms.notify.models import OutboxMessage
from lms.roster.models import Leave, Person
from lms.roster.permissions import SERGEANT
from lms.roster.queries import active_on, away_on, find_person, has_left, is_on_leave, roles_of
from lms.roster.rules import is_separated
from lms.schedule import rules
from lms.schedule.rules import Completion, Past, PersonFacts, Rule
from lms.schedule.rules.stages import REMINDER_STAGE, SUPERVISOR_STAGE
from lms.training.models import Assignment, Requirement, RequirementVersion, SpacedSet
from lms.training.queries import list_current_requirements
from lms.training.rules import covers

ASSIGNMENT_TOPIC = "assignment"
DIGEST_TOPIC = "digest"


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A requirement as it stands now, with its rule read."""

    requirement: Requirement
    version: RequirementVersion
    rule: Rule


def list_scheduled() -> list[Scheduled]:
    """Every active requirement. Raises RuleError where a stored rule cannot be read."""
    return [
        Scheduled(version.requirement, version, rules.parse_rule(version.rule))
        for version in list_current_requirements()
    ]


def list_people_after(person_id: int, today: date, limit: int) -> Sequence[Person]:
    """The next active people by id, with a small number of columns' worth of relationships: none."""
    return db.session.scalars(
        select(Person).where(Person.id > person_id, active_on(today)).order_by(Person.id).limit(limit)
    ).all()


def assignments_by_person(people: Sequence[Person]) -> dict[int, list[Assignment]]:
    """All assignments of these people with their requirement versions, in one statement."""
    found: dict[int, list[Assignment]] = defaultdict(list)
    rows = db.session.scalars(
        select(Assignment)
        .where(Assignment.person_id.in_([person.id for person in people]))
        .options(joinedload(Assignment.requirement_version))
        .order_by(Assignment.id)
    )
    for row in rows:
        found[row.person_id].append(row)
    return found


def facts_of(person: Person, assignments: Sequence[Assignment], item: Scheduled, zone: str) -> PersonFacts:
    """What one person's cycles of one requirement follow from. No query."""
    return PersonFacts(
        service_began_on=person.service_began_on,
        known_since=clock.local_date(person.created_at, zone),
        rehired=person.rehired_on is not None,
        history=tuple(_past(row, zone) for row in assignments if row.requirement_id == item.requirement.id),
        completions=tuple(
            Completion(clock.local_date(row.closed_at, zone), row.path, row.requirement_version.cadence)
            for row in completions_of(assignments, item)
            if row.closed_at is not None
        ),
    )


def completions_of(assignments: Sequence[Assignment], item: Scheduled) -> list[Assignment]:
    """The assignments with which the requirement's course was gone through at least as far as it asks."""
    return [
        row
        for row in assignments
        if row.course_id == item.requirement.course_id
        and row.outcome in ("completed", "declined")
        and row.satisfied_by_id is None
        and covers(row.path, item.version.path)
    ]


def _past(row: Assignment, zone: str) -> Past:
    done = row.closed_at if row.outcome in ("completed", "declined", "satisfied") else None
    return Past(
        cycle=row.cycle,
        opens_on=row.opens_on,
        original_due_on=row.original_due_on,
        due_on=row.due_on,
        outcome=row.outcome,
        done_on=None if done is None else clock.local_date(done, zone),
    )


def list_completions_after(assignment_id: int, today: date, days: int, limit: int) -> Sequence[Assignment]:
    """The next completions by id that are at most so many days old, of people at work; the last of each course.

    Each with its person. What a waiver or another training closed is none.
    """
    since = datetime.combine(today, time(), UTC) - timedelta(days=days + 2)
    later = aliased(Assignment)
    gone_through = ("completed", "declined")
    return db.session.scalars(
        select(Assignment)
        .join(Assignment.person)
        .where(
            Assignment.id > assignment_id,
            Assignment.outcome.in_(gone_through),
            Assignment.satisfied_by_id.is_(None),
            Assignment.closed_at >= since,
            active_on(today),
            ~select(Leave.id).where(Leave.person_id == Assignment.person_id, away_on(today)).exists(),
            ~select(later.id)
            .where(
                later.person_id == Assignment.person_id,
                later.course_id == Assignment.course_id,
                later.outcome.in_(gone_through),
                later.satisfied_by_id.is_(None),
                or_(
                    later.closed_at > Assignment.closed_at,
                    and_(later.closed_at == Assignment.closed_at, later.id > Assignment.id),
                ),
            )
            .exists(),
        )
        .options(contains_eager(Assignment.person))
        .order_by(Assignment.id)
        .limit(limit)
    ).all()


def list_set_numbers(assignment_ids: Sequence[int]) -> dict[int, set[int]]:
    """Which sets were offered already after each of these completions."""
    found: dict[int, set[int]] = defaultdict(set)
    rows = select(SpacedSet.assignment_id, SpacedSet.number).where(SpacedSet.assignment_id.in_(assignment_ids))
    for assignment_id, number in db.session.execute(rows):
        found[assignment_id].add(number)
    return found


def starts_sets(completion: Assignment, item: Scheduled) -> bool:
    """Whether sets of this requirement follow a completion. Its person is loaded."""
    person = completion.person
    return (
        completion.course_id == item.requirement.course_id
        and covers(completion.path, item.version.path)
        and item.rule.audience.includes(rank=person.rank, unit_id=person.unit_id, flags=person.flags)
    )


def list_noticed_after(assignment_id: int, today: date, limit: int) -> Sequence[Assignment]:
    """The next open assignments by id whose people are to be told of dates: at work, and not waiting for others."""
    return db.session.scalars(
        select(Assignment)
        .join(Assignment.person)
        .where(
            Assignment.id > assignment_id,
            Assignment.closed_at.is_(None),
            Assignment.awaiting_witnesses.is_(False),
            Assignment.opens_on <= today,
            active_on(today),
            ~select(Leave.id).where(Leave.person_id == Assignment.person_id, away_on(today)).exists(),
        )
        .options(
            contains_eager(Assignment.person).options(joinedload(Person.unit), joinedload(Person.supervisor)),
            joinedload(Assignment.requirement_version),
        )
        .order_by(Assignment.id)
        .limit(limit)
    ).all()


def list_used_keys(keys: Sequence[str]) -> set[str]:
    """Which of these notices are in the outbox already."""
    return set(db.session.scalars(select(OutboxMessage.dedupe_key).where(OutboxMessage.dedupe_key.in_(keys))))


def list_ended_leaves(today: date, limit: int) -> Sequence[int]:
    """Leaves that are over and whose days were not given back yet, oldest first."""
    return db.session.scalars(
        select(Leave.id)
        .where(Leave.applied_at.is_(None), Leave.ends_on < today)
        .order_by(Leave.starts_on, Leave.id)
        .limit(limit)
    ).all()


def list_separated_with_work(today: date, limit: int) -> Sequence[Person]:
    """People who left and still have assignments open that opened while they were here."""
    return db.session.scalars(
        select(Person)
        .where(
            Person.separated_on < today,
            select(Assignment.id)
            .where(
                Assignment.person_id == Person.id,
                Assignment.closed_at.is_(None),
                or_(has_left(today), Assignment.opens_on <= Person.separated_on),
            )
            .exists(),
        )
        .order_by(Person.id)
        .limit(limit)
    ).all()


def is_meant(assignment: Assignment) -> bool:
    """Whether the person is still in the audience of the rule that made the assignment. Both are loaded."""
    person = assignment.person
    audience = rules.parse_audience(assignment.requirement_version.rule.get("audience", {}))
    return audience.includes(rank=person.rank, unit_id=person.unit_id, flags=person.flags)


def why_not_send(message: OutboxMessage, today: date) -> str | None:
    """Why a letter of the schedule must not go out any more, asked at the moment of sending; None to send it.

    Nobody who completed, left, went on leave or left the audience is written to, nor is an old date told.
    """
    recipient = None if message.person_id is None else find_person(message.person_id)
    if recipient is None:
        return "The person is not on the roster."
    if is_separated(recipient.separated_on, recipient.rehired_on, today):
        return "The person no longer works here."
    if is_on_leave(recipient.id, today):
        return "The person is on leave."
    if message.topic == DIGEST_TOPIC:
        return None if SERGEANT in roles_of(recipient.id) else "The person is no longer training sergeant."
    if message.topic_id is None:
        return "The letter names no assignment."
    return _why_not_about(message, recipient, today)


def _why_not_about(message: OutboxMessage, recipient: Person, today: date) -> str | None:
    assignment = db.session.scalar(
        select(Assignment)
        .where(Assignment.id == message.topic_id)
        .options(
            joinedload(Assignment.person),
            joinedload(Assignment.requirement_version),
        )
        .execution_options(populate_existing=True)
    )
    if assignment is None:
        return "The assignment does not exist."
    if assignment.closed_at is not None or assignment.awaiting_witnesses:
        return "Nothing is left to do in this training."
    person = assignment.person
    if is_separated(person.separated_on, person.rehired_on, today):
        return "The person no longer works here."
    if person.id != recipient.id and (person.supervisor_id != recipient.id or is_on_leave(person.id, today)):
        return "The person is on leave, or has another supervisor now."
    if not is_meant(assignment):
        return "The training is no longer meant for this person."
    return _why_not_stage(message, assignment, today)


def _why_not_stage(message: OutboxMessage, assignment: Assignment, today: date) -> str | None:
    if message.stage == REMINDER_STAGE:
        return None
    stage = rules.stage_of(assignment.opens_on, assignment.due_on, today)
    told = rules.Stage.OVERDUE if message.stage == SUPERVISOR_STAGE else message.stage
    key = rules.dedupe_key(assignment.id, message.stage, assignment.due_on, assignment.original_due_on)
    if stage != told or key != message.dedupe_key:
        return "The dates have moved on; another notice fits now."
    return None
