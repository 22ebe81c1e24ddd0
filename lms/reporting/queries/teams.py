"""A supervisor's own people: who has what to do, and by when. Nothing else about them is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, and_, select

from lms.db import db
from lms.reporting.queries.assignments import current
from lms.reporting.rules import Scope, days_between
from lms.roster.models import Person, Unit
from lms.roster.queries import active_on
from lms.training.models import Assignment
from lms.training.queries import state_expression
from lms.training.rules import CLOSED_STATES, State


@dataclass(frozen=True, slots=True)
class TeamRow:
    """One current assignment of one of the supervisor's people; without any where there is none."""

    person_id: int
    name: str
    rank: str
    unit: str
    title: str | None
    due_on: date | None
    state: State | None
    days_late: int | None
    days_left: int | None


def list_team(supervisor_id: int, scope: Scope) -> list[TeamRow]:
    """The people below a supervisor in the chain of command, at any depth, with their current assignments.

    One statement. A circle in the chain does not matter: everybody is found once, the supervisor never.
    """
    chain = select(Person.id).where(Person.supervisor_id == supervisor_id).cte("chain", recursive=True)
    chain = chain.union(select(Person.id).join(chain, Person.supervisor_id == chain.c.id))
    state = state_expression(scope.today).label("state")
    rows = db.session.execute(
        select(
            Person.id,
            Person.given_name,
            Person.family_name,
            Person.rank,
            Unit.name,
            Assignment.title,
            Assignment.due_on,
            state,
        )
        .select_from(Person)
        .join(chain, chain.c.id == Person.id)
        .join(Unit, Unit.id == Person.unit_id)
        .outerjoin(Assignment, and_(Assignment.person_id == Person.id, current(scope)))
        .where(active_on(scope.today), Person.id != supervisor_id)
        .order_by(Person.family_name, Person.given_name, Person.id, Assignment.due_on, Assignment.id)
    )
    return [_row(row, scope.today) for row in rows]


def _row(row: Row[*tuple[Any, ...]], today: date) -> TeamRow:
    key, given, family, rank, unit, title, due_on, text = row
    name = f"{family}, {given}"
    if due_on is None:
        return TeamRow(key, name, rank, unit, None, None, None, None, None)
    state = State(text)
    late, left = (None, None) if state in CLOSED_STATES else days_between(due_on, today)
    return TeamRow(key, name, rank, unit, title, due_on, state, late, left)
