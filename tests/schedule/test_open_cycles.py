"""Cycles are opened from the database's state alone, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, datetime

from flask import Flask
from sqlalchemy import func, select

from lms import clock
from lms.db import db
from lms.ledger.queries import list_entries
from lms.roster import actions as roster
from lms.roster.models import Person
from lms.roster.queries import roles_of
from lms.schedule import actions, jobs
from lms.schedule.rules import parse_rule
from lms.training import actions as training
from lms.training.models import Assignment, RequirementVersion
from lms.training.queries import state_today
from tests.factories.people import make_person
from tests.schedule.conftest import ZONE, complete, cycles_of, noon
from tests.support.queries import counted_queries

Join = Callable[..., Person]


def run(moment: datetime) -> str:
    with clock.at(moment):
        return jobs.open_cycles_job(moment)


def test_a_new_officer_gets_the_first_training(joined: Join) -> None:
    person = joined(date(2026, 3, 1))
    assert run(noon(2026, 3, 1)).startswith("1 made")
    assert cycles_of(person) == ["hire-2026-03-01 due 2026-03-31 open"]


def test_running_twice_makes_nothing_twice(joined: Join) -> None:
    joined(date(2026, 3, 1))
    run(noon(2026, 10, 5))
    count = db.session.scalar(select(func.count()).select_from(Assignment))
    assert run(noon(2026, 10, 5)).startswith("0 made")
    assert db.session.scalar(select(func.count()).select_from(Assignment)) == count == 2


def test_three_years_of_an_officer(joined: Join) -> None:
    person = joined(date(2026, 3, 1))
    run(noon(2026, 3, 1))
    complete(person, "hire-2026-03-01", noon(2026, 3, 20))
    run(noon(2026, 10, 2))
    complete(person, "2026", noon(2026, 12, 1))
    run(noon(2027, 10, 2))
    complete(person, "2027", noon(2027, 11, 1))
    run(noon(2028, 1, 20))
    complete(person, "2028-03-20", noon(2028, 2, 1))
    run(noon(2028, 10, 2))
    run(noon(2030, 1, 20))
    assert cycles_of(person) == [
        "hire-2026-03-01 due 2026-03-31 completed",
        "2026 due 2026-12-31 completed",
        "2027 due 2027-12-31 completed",
        "2028-03-20 due 2028-03-20 completed",
        "2028 due 2028-12-31 open",
        "2029 due 2029-12-31 open",
        "2030-03-20 due 2030-03-20 open",
    ]


def test_after_a_years_downtime_the_missed_cycles_are_made_with_their_own_dates(joined: Join) -> None:
    person = joined(date(2026, 3, 1))
    run(noon(2026, 3, 1))
    run(noon(2028, 11, 1))
    assert cycles_of(person) == [
        "hire-2026-03-01 due 2026-03-31 open",
        "2026 due 2026-12-31 open",
        "2027 due 2027-12-31 open",
        "2028 due 2028-12-31 open",
    ]


def test_a_months_downtime_changes_no_date(joined: Join) -> None:
    daily, late = joined(date(2026, 3, 1)), joined(date(2026, 3, 1))
    for day in range(1, 31):
        run(noon(2026, 3, day))
    assert cycles_of(daily) == cycles_of(late) == ["hire-2026-03-01 due 2026-03-31 open"]


def test_a_completion_that_counts_already_satisfies_the_new_cycle(joined: Join) -> None:
    person = joined(date(2026, 7, 20), hired_on=date(2026, 6, 20))
    run(noon(2026, 7, 20))
    complete(person, "hire-2026-06-20", noon(2026, 7, 25))
    run(noon(2026, 9, 2))
    assert cycles_of(person) == [
        "hire-2026-06-20 due 2026-07-20 completed",
        "2026 due 2026-12-31 satisfied",
    ]
    annual = db.session.scalars(select(Assignment).where(Assignment.cycle == "2026")).one()
    assert annual.satisfied_by_id is not None
    assert annual.closed_at == noon(2026, 7, 25)


def test_the_refresher_in_the_window_of_the_annual_satisfies_both(joined: Join) -> None:
    person = joined(date(2026, 10, 10), hired_on=date(2026, 1, 1))
    run(noon(2026, 10, 10))
    complete(person, "hire-2026-10-10", noon(2026, 10, 20))
    run(noon(2028, 10, 5))
    complete(person, "2028-10-20", noon(2028, 10, 6))
    outcomes = {text.split()[0]: text.split()[-1] for text in cycles_of(person)}
    assert outcomes["2028-10-20"] == "completed"
    assert outcomes["2028"] == "satisfied"
    assert outcomes["2027"] == "satisfied", "late, but gone through"


def test_a_test_out_does_not_satisfy_a_refresher(joined: Join) -> None:
    person = joined(date(2026, 1, 2), hired_on=date(2020, 1, 1))
    run(noon(2026, 1, 2))
    complete(person, "hire-2026-01-01", noon(2026, 1, 20))
    run(noon(2027, 12, 1))
    complete(person, "2027", noon(2027, 12, 2))
    outcomes = {text.split()[0]: text.split()[-1] for text in cycles_of(person)}
    assert outcomes["2028-01-20"] == "open"
    assert outcomes["2026"] == "satisfied"


def test_unsigned_stays_unsigned_where_it_satisfies(joined: Join) -> None:
    person = joined(date(2026, 7, 20))
    run(noon(2026, 7, 20))
    complete(person, "hire-2026-07-20", noon(2026, 8, 1), outcome="declined")
    run(noon(2027, 9, 2))
    assert cycles_of(person)[1].endswith("open")
    other = joined(date(2026, 6, 25))
    run(noon(2027, 9, 3))
    complete(other, "hire-2026-06-25", noon(2027, 9, 4), outcome="declined")
    assert {text.split()[-1] for text in cycles_of(other)} == {"declined"}


def test_people_who_left_lose_what_is_open_and_keep_the_rest(joined: Join) -> None:
    person = joined(date(2026, 3, 1))
    run(noon(2026, 3, 1))
    complete(person, "hire-2026-03-01", noon(2026, 3, 20))
    run(noon(2026, 10, 2))
    with clock.at(noon(2026, 11, 1)):
        roster.separate_person(person, date(2026, 11, 15), by=None, today=clock.today("UTC"))
        db.session.commit()
    assert "0 closed" in run(noon(2026, 11, 15)), "the last day of service is a day of service"
    assert "1 closed" in run(noon(2026, 11, 16))
    assert "0 closed" in run(noon(2026, 11, 16))
    assert cycles_of(person) == ["hire-2026-03-01 due 2026-03-31 completed", "2026 due 2026-12-31 separated"]


def test_a_rehire_begins_again_and_keeps_the_history(joined: Join) -> None:
    person = joined(date(2026, 3, 1))
    run(noon(2026, 3, 1))
    complete(person, "hire-2026-03-01", noon(2026, 3, 20))
    with clock.at(noon(2027, 2, 1)):
        roster.separate_person(person, date(2026, 11, 15), by=None, today=clock.today("UTC"))
        roster.rehire_person(person, date(2027, 2, 1), by=None)
        db.session.commit()
    run(noon(2027, 2, 1))
    assert cycles_of(person) == [
        "hire-2026-03-01 due 2026-03-31 completed",
        "hire-2027-02-01 due 2027-03-03 open",
    ]


def test_days_away_are_given_back_once(joined: Join) -> None:
    person = joined(date(2026, 3, 1))
    run(noon(2026, 3, 1))
    with clock.at(noon(2026, 3, 11)):
        roster.record_leave(person, kind="medical", starts_on=date(2026, 3, 11), ends_on=date(2026, 4, 9), by=None)
        db.session.commit()
    with clock.at(noon(2026, 4, 9)):
        assert jobs.give_back_leave_job(clock.now()) == "0 leaves ended, 0 due dates moved"
    with clock.at(noon(2026, 4, 10)):
        assert jobs.give_back_leave_job(clock.now()) == "1 leaves ended, 1 due dates moved"
        assert jobs.give_back_leave_job(clock.now()) == "0 leaves ended, 0 due dates moved"
    row = db.session.scalars(select(Assignment)).one()
    assert (row.due_on, row.original_due_on) == (date(2026, 4, 30), date(2026, 3, 31))
    assert (row.grace_until - row.due_on).days == 14
    entry = list_entries(kind="training.extension_granted")[0]
    assert "medical" not in entry.entry


def test_an_assignment_closed_meanwhile_stops_no_giving_back(app: Flask, joined: Join) -> None:
    person = joined(date(2026, 3, 1))
    run(noon(2026, 3, 1))
    with clock.at(noon(2026, 3, 11)):
        leave = roster.record_leave(
            person, kind="medical", starts_on=date(2026, 3, 11), ends_on=date(2026, 4, 9), by=None
        )
        db.session.commit()
    leave_id, moved = leave.id, list[int]()
    row = db.session.scalars(select(Assignment)).one()
    training.complete_assignment(row, "completed", noon(2026, 4, 10))

    def give_back() -> None:
        with app.app_context(), clock.at(noon(2026, 4, 10)):
            moved.append(actions.give_back_leave(leave_id, clock.now()))
            db.session.commit()
            db.session.remove()

    thread = threading.Thread(target=give_back)
    thread.start()
    thread.join(0.5)
    assert thread.is_alive(), "it waits for the assignment's lock"
    db.session.commit()
    thread.join()
    assert moved == [0]


def test_the_roles_of_people_who_left_end_with_the_next_run(joined: Join) -> None:
    person = joined(date(2026, 3, 1))
    roster.grant_role(person, "supervisor", by=None)
    with clock.at(noon(2026, 3, 20)):
        roster.separate_person(person, date(2026, 4, 1), by=None, today=clock.today("UTC"))
        db.session.commit()
    assert "role" not in run(noon(2026, 4, 1))
    assert run(noon(2026, 4, 2)).endswith(", 1 role ended")
    assert roles_of(person.id) == frozenset()


def test_somebody_on_leave_gets_the_cycle_and_is_on_leave_in_it(joined: Join) -> None:
    person = joined(date(2026, 3, 1))
    with clock.at(noon(2026, 3, 1)):
        roster.record_leave(person, kind="family", starts_on=date(2026, 3, 1), ends_on=None, by=None)
        db.session.commit()
    run(noon(2026, 5, 1))
    row = db.session.scalars(select(Assignment)).one()
    db.session.refresh(row, ["person"])
    assert state_today(row, date(2026, 5, 1)) == "on_leave"


def test_an_audience_is_asked_anew_at_each_run(joined: Join) -> None:
    with clock.at(noon(2026, 1, 2)):
        actions.set_requirement(
            "undercover",
            "sop-110",
            title="Undercover",
            cadence="annual",
            path="test_out",
            rule={"basis": "calendar", "due": "06-30", "audience": {"flags": ["undercover"]}},
            by=None,
        )
        db.session.commit()
    joined(date(2026, 1, 2))
    other = joined(date(2026, 1, 2), flags=["undercover"])
    run(noon(2026, 5, 1))
    titles = db.session.scalars(select(Assignment.person_id).where(Assignment.title == "Undercover")).all()
    assert titles == [other.id]


def test_setting_the_same_requirement_again_changes_nothing(defaults: None) -> None:
    def count() -> int:
        return db.session.scalar(select(func.count()).select_from(RequirementVersion)) or 0

    before = count()
    with clock.at(noon(2026, 6, 1)):
        versions = actions.set_default_requirements()
        db.session.commit()
    assert count() == before == 4
    assert [parse_rule(version.rule).basis for version in versions] == ["hire", "calendar", "anniversary", "completion"]


def test_a_changed_rule_keeps_the_dates_already_made_and_its_beginning(joined: Join) -> None:
    person = joined(date(2026, 3, 1))
    run(noon(2026, 3, 1))
    with clock.at(noon(2026, 3, 10)):
        version = actions.set_requirement(
            "sop-110-on-hire",
            "sop-110",
            title="First training",
            cadence="on_hire",
            path="full",
            rule={"basis": "hire", "due_days": 60},
            by=None,
        )
        db.session.commit()
        assert (version.number, version.rule["starts_on"]) == (2, "2026-01-01")
    assert run(noon(2026, 3, 10)).startswith("0 made")
    assert cycles_of(person) == ["hire-2026-03-01 due 2026-03-31 open"]


def test_a_batch_takes_the_same_few_statements_for_any_number_of_people(joined: Join) -> None:
    def statements(count: int) -> int:
        with clock.at(noon(2026, 3, 1)):
            for _ in range(count):
                make_person(hired_on=date(2026, 3, 1))
            with counted_queries() as seen:
                actions.open_cycles_after(0, clock.now(), ZONE)
            db.session.commit()
        return len(seen)

    assert statements(1) == statements(40) == 4


def test_more_people_than_a_batch(app: Flask, joined: Join, monkeypatch: object) -> None:
    from lms.schedule.actions import cycles

    monkeypatch.setattr(cycles, "BATCH", 3)  # type: ignore[attr-defined]
    with clock.at(noon(2026, 3, 1)):
        for _ in range(7):
            make_person(hired_on=date(2026, 3, 1))
    assert run(noon(2026, 3, 1)).startswith("7 made")
    assert run(noon(2026, 3, 1)).startswith("0 made")


def test_two_workers_at_once_make_nothing_twice(app: Flask, joined: Join) -> None:
    for _ in range(12):
        joined(date(2026, 3, 1))
    db.session.remove()
    barrier, outcomes = threading.Barrier(2), []

    def work() -> None:
        with app.app_context(), clock.at(noon(2026, 10, 5)):
            barrier.wait()
            outcomes.append(jobs.open_cycles_job(clock.now()))
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(int(text.split()[0]) for text in outcomes) == 24
    assert db.session.scalar(select(func.count()).select_from(Assignment)) == 24
