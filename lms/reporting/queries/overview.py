"""What *Today* shows; each function is one statement, however many people there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from sqlalchemy import CompoundSelect, Select, case, func, or_, select, union_all

from lms.attestation.models import Attestation, SigningQuestion
from lms.db import db
from lms.notify.models import OutboxMessage
from lms.notify.queries import state_is
from lms.notify.rules import State as LetterState
from lms.policy.models import PolicyVersion
from lms.policy.queries import list_current_versions
from lms.policy.rules import is_review_due, review_due_on
from lms.reporting.queries.assignments import current
from lms.reporting.rules import (
    LATE,
    Counts,
    Curve,
    Cycle,
    Scope,
    UnitShare,
    draw_curve,
    start_of_day,
    tally,
    week_ends,
)
from lms.roster.models import Person, Unit
from lms.training.models import Assignment, RequirementVersion
from lms.training.queries import COMPLETED_OUTCOMES, state_expression
from lms.training.rules import State


@dataclass(frozen=True, slots=True)
class LateRow:
    """Somebody who is overdue, and by how many days."""

    person_id: int
    name: str
    unit: str
    title: str
    due_on: date
    state: State
    days_late: int


@dataclass(frozen=True, slots=True)
class FailedLetters:
    """How many letters did not go since a moment, and the newest of them: (id, address, subject, why)."""

    total: int
    newest: tuple[tuple[int, str, str, str], ...]


@dataclass(frozen=True, slots=True)
class OpenQuestions:
    """How many questions wait, how many past their date, and those due first: (name, text, answer by)."""

    total: int
    late: int
    first: tuple[tuple[str, str, date], ...]


def count_states(scope: Scope) -> Counts:
    """Current assignments by state and by unit, in one statement."""
    return tally(
        (unit_id, name, text, number) for unit_id, name, text, number in db.session.execute(_states_of_units(scope))
    )


@lru_cache(maxsize=4)
def _states_of_units(scope: Scope) -> Select[int, str, str, int]:
    state = state_expression(scope.today).label("state")
    return (
        select(Unit.id, Unit.name, state, func.count())
        .select_from(Assignment)
        .join(Person, Person.id == Assignment.person_id)
        .join(Unit, Unit.id == Person.unit_id)
        .where(current(scope))
        .group_by(Unit.id, Unit.name, state)
    )


def counts_by_state(scope: Scope) -> dict[State, int]:
    """Current assignments by state."""
    return dict(count_states(scope).by_state)


def completion_by_unit(scope: Scope) -> tuple[UnitShare, ...]:
    """How much of each unit's training is done."""
    return count_states(scope).units


def list_most_overdue(scope: Scope, limit: int = 10) -> list[LateRow]:
    """Who has been overdue longest."""
    return [
        LateRow(key, f"{given} {family}", unit, title, due_on, State(text), (scope.today - due_on).days)
        for key, given, family, unit, title, due_on, text in db.session.execute(_late(scope).limit(limit))
    ]


@lru_cache(maxsize=4)
def _late(scope: Scope) -> Select[int, str, str, str, str, date, str]:
    state = state_expression(scope.today).label("state")
    return (
        select(
            Person.id,
            Person.given_name,
            Person.family_name,
            Unit.name,
            Assignment.title,
            Assignment.due_on,
            state,
        )
        .select_from(Assignment)
        .join(Person, Person.id == Assignment.person_id)
        .join(Unit, Unit.id == Person.unit_id)
        .where(
            current(scope),
            Assignment.closed_at.is_(None),
            Assignment.due_on < scope.today,
            state.in_(sorted(LATE)),
        )
        .order_by(Assignment.due_on, Person.family_name, Person.given_name, Assignment.id)
    )


def list_failed_letters(since: datetime, limit: int = 5) -> FailedLetters:
    """Letters that should have gone since a moment and did not, or may not have."""
    rows = db.session.execute(
        select(
            func.count().over(),
            OutboxMessage.id,
            OutboxMessage.to_address,
            OutboxMessage.subject,
            OutboxMessage.outcome,
        )
        .where(state_is(LetterState.FAILED), OutboxMessage.created_at >= since)
        .order_by(OutboxMessage.created_at.desc(), OutboxMessage.id.desc())
        .limit(limit)
    ).all()
    return FailedLetters(rows[0][0] if rows else 0, tuple((row[1], row[2], row[3], row[4]) for row in rows))


