"""Lists of current assignments: filtered, sorted, paged, exported."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, func, or_, select

from lms.db import db
from lms.reporting.rules import REMINDABLE, STATE_WORDS, Scope, days_between, states_named
from lms.roster.models import Person, Unit
from lms.roster.queries import active_on, list_units, matches_text
from lms.training.models import Assignment
from lms.training.queries import list_current_requirements, state_expression
from lms.training.rules import CLOSED_STATES, State

_NEWER = Assignment.__table__.alias("newer")
SORTS = ("name", "unit", "training", "due", "state", "days")


@dataclass(frozen=True, slots=True)
class AssignmentFilter:
    """Which current assignments to list; what is empty or None does not narrow.

    ``state`` is a state or a group of ``rules.GROUPS``.
    """

    state: str = ""
    unit_id: int | None = None
    requirement_id: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """One line of a list. Of ``days_late`` and ``days_left`` at most one is set; neither for a closed one."""

    assignment_id: int
    person_id: int
    name: str
    badge: str
    rank: str
    unit: str
    title: str
    cycle: str
    opens_on: date
    due_on: date
    original_due_on: date
    state: State
    closed_at: datetime | None
    days_late: int | None
    days_left: int | None
    satisfied: bool
    """Whether another completion of the same course met it."""

    @property
    def may_remind(self) -> bool:
        """Whether a reminder would reach somebody who can act on it."""
        return self.state in REMINDABLE


@lru_cache(maxsize=4)
def current(scope: Scope) -> ColumnElement[bool]:
    """SQL condition on Assignment joined with Person: what every report counts (see the feature's docstring).

    Kept by day, like the statements made of it: putting them together costs as much as running them.
    """
    newer = _NEWER.c
    followed = exists().where(
        newer.person_id == Assignment.person_id,
        newer.requirement_id == Assignment.requirement_id,
        newer.opens_on > Assignment.opens_on,
        newer.opens_on <= scope.today,
    )
    recent = and_(Assignment.closed_at >= scope.since, ~followed)
    return and_(active_on(scope.today), or_(Assignment.closed_at.is_(None), recent))


def list_assignments(
    wanted: AssignmentFilter, scope: Scope, *, sort: str, descending: bool, limit: int, offset: int
) -> tuple[list[AssignmentRow], int]:
    """One page of the list, and how long the list is in all, in one statement.

    ``sort`` is one of SORTS; ties go by name. Past the end there are no rows, and the length is 0.
    """
    found = _ordered(_found(wanted, scope), sort, descending).add_columns(func.count().over().label("total"))
    rows = db.session.execute(found.limit(limit).offset(offset)).all()
    return [_row(row, scope.today) for row in rows], rows[0].total if rows else 0


def count_assignments(wanted: AssignmentFilter, scope: Scope) -> int:
    """How many the filter finds."""
    return db.session.scalar(select(func.count()).select_from(_found(wanted, scope).subquery())) or 0


def iter_export(wanted: AssignmentFilter, scope: Scope, *, sort: str, descending: bool) -> Iterator[AssignmentRow]:
    """Everything that the filter finds, in flat memory."""
    found = _ordered(_found(wanted, scope), sort, descending)
    for row in db.session.execute(found.execution_options(yield_per=500)):
        yield _row(row, scope.today)


def list_unit_names() -> list[tuple[int, str]]:
    """Id and name of every unit, for the filter."""
    return [(unit.id, unit.name) for unit in list_units()]


def list_requirement_titles() -> list[tuple[int, str]]:
    """Id and title of every active requirement, for the filter."""
    return [(version.requirement_id, version.title) for version in list_current_requirements()]


@lru_cache(maxsize=4)
def _all(scope: Scope) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Assignment.id.label("assignment_id"),
            Assignment.person_id,
            Person.family_name,
            Person.given_name,
            Person.badge,
            Person.rank,
            Unit.name.label("unit"),
            Assignment.title,
            Assignment.cycle,
            Assignment.opens_on,
            Assignment.due_on,
            Assignment.original_due_on,
            Assignment.closed_at,
            Assignment.satisfied_by_id,
            state_expression(scope.today).label("state"),
        )
        .join(Person, Person.id == Assignment.person_id)
        .join(Unit, Unit.id == Person.unit_id)
        .where(current(scope))
    )


def _found(wanted: AssignmentFilter, scope: Scope) -> Select[*tuple[Any, ...]]:
    found = _all(scope)
    states = states_named(wanted.state)
    if states:
        found = found.where(found.selected_columns.state.in_(sorted(states)))
    if wanted.unit_id is not None:
        found = found.where(Person.unit_id == wanted.unit_id)
    if wanted.requirement_id is not None:
        found = found.where(Assignment.requirement_id == wanted.requirement_id)
    if wanted.text.strip():
        found = found.where(matches_text(wanted.text))
    return found


def _ordered(found: Select[*tuple[Any, ...]], sort: str, descending: bool) -> Select[*tuple[Any, ...]]:
    rows = found.subquery()
    urgency = case({state.value: place for place, state in enumerate(STATE_WORDS)}, value=rows.c.state)
    by: dict[str, Sequence[ColumnElement[Any]]] = {
        "name": (rows.c.family_name, rows.c.given_name),
        "unit": (rows.c.unit,),
        "training": (rows.c.title,),
        "due": (rows.c.due_on,),
        "state": (urgency,),
        "days": (rows.c.due_on,),
    }
    order: list[ColumnElement[Any]] = [column.desc() if descending else column.asc() for column in by[sort]]
    if sort == "days":
        order.insert(0, rows.c.closed_at.is_not(None))
    return select(rows).order_by(*order, rows.c.family_name, rows.c.given_name, rows.c.assignment_id)


def _row(row: Row[*tuple[Any, ...]], today: date) -> AssignmentRow:
    state = State(row.state)
    late, left = (None, None) if state in CLOSED_STATES else days_between(row.due_on, today)
    return AssignmentRow(
        assignment_id=row.assignment_id,
        person_id=row.person_id,
        name=f"{row.family_name}, {row.given_name}",
        badge=row.badge,
        rank=row.rank,
        unit=row.unit,
        title=row.title,
        cycle=row.cycle,
        opens_on=row.opens_on,
        due_on=row.due_on,
        original_due_on=row.original_due_on,
        state=state,
        closed_at=row.closed_at,
        days_late=late,
        days_left=left,
        satisfied=row.satisfied_by_id is not None,
    )
