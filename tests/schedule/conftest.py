"""A published course, the default requirements as of 1 January 2026, and a way to run the schedule on any day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from lms import clock
from lms.db import db
from lms.roster.models import Person
from lms.schedule import actions
from lms.training import actions as training
from lms.training.models import Assignment
from tests.factories.people import make_person
from tests.factories.training import note_capstone, published_course

ZONE = "America/New_York"


def noon(year: int, month: int, day: int) -> datetime:
    """Twelve o'clock, local time."""
    return datetime(year, month, day, 12, tzinfo=ZoneInfo(ZONE))


@pytest.fixture
def defaults(app: Flask) -> None:
    """The three default requirements, set on 1 January 2026."""
    with clock.at(noon(2026, 1, 1)):
        published_course()
        actions.set_default_requirements()
        db.session.commit()


@pytest.fixture
def joined(defaults: None) -> Callable[..., Person]:
    """Adds somebody on a day, hired that day unless said otherwise."""

    def join(on: date, **given: Any) -> Person:
        with clock.at(noon(on.year, on.month, on.day)):
            return make_person(**{"hired_on": on, **given})

    return join


def cycles_of(person: Person) -> list[str]:
    """Cycle, due date and outcome of each of a person's assignments, in the order of being made."""
    rows = db.session.scalars(select(Assignment).where(Assignment.person_id == person.id).order_by(Assignment.id))
    return [f"{row.cycle} due {row.due_on} {row.outcome or 'open'}" for row in rows]


def complete(person: Person, cycle: str, moment: datetime, outcome: str = "completed") -> None:
    """Ends one assignment as if its signature had been given."""
    row = db.session.scalars(
        select(Assignment).where(Assignment.person_id == person.id, Assignment.cycle == cycle)
    ).one()
    with clock.at(moment):
        if row.capstone_summary is None:
            note_capstone(row)
        training.complete_assignment(row, outcome, moment)
        db.session.commit()
