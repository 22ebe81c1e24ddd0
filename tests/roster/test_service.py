"""Who is in service on a day, and what ends with the last day."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest
from sqlalchemy import select

from lms import clock
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.ledger.queries import list_entries, read_disclosures
from lms.roster import actions, evidence
from lms.roster.models import Person
from lms.roster.permissions import ADMINISTRATOR, HR, SERGEANT
from lms.roster.queries import active_on, has_left, roles_of
from lms.roster.rules import is_separated, works_here
from tests.factories.people import make_person, make_unit

TODAY = date(2026, 3, 5)


def test_sql_and_python_agree_on_who_is_in_service(app: object) -> None:
    near = [TODAY + timedelta(days=days) for days in (-2, -1, 0, 1, 2)]
    common = {"given_name": "Dana", "family_name": "Doe", "rank": "Officer", "unit_id": make_unit().id, "flags": []}
    people = [
        Person(
            badge=f"A{n}", email=f"a{n}@portland.test", hired_on=hired, separated_on=left, rehired_on=back,
            created_at=clock.now(), **common,
        )
        for n, (hired, left, back) in enumerate(product(near, [None, *near], [None, *near]))
    ]  # fmt: skip
    db.session.add_all(people)
    db.session.commit()
    active = set(db.session.scalars(select(Person.id).where(active_on(TODAY))))
    gone = set(db.session.scalars(select(Person.id).where(has_left(TODAY))))
    for person in people:
        dates = (person.separated_on, person.rehired_on, TODAY)
        assert (person.id in active) == works_here(person.hired_on, *dates), (person.hired_on, *dates)
        assert (person.id in gone) == is_separated(*dates), dates


@pytest.fixture
def clerk(app: object) -> Person:
    """Somebody with two roles."""
    person = make_person()
    actions.grant_role(person, SERGEANT, by=None)
    actions.grant_role(person, HR, by=None)
    db.session.commit()
    return person


def revoked() -> list[tuple[str, str]]:
    fields = [read_disclosures(entry.record_id) for entry in list_entries(kind=evidence.ROLE_REVOKED)]
    return sorted((each["role"], each["changed_by"]) for each in fields)


def test_roles_end_with_the_last_day_of_service_each_with_its_record(clerk: Person) -> None:
    by = make_person(given_name="Ada", family_name="Admin")
    actions.separate_person(clerk, clock.now().date() - timedelta(days=1), by, today=clock.today("UTC"))
    actions.rehire_person(clerk, clock.now().date(), by)
    db.session.commit()
    assert roles_of(clerk.id) == frozenset()
    assert revoked() == [(HR, "Ada Admin"), (SERGEANT, "Ada Admin")]
    assert list(evidence.check_rows()) == []


def test_a_last_day_ahead_leaves_the_roles_until_it_is_over(clerk: Person) -> None:
    last = clock.now().date() + timedelta(days=14)
    actions.separate_person(clerk, last, by=None, today=clock.today("UTC"))
    assert actions.end_roles_of_separated(last) == 0
    assert roles_of(clerk.id) == {HR, SERGEANT}
    assert actions.end_roles_of_separated(last + timedelta(days=1)) == 2
    assert actions.end_roles_of_separated(last + timedelta(days=1)) == 0
    db.session.commit()
    assert roles_of(clerk.id) == frozenset()
    assert revoked() == [(HR, "the schedule"), (SERGEANT, "the schedule")]
    assert list(evidence.check_rows()) == []


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "said"),
    [
        (date(1990, 1, 1), date(2026, 1, 1), "before the hire date"),
        (date(2026, 1, 1), date(2199, 1, 1), "more than ten years"),
    ],
)
def test_a_leave_of_decades_is_a_slip_of_the_pen(clerk: Person, starts_on: date, ends_on: date, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        actions.record_leave(clerk, kind="medical", starts_on=starts_on, ends_on=ends_on, by=None)


def test_a_last_day_of_service_decades_ahead_is_a_slip_of_the_pen(clerk: Person) -> None:
    with pytest.raises(Invalid, match="Check the year"):
        actions.separate_person(clerk, date(2199, 1, 1), by=None, today=clock.today("UTC"))


def test_the_last_administrator_cannot_be_separated(app: object) -> None:
    one, two = make_person(), make_person()
    actions.grant_role(one, ADMINISTRATOR, by=None)
    with pytest.raises(Conflict, match="last administrator"):
        actions.separate_person(one, clock.now().date(), by=None, today=clock.today("UTC"))
    db.session.rollback()
    actions.grant_role(one, ADMINISTRATOR, by=None)
    actions.grant_role(two, ADMINISTRATOR, by=None)
    actions.separate_person(one, clock.now().date(), by=None, today=clock.today("UTC"))
    assert roles_of(one.id) == frozenset()
