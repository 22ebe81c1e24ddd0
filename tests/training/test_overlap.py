"""One completion that meets several assignments: closed once, recorded, checked, and told on pages."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

import lms.attestation.evidence
from lms import clock
from lms.attestation.models import Attestation
from lms.db import db
from lms.ledger.queries import list_entries, read_disclosures
from lms.roster.actions import record_leave
from lms.roster.models import Person
from lms.roster.permissions import SERGEANT
from lms.training import actions, evidence
from lms.training.actions import NewAssignment
from lms.training.models import Assignment, Requirement
from lms.training.overlap import fuller_first, list_satisfied_by, would_satisfy
from lms.training.rules import Dates
from tests.factories.people import make_person
from tests.factories.training import (
    make_assignment,
    make_ready_to_sign,
    make_requirement,
    note_capstone,
    published_course,
    sign,
)
from tests.support.checked_client import CheckedClient

TODAY = clock.today("America/New_York")
KIND = "training.assignment_satisfied"


@pytest.fixture
def person(app: Flask) -> Person:
    published_course()
    return make_person(given_name="Alma", family_name="Reyes")


def both(person: Person) -> tuple[Assignment, Assignment, Attestation]:
    """A full course that is signed within the window of a yearly test-out, and that test-out."""
    yearly = make_assignment(person, path="test_out", slug="annual", due_on=TODAY + timedelta(days=40))
    done = make_ready_to_sign(person, slug="two-year")
    return done, yearly, sign(person, done)


def faults() -> list[str]:
    checks = (evidence.check_rows, lms.attestation.evidence.check_rows)
    return [str(fault) for check in checks for fault in check()]


def test_one_capstone_and_one_signature_close_both_and_say_why(person: Person) -> None:
    done, yearly, attestation = both(person)
    assert (done.outcome, done.closed_record_id) == ("completed", attestation.record_id)
    assert (yearly.outcome, yearly.satisfied_by_id, yearly.closed_at) == ("satisfied", done.id, done.closed_at)
    [entry] = list_entries(kind=KIND)
    assert (entry.record_id, entry.subject) == (yearly.closed_record_id, person.subject)
    told = read_disclosures(entry.record_id)
    assert told["reason"] == f"satisfied by assignment {done.id} / {attestation.record_id}"
    assert (told["assignment_id"], told["satisfied_by_id"]) == (yearly.id, done.id)
    assert (told["due_on"], told["outcome"]) == (yearly.due_on.isoformat(), "satisfied")
    assert list(list_satisfied_by(done.id)) == [yearly]
    assert db.session.scalars(select(Attestation)).all() == [attestation]
    assert faults() == []


def test_a_second_look_satisfies_nothing_again(person: Person) -> None:
    done, yearly, _ = both(person)
    record = yearly.closed_record_id
    assert done.closed_at is not None
    assert actions.satisfy_also(done, done.closed_at) == []
    assert actions.record_satisfied_before() == 0
    assert (len(list_entries(kind=KIND)), yearly.closed_record_id) == (1, record)


def test_leave_keeps_the_other_open(person: Person) -> None:
    yearly = make_assignment(person, path="test_out", slug="annual")
    done = make_ready_to_sign(person, slug="two-year")
    record_leave(person, kind="military", starts_on=TODAY, ends_on=None, by=None)
    sign(person, done)
    assert (done.outcome, yearly.outcome) == ("completed", None)
    assert list_entries(kind=KIND) == []


def test_without_a_passed_capstone_nothing_else_is_met(person: Person) -> None:
    yearly, done = make_assignment(person, path="test_out", slug="annual"), make_assignment(person)
    assert actions.complete_assignment(done, "completed", clock.now()) == []
    assert yearly.outcome is None


def test_an_assignment_that_is_met_when_it_is_made_is_recorded_once(person: Person) -> None:
    done = make_ready_to_sign(person)
    sign(person, done)
    version = make_requirement("test_out", "annual")
    requirement = db.session.get_one(Requirement, version.requirement_id)
    dates = Dates(TODAY, TODAY + timedelta(days=30), TODAY + timedelta(days=60))
    new = NewAssignment(person.id, version, requirement, "2026", dates, "Due.", satisfied_by=done)
    assert actions.make_assignments([new]) == 1
    assert actions.make_assignments([new]) == 0, "made once, whoever makes it"
    db.session.commit()
    row = db.session.scalars(select(Assignment).where(Assignment.cycle == "2026", Assignment.id != done.id)).one()
    [entry] = list_entries(kind=KIND)
    assert (row.outcome, row.closed_record_id) == ("satisfied", entry.record_id)
    assert faults() == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("UPDATE assignment SET satisfied_by_id = id WHERE id = :yearly", "satisfied_by_id"),
        ("UPDATE assignment SET closed_record_id = NULL WHERE id = :yearly", "the ledger has no such record"),
        ("UPDATE assignment SET closed_record_id = NULL WHERE id = :done", "closed_record_id"),
        ("UPDATE assignment SET counts_from_on = '2020-01-01' WHERE id = :yearly", "counts_from_on"),
        ("UPDATE assignment SET outcome = 'completed' WHERE id = :yearly", "outcome"),
        (
            "UPDATE assignment SET outcome = NULL, closed_at = NULL, satisfied_by_id = NULL, closed_record_id = NULL "
            "WHERE id = :yearly",
            f"{KIND}: the row that this record tells of is gone",
        ),
        ("UPDATE assignment SET outcome = 'satisfied', satisfied_by_id = :done WHERE id = :open", "no such record"),
        ("UPDATE assignment SET closed_record_id = (SELECT closed_record_id FROM assignment WHERE id = :yearly), "
         "satisfied_by_id = :done, outcome = 'satisfied' WHERE id = :open", "2 rows name this record"),
    ],
)  # fmt: skip
def test_a_satisfied_row_that_was_changed_is_named(person: Person, change: str, named: str) -> None:
    done, yearly, _ = both(person)
    row = make_assignment(make_person(), slug="annual", cycle="other")
    ids = {"done": done.id, "yearly": yearly.id, "open": row.id}
    if ":open" in change:
        db.session.execute(text("UPDATE assignment SET closed_at = made_at, outcome = 'waived' WHERE id = :open"), ids)
    db.session.execute(text(change), {name: ids[name] for name in ids if f":{name}" in change})
    db.session.expire_all()
    found = faults()
    db.session.rollback()
    assert any(named in fault for fault in found), found


def test_rows_from_before_get_their_records_once(person: Person) -> None:
    _, yearly, _ = both(person)
    other = make_assignment(make_person(), path="test_out", slug="annual")
    for row in (yearly, other):
        row.closed_record_id = None
    db.session.flush()
    assert actions.record_satisfied_before() == 1
    assert actions.record_satisfied_before() == 0
    assert (yearly.closed_record_id is not None, other.closed_record_id) == (True, None)


def test_what_is_better_done_first_is_known(person: Person) -> None:
    yearly = make_assignment(person, path="test_out", slug="annual")
    two_year = make_assignment(person, path="refresher", slug="two-year")
    later = make_assignment(
        person, path="test_out", slug="next", opens_on=TODAY + timedelta(days=5), due_on=date(2099, 1, 1)
    )
    rows = [yearly, two_year, later]
    assert would_satisfy(two_year, rows, TODAY) == (yearly,)
    assert would_satisfy(yearly, rows, TODAY) == ()
    assert fuller_first(yearly, rows, TODAY) is two_year
    assert fuller_first(two_year, rows, TODAY) is None
    assert fuller_first(later, rows, TODAY) is None, "a completion now would come before its window"
    note_capstone(two_year)
    actions.complete_assignment(two_year, "completed", clock.now())
    assert (yearly.outcome, later.outcome) == ("satisfied", None)
    assert fuller_first(yearly, rows, TODAY) is None


def test_pages_say_what_to_do_first_and_what_was_met(
    app: Flask, person: Person, sign_in: Callable[..., CheckedClient]
) -> None:
    yearly = make_assignment(person, path="test_out", slug="annual", title="Yearly test-out")
    done = make_ready_to_sign(person, slug="two-year", title="Two-year refresher")
    client = sign_in(person)
    ahead = words(client, "/training/")
    assert "One time is enough. Do Two-year refresher instead" in ahead
    assert "When you sign this, it also meets your “Yearly test-out”, due" in ahead
    attestation = sign(person, done)
    due = f"{yearly.due_on:%B} {yearly.due_on.day}, {yearly.due_on.year}"
    assert f"This also met your “Yearly test-out”, due {due}" in words(client, "/training/")
    receipt = words(client, f"/attestation/receipts/{attestation.id}")
    assert f"This also met your “Yearly test-out”, due {due}. Nothing more is asked for it" in receipt
    assert "Met by other training" in words(client, f"/training/{yearly.id}")
    reason = f"satisfied by assignment {done.id} / {attestation.record_id}"
    assert reason in words(client, "/records/mine")
    desk = sign_in(make_person(), SERGEANT)
    file = words(desk, f"/reporting/people/{person.id}")
    assert reason in file
    assert f"On the ledger as {yearly.closed_record_id}" in file
    assert f"This also met “Yearly test-out”, cycle {yearly.cycle}, due {due}." in file
    assert "Completed (met by other training)" in words(desk, "/reporting/assignments")
    rows = desk.get("/reporting/assignments.csv").get_data(as_text=True).splitlines()
    assert {"Yearly" in row: row.rpartition(",")[2] for row in rows if "Reyes" in row} == {True: "yes", False: ""}


def words(client: CheckedClient, path: str) -> str:
    """A page without its tags, on one line."""
    response = client.get(path)
    assert response.status_code == 200, path
    plain = re.sub(r"<[^>]+>", "", response.get_data(as_text=True))
    return " ".join(html.unescape(plain).split())
