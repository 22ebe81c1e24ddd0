"""A small department with one assignment in every state."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from lms import clock
from lms.catalog.queries import get_course
from lms.db import db
from lms.roster import actions as roster
from lms.roster.models import Person
from lms.training import actions as training
from lms.training.models import Assignment, Requirement, RequirementVersion
from lms.training.rules import Dates
from tests.factories.people import make_person, make_unit

NOW = datetime(2026, 11, 22, 17, tzinfo=UTC)
TODAY = date(2026, 11, 22)
ZONE = "America/New_York"


def annual() -> RequirementVersion:
    """The yearly requirement, due on one date for everybody."""
    requirement = Requirement(slug="annual", course_id=get_course("sop-110").id, active=True)
    db.session.add(requirement)
    db.session.flush()
    rule = {"basis": "calendar", "due": "12-31", "window_days": 90, "grace_days": 30}
    return training.add_requirement_version(
        requirement, title="Yearly test-out", cadence="annual", path="test_out", rule=rule, by=None
    )


def assign(person: Person, version: RequirementVersion, cycle: str, opens_on: date, due_on: date) -> Assignment:
    """An assignment with thirty days of grace."""
    dates = Dates(opens_on, due_on, due_on + timedelta(days=30), due_on)
    return training.make_assignment(person.id, version, cycle, dates, "Due once a year.")


def close(assignment: Assignment, outcome: str, at: datetime) -> None:
    """Ends an assignment without the training: reporting reads how it ended and nothing else."""
    assignment.outcome, assignment.closed_at = outcome, at
    db.session.flush()


def department(version: RequirementVersion) -> dict[str, Assignment]:
    """One person in each state on TODAY, by the state's name, half of them in each of two units."""
    units = [make_unit("Patrol"), make_unit("Detectives")]
    dates: dict[str, tuple[date, date]] = {
        "open": (date(2026, 11, 1), date(2027, 1, 31)),
        "due_soon": (date(2026, 10, 2), date(2026, 12, 10)),
        "overdue": (date(2026, 8, 1), date(2026, 11, 12)),
        "delinquent": (date(2026, 6, 1), date(2026, 9, 1)),
        "not_yet_open": (date(2026, 12, 1), date(2027, 3, 1)),
        "on_leave": (date(2026, 8, 1), date(2026, 11, 12)),
        "awaiting_witnesses": (date(2026, 10, 2), date(2026, 12, 31)),
        "completed": (date(2026, 10, 2), date(2026, 12, 31)),
        "declined": (date(2026, 10, 2), date(2026, 12, 31)),
        "waived": (date(2026, 10, 2), date(2026, 12, 31)),
    }
    made: dict[str, Assignment] = {}
    for place, (state, (opens_on, due_on)) in enumerate(dates.items()):
        person = make_person(given_name=state.title(), family_name=f"Person{place}", unit=units[place % 2])
        made[state] = assign(person, version, "2026", opens_on, due_on)
        if state in {"completed", "declined", "waived"}:
            close(made[state], state, datetime(2026, 11, 3, 15, tzinfo=UTC))
        if state == "awaiting_witnesses":
            made[state].awaiting_witnesses = True
        if state == "on_leave":
            roster.record_leave(
                person, kind="medical", starts_on=date(2026, 11, 1), ends_on=None, note="surgery", by=None
            )
    db.session.commit()
    return made


def many(version: RequirementVersion, number: int) -> None:
    """People with an open assignment and one of last year that is done; written in bulk for speed."""
    unit = make_unit("Patrol")
    people: list[dict[str, Any]] = [
        {
            "badge": f"B{n}", "email": f"b{n}@portland.test", "given_name": "Kim", "family_name": f"Bulk{n:05}",
            "rank": "Officer", "unit_id": unit.id, "hired_on": date(2020, 1, 1), "created_at": clock.now(),
            "former_names": "", "flags": [],
        }
        for n in range(number)
    ]  # fmt: skip
    db.session.execute(Person.__table__.insert(), people)
    ids = list(db.session.scalars(db.select(Person.id).where(Person.badge.like("B%")).order_by(Person.id)))
    rows: list[dict[str, Any]] = []
    for n, person_id in enumerate(ids):
        for year in (2025, 2026):
            done = year == 2025 or n % 4 != 0
            rows.append(
                {
                    "person_id": person_id, "requirement_id": version.requirement_id,
                    "requirement_version_id": version.id, "course_id": 1, "cycle": str(year),
                    "title": "Yearly test-out", "path": "test_out", "opens_on": date(year, 10, 2),
                    "counts_from_on": date(year, 10, 2), "original_due_on": date(year, 12, 31),
                    "due_on": date(year, 12, 31), "grace_until": date(year + 1, 1, 30), "why": "Yearly.",
                    "made_at": clock.now(), "remediation": [], "awaiting_witnesses": False,
                    "outcome": "completed" if done else None,
                    "closed_at": datetime(year, 10, 3 + n % 27, 15, tzinfo=UTC) if done else None,
                }
            )  # fmt: skip
    db.session.execute(Assignment.__table__.insert(), rows)
    db.session.commit()
