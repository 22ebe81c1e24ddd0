"""Assignments are worked on, moved and ended, on both databases."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from lms import clock
from lms.catalog.queries import current_content
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed, NotFound
from lms.ledger.queries import list_entries, read_disclosures
from lms.roster.models import Person
from lms.training import actions, evidence, queries
from lms.training.models import Assignment, StepProgress
from lms.training.rules import LESSON, Dates
from tests.factories.people import make_person
from tests.factories.training import make_assignment, make_requirement, note_capstone, published_course


@pytest.fixture
def person(app: Flask) -> Person:
    published_course()
    return make_person(given_name="Alma", family_name="Reyes")


def version_of(assignment: Assignment) -> int:
    return current_content(assignment.course_id).course_version_id


def test_a_lesson_is_recorded_once(person: Person) -> None:
    row = make_assignment(person)
    for _ in range(2):
        actions.open_step(row, "2", LESSON, version_of(row))
        actions.complete_step(row, "2", LESSON, version_of(row))
        db.session.commit()
    entries = list_entries(kind="training.lesson_completed")
    assert len(entries) == 1
    told = read_disclosures(entries[0].record_id)
    content = current_content(row.course_id)
    assert (told["module"], told["course_sha256"], told["name"]) == ("2", content.sha256, "Alma Reyes")
    assert entries[0].subject == person.subject
    assert row.started_at is not None


def test_two_clicks_at_once_record_one_lesson(app: Flask, person: Person) -> None:
    row_id = make_assignment(person).id
    db.session.remove()
    barrier = threading.Barrier(2)

    def click() -> None:
        with app.app_context():
            barrier.wait()
            row = db.session.get_one(Assignment, row_id)
            actions.complete_step(row, "2", LESSON, version_of(row))
            db.session.commit()
            db.session.remove()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list_entries(kind="training.lesson_completed")) == 1
    assert len(db.session.scalars(select(StepProgress)).all()) == 1


def test_nothing_is_worked_on_once_it_is_closed(person: Person) -> None:
    row = make_assignment(person)
    actions.complete_assignment(row, "completed", clock.now())
    for act in (
        lambda: actions.open_step(row, "2", LESSON, version_of(row)),
        lambda: actions.complete_assignment(row, "declined", clock.now()),
        lambda: actions.mark_awaiting_witnesses(row),
        lambda: actions.record_capstone_result(row, passed=True, missed=[], record_id="x", summary={}),
        lambda: actions.extend_assignment(row, row.due_on + timedelta(days=1), "Court.", None),
    ):
        with pytest.raises(Conflict, match="already closed"):
            act()


def test_a_failed_capstone_asks_for_the_missed_clauses_and_a_passed_one_stays(person: Person) -> None:
    row = make_assignment(person)
    actions.record_capstone_result(row, passed=False, missed=["IV.B.2.f"], record_id="a", summary={})
    assert row.remediation == ["IV.B.2.f"]
    actions.clear_remediation(row)
    assert row.remediation == []
    record = actions.complete_step(row, "2", LESSON, version_of(row)).record_id
    assert record is not None
    actions.record_capstone_result(row, passed=True, missed=[], record_id=record, summary={"score": 5})
    actions.record_capstone_result(row, passed=False, missed=["I"], record_id="c", summary={"score": 1})
    assert (row.capstone_record_id, row.capstone_summary, row.remediation) == (record, {"score": 5}, [])


def test_an_extension_moves_due_date_and_grace_and_nothing_else(person: Person) -> None:
    row = make_assignment(person, due_on=date(2027, 1, 31), grace_days=10)
    sergeant = make_person()
    actions.extend_assignment(row, date(2027, 2, 14), " Court dates. ", sergeant)
    db.session.commit()
    assert (row.due_on, row.grace_until, row.original_due_on) == (
        date(2027, 2, 14),
        date(2027, 2, 24),
        date(2027, 1, 31),
    )
    told = read_disclosures(list_entries(kind="training.extension_granted")[0].record_id)
    assert (told["from_on"], told["until_on"], told["reason"]) == ("2027-01-31", "2027-02-14", "Court dates.")
    assert told["granted_by"] == sergeant.full_name


def test_an_extension_is_later_and_has_a_reason_and_is_not_for_oneself(person: Person) -> None:
    row = make_assignment(person)
    sergeant = make_person()
    with pytest.raises(Invalid, match="due date already"):
        actions.extend_assignment(row, row.due_on, "Court.", sergeant)
    with pytest.raises(Invalid, match="reason"):
        actions.extend_assignment(row, row.due_on + timedelta(days=1), " ", sergeant)
    with pytest.raises(NotAllowed, match="your own"):
        actions.extend_assignment(row, row.due_on + timedelta(days=1), "Court.", person)


def test_a_waiver_closes_with_a_reason(person: Person) -> None:
    row, sergeant = make_assignment(person), make_person()
    with pytest.raises(NotAllowed):
        actions.waive_assignment(row, "Mine.", person)
    with pytest.raises(Invalid):
        actions.waive_assignment(row, "", sergeant)
    actions.waive_assignment(row, "Retires next week.", sergeant)
    assert (row.outcome, row.closed_at is not None) == ("waived", True)
    assert list_entries(kind="training.assignment_waived")[0].subject == person.subject


def test_one_completion_satisfies_what_its_path_covers_and_its_date_counts_for(person: Person) -> None:
    at = datetime(2099, 6, 15, 3, 30, tzinfo=UTC)  # June 14, 11:30 p.m. in Portland
    done = make_assignment(person, path="refresher", slug="biennial")
    counts = make_assignment(
        person, path="test_out", slug="annual", opens_on=date(2099, 6, 14), due_on=date(2099, 12, 31)
    )
    early = make_assignment(person, path="test_out", slug="next", opens_on=date(2099, 6, 15), due_on=date(2099, 12, 31))
    bigger = make_assignment(person, path="full", slug="hire")
    note_capstone(done)
    assert actions.complete_assignment(done, "completed", at) == [counts]
    assert (counts.outcome, counts.satisfied_by_id, counts.closed_at) == ("satisfied", done.id, at)
    assert early.outcome is None
    assert bigger.outcome is None
    assert queries.find_latest_completion(person.id, done.course_id) is done


def test_what_was_not_signed_leaves_the_others_unsigned(person: Person) -> None:
    done, other = make_assignment(person), make_assignment(person, path="test_out", slug="annual")
    note_capstone(done)
    actions.mark_awaiting_witnesses(done)
    actions.complete_assignment(done, "declined", clock.now())
    assert (other.outcome, other.satisfied_by_id, done.awaiting_witnesses) == ("declined", done.id, False)


def test_making_the_same_assignment_again_gives_back_the_first(person: Person) -> None:
    first = make_assignment(person, cycle="2026")
    dates = Dates(date(2030, 1, 1), date(2030, 2, 1), date(2030, 3, 1))
    again = actions.make_assignment(person.id, make_requirement(), "2026", dates, "Another day.")
    assert again.id == first.id
    assert again.due_on == first.due_on


def test_other_peoples_training_is_not_found(person: Person) -> None:
    row = make_assignment(person)
    with pytest.raises(NotFound):
        queries.get_assignment_for(make_person().id, row.id)
    assert queries.get_workable_assignment(person.id, row.id, clock.today("UTC")).id == row.id
    later = make_assignment(person, cycle="later", opens_on=date(2099, 1, 1), due_on=date(2099, 2, 1))
    with pytest.raises(Conflict, match="not open yet"):
        queries.get_workable_assignment(person.id, later.id, clock.today("UTC"))


def test_a_separation_closes_what_is_open(person: Person) -> None:
    open_row = make_assignment(person, cycle="1")
    done = make_assignment(person, cycle="2", slug="other", path="test_out")
    actions.complete_assignment(done, "completed", clock.now())
    assert actions.close_separated(person.id, clock.now()) == 1
    db.session.commit()
    assert (open_row.outcome, done.outcome) == ("separated", "completed")


def test_a_correction_has_a_record_of_its_own_and_moves_the_grace_back(person: Person) -> None:
    row, sergeant = make_assignment(person), make_person()
    grace = row.grace_until
    actions.extend_assignment(row, row.due_on + timedelta(days=40), "Court.", sergeant)
    corrected = actions.extend_assignment(row, row.original_due_on, "Wrong officer.", sergeant)
    db.session.commit()
    assert (row.due_on, row.grace_until) == (row.original_due_on, grace)
    fields = read_disclosures(corrected.record_id)
    assert (fields["kind"], fields["reason"]) == ("correction", "Wrong officer.")
    assert not list(evidence.check_rows())


def test_nobody_moves_a_due_date_into_the_past(person: Person) -> None:
    today = clock.today("America/New_York")
    row, sergeant = make_assignment(person, due_on=today - timedelta(days=20)), make_person()
    with pytest.raises(Invalid, match="in the past"):
        actions.extend_assignment(row, today - timedelta(days=1), "Court.", sergeant)
    assert actions.extend_assignment(row, today, "Court.", sergeant).kind == "extension"