def list_open_questions(today: date, limit: int = 5) -> OpenQuestions:
    """Questions from signatures that wait for an answer, the ones due first."""
    late = func.sum(case((SigningQuestion.answer_by < today, 1), else_=0)).over()
    rows = db.session.execute(
        select(func.count().over(), late, Attestation.printed_name, SigningQuestion.text, SigningQuestion.answer_by)
        .join(Attestation, Attestation.id == SigningQuestion.attestation_id)
        .where(SigningQuestion.answered_at.is_(None))
        .order_by(SigningQuestion.answer_by, SigningQuestion.id)
        .limit(limit)
    ).all()
    total, overdue = (rows[0][0], int(rows[0][1])) if rows else (0, 0)
    return OpenQuestions(total, overdue, tuple((row[2], row[3], row[4]) for row in rows))


def list_reviews_due(today: date) -> list[tuple[PolicyVersion, date]]:
    """Policies whose own review date has come, with that date; also where the worker has not flagged them yet."""
    reviews = [
        (version, review_due_on(version.revised_on, version.review_months)) for version in list_current_versions()
    ]
    return [(version, due_on) for version, due_on in reviews if is_review_due(due_on, today)]


def completion_curve(today: date, zone: str) -> Curve | None:
    """The annual requirement's completion by week, beside last year's; None while there is no such cycle.

    Only a cycle that is due on one date for everybody has such a curve; where each person's year counts from their
    own last completion there is none. Two statements.
    """
    cycles = _annual_cycles(today)
    if not cycles:
        return None
    by_week = {cycle.name: [0] * (len(week_ends(cycle)) + 1) for cycle in cycles}
    for name, week, number in db.session.execute(_completions(tuple(cycles), zone)):
        counts = by_week[name]
        counts[-1] += number
        if week is not None:
            for place in range(week, len(counts) - 1):
                counts[place] += number
    return draw_curve(cycles, by_week, today)


def _annual_cycles(today: date) -> list[Cycle]:
    """The newest annual calendar cycle that has opened, and the one a year before it.

    Such a cycle has the same dates for everybody who was here when it opened, so the assignment that was made first
    stands for it.
    """
    years = [str(year) for year in range(today.year - 2, today.year + 2)]
    annual = select(RequirementVersion.requirement_id).where(
        RequirementVersion.cadence == "annual", RequirementVersion.rule["basis"].as_string() == "calendar"
    )
    first = (
        select(func.min(Assignment.id))
        .where(Assignment.requirement_id.in_(annual), Assignment.cycle.in_(years))
        .group_by(Assignment.requirement_id, Assignment.cycle)
    )
    rows = db.session.execute(
        select(
            Assignment.requirement_id,
            Assignment.cycle,
            Assignment.title,
            Assignment.opens_on,
            Assignment.original_due_on,
        )
        .where(Assignment.id.in_(first), Assignment.opens_on <= today)
        .order_by(Assignment.original_due_on.desc(), Assignment.requirement_id)
    ).all()
    cycles = [Cycle(*row) for row in rows if row.requirement_id == rows[0].requirement_id]
    return [cycle for cycle in cycles[:2] if cycles[0].due_on - cycle.due_on < timedelta(days=400)]


@lru_cache(maxsize=4)
def _completions(cycles: tuple[Cycle, ...], zone: str) -> CompoundSelect[str, int | None, int]:
    return union_all(*(_completions_of(cycle, zone) for cycle in cycles))


def _completions_of(cycle: Cycle, zone: str) -> Select[str, int | None, int]:
    """Cycle, the week in which it was done (None while it is not, or later than the curve), and how many."""
    ends = [start_of_day(end + timedelta(days=1), zone) for end in week_ends(cycle)]
    done = Assignment.outcome.in_(COMPLETED_OUTCOMES)
    week = case(
        *((Assignment.closed_at < end, place) for place, end in enumerate(ends)),
        else_=None,
    ).label("week")
    return (
        select(Assignment.cycle, week, func.count())
        .where(
            Assignment.requirement_id == cycle.requirement_id,
            Assignment.cycle == cycle.name,
            or_(Assignment.outcome.is_(None), done),
        )
        .group_by(Assignment.cycle, week)
    )
