"""Cycles are opened, days away are given back, and what belongs to people who left is closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache

from sqlalchemy import select

from lms import clock
from lms.db import db
from lms.roster.models import Leave, Person
from lms.roster.rules import is_separated
from lms.schedule import queries, rules
from lms.schedule.queries import Scheduled
from lms.schedule.rules import CyclePlan, Past
from lms.training import actions as training
from lms.training.actions import NewAssignment
from lms.training.models import Assignment
from lms.training.overlap import course_texts, finished_of
from lms.training.rules import Candidate, CourseTexts, Dates, satisfies

BATCH = 200
Texts = Callable[[int], CourseTexts]
"""The policy texts of a course by its id: read when a completion is at hand, and once for each batch."""
GIVEN_BACK = "Days away are given back."
"""The reason on the record; the kind of leave is for HR alone."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one batch did. ``last_id`` is where the next begins; None after the last."""

    made: int
    last_id: int | None


def open_cycles_after(person_id: int, now: datetime, zone: str) -> Batch:
    """Makes every assignment that the next people (by id) should have and have not; four statements a batch.

    Idempotent: a second run, or another worker at the same time, makes nothing twice. Cycles that went by while
    nobody ran this are made with the dates that they would have had.
    """
    today = clock.local_date(now, zone)
    people = queries.list_people_after(person_id, today, BATCH)
    if not people:
        return Batch(0, None)
    scheduled = queries.list_scheduled()
    assignments = queries.assignments_by_person(people)
    texts = cache(course_texts)
    wanted = [
        new
        for person in people
        for item in scheduled
        if item.rule.audience.includes(rank=person.rank, unit_id=person.unit_id, flags=person.flags)
        for new in _missing(person, assignments.get(person.id, []), item, texts, today, zone=zone)
    ]
    made = training.make_assignments(wanted)
    return Batch(made, people[-1].id if len(people) == BATCH else None)


def open_cycles(now: datetime, zone: str) -> int:
    """Every batch in the caller's own transaction; for seeding and tests. Says how many were made."""
    made, last_id = 0, 0
    while True:
        batch = open_cycles_after(last_id, now, zone)
        made += batch.made
        if batch.last_id is None:
            return made
        last_id = batch.last_id


def _missing(
    person: Person, assignments: Sequence[Assignment], item: Scheduled, texts: Texts, today: date, *, zone: str
) -> Iterator[NewAssignment]:
    """The assignments of one requirement that one person lacks, oldest first."""
    facts = queries.facts_of(person, assignments, item, zone)
    completions = queries.completions_of(assignments, item)
    while (plan := rules.next_cycle(item.rule, facts, today)) is not None:
        done = _completion_for(plan, completions, item.version.path, texts, zone)
        yield NewAssignment(
            person_id=person.id,
            version=item.version,
            requirement=item.requirement,
            cycle=plan.cycle,
            dates=Dates(plan.opens_on, plan.due_on, plan.grace_until, plan.valid_through, plan.counts_from_on),
            why=plan.why,
            satisfied_by=done,
        )
        made = Past(plan.cycle, plan.opens_on, plan.due_on, plan.due_on)
        if done is not None and done.closed_at is not None:
            made = replace(made, outcome="satisfied", done_on=clock.local_date(done.closed_at, zone))
        facts = replace(facts, history=(*facts.history, made))


def _completion_for(
    plan: CyclePlan, completions: Sequence[Assignment], path: str, texts: Texts, zone: str
) -> Assignment | None:
    """The first completion that counts for the plan already."""
    for row in sorted(completions, key=lambda row: row.closed_at or row.made_at):
        if row.closed_at is None:
            continue
        done = finished_of(row, clock.local_date(row.closed_at, zone), texts(row.course_id), row.closed_at)
        if satisfies(done, Candidate(0, row.person_id, row.course_id, path, plan.counts_from_on)):
            return row
    return None


def give_back_leave(leave_id: int, now: datetime) -> int:
    """Moves the due dates of one ended leave's person by the days away; says how many assignments moved.

    The leave is marked in the same transaction, so that its days are given back once. The assignments are locked
    as they are read: one that somebody closes or moves meanwhile is read as it is then, and cannot stop the rest.
    """
    leave = db.session.scalar(
        select(Leave)
        .where(Leave.id == leave_id, Leave.applied_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if leave is None or leave.ends_on is None:
        return 0
    leave.applied_at = now
    moved = 0
    for row in db.session.scalars(
        select(Assignment)
        .where(Assignment.person_id == leave.person_id, Assignment.closed_at.is_(None))
        .order_by(Assignment.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all():
        until = rules.give_back(row.due_on, leave.starts_on, leave.ends_on, row.opens_on)
        if until > row.due_on:
            training.extend_assignment(row, until, GIVEN_BACK, None, kind="leave")
            moved += 1
    db.session.flush()
    return moved


def close_separated(now: datetime, zone: str) -> int:
    """Closes what is open for the next people who left; says how many assignments. Zero: nobody is left."""
    today = clock.local_date(now, zone)
    closed = 0
    for person in queries.list_separated_with_work(today, BATCH):
        back = not is_separated(person.separated_on, person.rehired_on, today)
        closed += training.close_separated(person.id, now, opened_by=person.separated_on if back else None)
    return closed
