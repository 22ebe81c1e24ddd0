"""Spaced sets are offered after a completion: once each, to whom they are meant for, and never made up for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from lms import clock
from lms.db import db
from lms.errors import Invalid
from lms.roster.actions import record_leave, separate_person
from lms.roster.models import Person
from lms.schedule import actions, jobs
from lms.schedule.rules import RuleError, due_set, longest_days, parse_rule
from lms.training.models import SpacedSet
from tests.schedule.conftest import ZONE, complete, cycles_of, noon

DONE = date(2026, 1, 20)


def on(days: int, made: tuple[int, ...] = ()) -> tuple[int, date, date] | None:
    plan = due_set(DONE, made, DONE + timedelta(days=days))
    return None if plan is None else (plan.number, plan.opens_on, plan.closes_on)


@pytest.mark.parametrize(
    ("days", "number"), [(29, None), (30, 1), (119, 1), (120, 2), (239, 2), (240, 3), (359, 3), (360, None)]
)
def test_the_set_that_fits_a_day(days: int, number: int | None) -> None:
    plan = on(days)
    assert (plan[0] if plan else None) == number


def test_each_set_stays_until_the_next_opens_and_is_offered_once() -> None:
    assert on(45) == (1, DONE + timedelta(days=30), DONE + timedelta(days=119))
    assert on(45, made=(1,)) is None
    assert on(130) == (2, DONE + timedelta(days=120), DONE + timedelta(days=239)), "the first is not made up for"
    assert longest_days() == 359


@given(st.integers(0, 500), st.sets(st.integers(1, 3)))
def test_a_set_is_open_on_the_day_on_which_it_is_planned(days: int, made: set[int]) -> None:
    today = DONE + timedelta(days=days)
    plan = due_set(DONE, made, today)
    if plan is not None:
        assert plan.opens_on <= today <= plan.closes_on
        assert plan.number not in made
        assert due_set(DONE, made | {plan.number}, today) is None


def test_a_rule_reads_its_days_and_refuses_others() -> None:
    assert parse_rule({"basis": "completion", "starts_on": "2026-01-01", "days": [7, 21]}).days == (7, 21)
    for bad in ([], [30, 30], [0], ["30"], 30, [True]):
        with pytest.raises(RuleError, match="days"):
            parse_rule({"basis": "completion", "starts_on": "2026-01-01", "days": bad})


def offer(moment: datetime) -> str:
    with clock.at(moment):
        return jobs.offer_spaced_job(moment)


def sets() -> list[tuple[int, int]]:
    db.session.rollback()
    return [(row.person_id, row.number) for row in db.session.scalars(select(SpacedSet).order_by(SpacedSet.id))]


@pytest.fixture
def officer(joined: Callable[..., Person]) -> Person:
    """Hired on 2 January, and through the first training on the 20th."""
    person = joined(date(2026, 1, 2))
    with clock.at(noon(2026, 1, 2)):
        actions.open_cycles(noon(2026, 1, 2), ZONE)
        db.session.commit()
    complete(person, cycles_of(person)[0].split(" ")[0], noon(2026, 1, 20))
    return person


def test_sets_are_offered_once_however_often_the_job_runs(officer: Person) -> None:
    assert offer(noon(2026, 2, 18)) == "0 spaced sets offered"
    assert offer(noon(2026, 2, 19)) == "1 spaced sets offered"
    assert offer(noon(2026, 2, 19)) == offer(noon(2026, 4, 1)) == "0 spaced sets offered"
    offer(noon(2026, 5, 21))
    offer(noon(2026, 9, 20))
    assert sets() == [(officer.id, 1), (officer.id, 2), (officer.id, 3)]
    assert not [line for line in cycles_of(officer) if "spaced" in line]


def test_after_a_long_downtime_only_the_newest_is_offered(officer: Person) -> None:
    offer(noon(2026, 10, 1))
    assert sets() == [(officer.id, 3)]
    assert offer(noon(2027, 3, 1)) == "0 spaced sets offered"


def test_a_completion_made_anew_ends_the_sets_of_the_older_one(officer: Person) -> None:
    with clock.at(noon(2026, 11, 1)):
        actions.open_cycles(noon(2026, 11, 1), ZONE)
        db.session.commit()
    complete(officer, "2026", noon(2026, 5, 1))
    offer(noon(2026, 5, 25))
    assert sets() == []
    offer(noon(2026, 6, 1))
    assert sets() == [(officer.id, 1)]


def test_nobody_who_left_or_is_away_is_offered_one(officer: Person) -> None:
    with clock.at(noon(2026, 2, 1)):
        record_leave(officer, kind="family", starts_on=date(2026, 2, 10), ends_on=date(2026, 3, 1), by=None)
        db.session.commit()
    offer(noon(2026, 2, 25))
    assert sets() == []
    offer(noon(2026, 3, 3))
    assert sets() == [(officer.id, 1)]
    with clock.at(noon(2026, 3, 4)):
        separate_person(officer, date(2026, 3, 4), None, today=clock.today("UTC"))
        db.session.commit()
    offer(noon(2026, 6, 1))
    assert sets() == [(officer.id, 1)]


def test_a_department_without_the_requirement_gets_none(officer: Person) -> None:
    from lms.training.queries import find_requirement

    requirement = find_requirement("sop-110-spaced")
    assert requirement is not None
    requirement.active = False
    db.session.commit()
    assert offer(noon(2026, 3, 1)) == "0 spaced sets offered"


def test_cadence_path_and_basis_of_spaced_sets_go_together(defaults: None) -> None:
    with pytest.raises(Invalid, match="go together"):
        actions.set_requirement(
            "x", "sop-110", title="x", cadence="spaced", path="full", rule={"basis": "completion"}, by=None
        )
