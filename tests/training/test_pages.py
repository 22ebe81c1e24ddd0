"""The officer's pages and the sergeant's two forms, through a client that reads each page strictly."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from lms import clock
from lms.catalog.queries import current_content
from lms.db import db
from lms.ledger.queries import list_entries
from lms.roster.actions import record_leave
from lms.roster.models import Person
from lms.training import actions
from lms.training.models import Extension, StepProgress
from tests.factories.people import make_person
from tests.factories.training import make_assignment, make_ready_to_sign, note_capstone, published_course
from tests.support.checked_client import CheckedClient
from tests.support.queries import counted_queries

SignIn = Callable[..., CheckedClient]
TODAY = clock.today("America/New_York")


@pytest.fixture
def officer(app: Flask) -> Person:
    published_course()
    return make_person(given_name="Alma", family_name="Reyes")


def page(client: CheckedClient, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, (path, response.status_code)
    return response.get_data(as_text=True)


def test_an_empty_page_says_what_comes(officer: Person, sign_in: SignIn) -> None:
    assert "Nothing is due" in page(sign_in(officer), "/training/")


def test_the_one_button_opens_the_first_lesson_and_then_goes_on_there(officer: Person, sign_in: SignIn) -> None:
    row = make_assignment(officer)
    client = sign_in(officer)
    text = page(client, "/training/")
    assert "Start: module 2, lesson" in text
    assert "Why this date?" in text
    assert "about 33 minutes" in text
    assert f'action="/training/{row.id}/modules/2/open"' in text
    response = client.submit(f"/training/{row.id}/modules/2/open", form_at="/training/")
    assert response.location == f"/training/{row.id}/modules/2/lesson"
    assert "Go on: module 2, lesson" in page(client, "/training/")


def test_a_lesson_stands_beside_the_clause_word_for_word(officer: Person, sign_in: SignIn) -> None:
    row = make_assignment(officer)
    client = sign_in(officer)
    path = f"/training/{row.id}/modules/2"
    assert client.get(f"{path}/lesson").location == path, "reading it first is a change, so it is a POST"
    client.submit(f"{path}/open", form_at=path)
    text = page(client, f"{path}/lesson")
    assert "The policy, word for word" in text
    assert "IV.B.1.c" in text
    response = client.submit(f"{path}/lesson/done", form_at=f"{path}/lesson")
    assert response.location == path
    assert "Lesson done" in page(client, path)
    assert "Back to the module" in page(client, f"{path}/lesson")
    assert len(list_entries(kind="training.lesson_completed")) == 1


def test_a_get_writes_nothing(officer: Person, sign_in: SignIn) -> None:
    row = make_assignment(officer)
    client = sign_in(officer)
    for path in ("", f"{row.id}", f"{row.id}/modules/2", f"{row.id}/modules/2/lesson", f"{row.id}/modules/8"):
        client.get(f"/training/{path}")
    assert db.session.scalars(select(StepProgress)).all() == []
    db.session.refresh(row)
    assert row.started_at is None


def test_a_lesson_cannot_be_finished_before_it_was_opened_nor_opened_out_of_order(
    officer: Person, sign_in: SignIn
) -> None:
    row = make_assignment(officer)
    client = sign_in(officer)
    token = client.token("/training/")
    assert client.post(f"/training/{row.id}/modules/2/lesson/done", data={"csrf_token": token}).status_code == 409
    refused = client.post(f"/training/{row.id}/modules/3/open", data={"csrf_token": token})
    assert refused.status_code == 409
    assert "Opens when module 2, Confidential content, is done." in refused.get_data(as_text=True)
    assert client.get(f"/training/{row.id}/modules/99").status_code == 404


def test_locked_steps_say_why(officer: Person, sign_in: SignIn) -> None:
    row = make_assignment(officer)
    client = sign_in(officer)
    assert "Opens when “Lesson” is done." in page(client, f"/training/{row.id}/modules/2")
    assert "Opens when all other modules are done." in page(client, f"/training/{row.id}")


def test_test_out_begins_with_the_capstone_and_offers_the_rest_for_practice(officer: Person, sign_in: SignIn) -> None:
    row = make_assignment(officer, path="test_out")
    client = sign_in(officer)
    text = page(client, f"/training/{row.id}")
    assert "To practice" in text
    assert f"/assessment/{row.id}/8/scenarios/one-long-week" in text
    practice = page(client, f"/training/{row.id}/modules/2")
    assert "does not ask for this module" in practice
    assert "Open the lesson" in practice


def test_missed_clauses_and_the_signature_are_the_next_step_when_they_are(officer: Person, sign_in: SignIn) -> None:
    row = make_ready_to_sign(officer, path="test_out")
    client = sign_in(officer)
    assert f"/attestation/{row.id}/sign" in page(client, "/training/")
    row = make_assignment(officer, path="test_out", slug="other")
    actions.record_capstone_result(row, passed=False, missed=["IV.B.2.f"], record_id="x", summary={})
    db.session.commit()
    assert f"/training/{row.id}/modules/3/open" in page(client, "/training/")
    row = make_assignment(officer, path="full", slug="hire")
    actions.record_capstone_result(row, passed=False, missed=["IV.B.2.f"], record_id="x", summary={})
    db.session.commit()
    assert f"/assessment/{row.id}/remediation" in page(client, "/training/")


def test_a_short_path_says_how_long_it_takes_and_what_makes_it_longer(officer: Person, sign_in: SignIn) -> None:
    row = make_assignment(officer, path="test_out")
    client = sign_in(officer)
    assert "about 11 minutes; longer only where clauses are missed" in page(client, "/training/")
    text = page(client, f"/training/{row.id}")
    assert "The capstone comes first." in text
    assert "If you pass it, you go straight to signing: about 11 minutes in all." in text
    row = make_assignment(officer, path="refresher", slug="two-years")
    assert "You first read what changed" in page(client, f"/training/{row.id}")


def test_what_is_not_open_is_announced_and_cannot_be_started(officer: Person, sign_in: SignIn) -> None:
    opens = TODAY + timedelta(days=10)
    row = make_assignment(officer, opens_on=opens, due_on=opens + timedelta(days=60))
    client = sign_in(officer)
    text = page(client, "/training/")
    assert "What comes next" in text
    assert f"/training/{row.id}/modules/2/open" not in text
    assert "not open yet" in page(client, f"/training/{row.id}")
    token = client.token("/training/")
    assert client.post(f"/training/{row.id}/modules/2/open", data={"csrf_token": token}).status_code == 409


def test_done_training_stays_readable(officer: Person, sign_in: SignIn) -> None:
    row = make_assignment(officer)
    also = make_assignment(officer, path="test_out", slug="annual-too")
    note_capstone(row)
    actions.complete_assignment(row, "completed", clock.now())
    db.session.commit()
    client = sign_in(officer)
    text = page(client, "/training/")
    assert "Closed this year" in text
    assert "Met by <a" in text
    assert f"This also met your “{also.title}”, due" in text
    assert "This training is closed" in page(client, f"/training/{row.id}")
    assert "Completed" in page(client, f"/training/{also.id}")
    assert "word for word" in page(client, f"/training/{row.id}/modules/2/lesson")


def test_leave_is_said_kindly(officer: Person, sign_in: SignIn) -> None:
    make_assignment(officer)
    record_leave(officer, kind="medical", starts_on=TODAY, ends_on=None, by=None)
    db.session.commit()
    text = page(sign_in(officer), "/training/")
    assert "You are on leave" in text
    assert "medical" not in text.lower()


def test_my_training_takes_at_most_eight_queries_however_much_there_is(officer: Person, sign_in: SignIn) -> None:
    client = sign_in(officer)

    def queries() -> int:
        with counted_queries() as seen:
            page(client, "/training/")
        return len(seen)

    make_assignment(officer, slug="a0")
    queries()
    one = queries()
    for number in range(1, 6):
        row = make_assignment(officer, slug=f"a{number}", path="test_out")
        actions.open_step(row, "8", "scenario:one-long-week", current_content(row.course_id).course_version_id)
        db.session.commit()
    assert queries() == one <= 8


def test_the_sergeant_extends_and_waives_with_a_reason(officer: Person, sign_in: SignIn) -> None:
    row = make_assignment(officer)
    client = sign_in(make_person(), "training_sergeant")
    path = f"/training/{row.id}/extend"
    bad = client.submit(path, {"until_on": "", "reason": ""})
    assert bad.status_code == 422
    earlier = client.submit(path, {"until_on": str(row.due_on), "reason": "Court."})
    assert earlier.status_code == 422
    assert "This is the due date already" in earlier.get_data(as_text=True)
    later = row.due_on + timedelta(days=9)
    good = client.submit(path, {"until_on": str(later), "reason": "Court.", "next": "/reporting/assignments?x=1"})
    assert good.location == "/reporting/assignments?x=1"
    assert db.session.scalars(select(Extension.until_on)).all() == [later]
    away = client.submit(f"/training/{row.id}/waive", {"reason": "Retires.", "next": "//elsewhere.test"})
    assert away.location == f"/reporting/people/{officer.id}"
    db.session.refresh(row)
    assert row.outcome == "waived"
    for act in ("extend", "waive"):
        closed = page(client, f"/training/{row.id}/{act}")
        assert "This training is closed" in closed
        assert "<textarea" not in closed
    again = client.submit(f"/training/{row.id}/waive", {"reason": "Retires."}, form_at="/reporting/assignments")
    assert again.status_code == 422
    assert "This training is closed" in again.get_data(as_text=True)


def test_an_extension_made_by_mistake_is_corrected(officer: Person, sign_in: SignIn) -> None:
    row = make_assignment(officer)
    client = sign_in(make_person(), "training_sergeant")
    path = f"/training/{row.id}/extend"
    client.submit(path, {"until_on": str(row.original_due_on + timedelta(days=300)), "reason": "Court."})
    client.submit(path, {"until_on": str(row.original_due_on + timedelta(days=30)), "reason": "I mistyped the month."})
    db.session.refresh(row)
    assert row.due_on == row.original_due_on + timedelta(days=30)
    history = page(client, f"/reporting/people/{officer.id}")
    assert "Extension corrected" in history
    assert "I mistyped the month." in history
    before = client.submit(path, {"until_on": str(row.original_due_on - timedelta(days=1)), "reason": "Earlier."})
    assert "cannot be before the first one" in before.get_data(as_text=True)


def test_the_sergeant_reminds(officer: Person, sign_in: SignIn) -> None:
    row = make_assignment(officer)
    client = sign_in(make_person(), "training_sergeant")
    form_at = f"/training/{row.id}/extend"
    first = client.submit(f"/schedule/{row.id}/remind", {"next": "/reporting/"}, form_at=form_at)
    assert first.location == "/reporting/"
    second = client.submit(f"/schedule/{row.id}/remind", form_at=form_at)
    assert second.location == f"/reporting/people/{officer.id}"
    text = page(client, second.location)
    assert re.search(r"Already reminded today at \d+:\d\d [ap]\.m\.; the next reminder may go out tomorrow\.", text)


def test_reminding_many_says_who_was_left_out_and_why(officer: Person, sign_in: SignIn) -> None:
    rows = [make_assignment(officer, slug=f"a{number}") for number in range(3)]
    person = make_person(given_name="Lee", family_name="Away")
    away = make_assignment(person)
    record_leave(person, kind="medical", starts_on=TODAY, ends_on=None, by=None)
    db.session.commit()
    client = sign_in(make_person(), "training_sergeant")
    listed = page(client, "/reporting/assignments")
    assert listed.count('name="assignment"') == 3
    client.submit(f"/schedule/{rows[0].id}/remind", form_at="/reporting/assignments")
    page(client, "/reporting/assignments")
    chosen = {"assignment": [str(row.id) for row in [*rows, away]], "next": "/reporting/assignments"}
    answer = client.submit("/schedule/remind", chosen, form_at="/reporting/assignments")
    text = page(client, answer.location)
    assert "2 reminders on the way." in text
    assert (
        f"1 not reminded, because a reminder went out today already; the next may go out tomorrow: {officer.full_name} (at"
        in text
    )
    assert "1 not reminded, because nothing is due while somebody is on leave: Lee Away." in text
    assert "medical" not in text
    nobody = client.submit("/schedule/remind", {"assignment": ["x", "99999999999"]}, form_at="/reporting/assignments")
    assert "Nobody was reminded" in page(client, nobody.location)


@pytest.mark.parametrize("path", ["extend", "waive"])
def test_an_officer_manages_nobody(officer: Person, sign_in: SignIn, path: str) -> None:
    row = make_assignment(officer)
    assert sign_in(officer).get(f"/training/{row.id}/{path}").status_code == 403


def test_nobody_sees_the_training_of_another(officer: Person, sign_in: SignIn) -> None:
    row = make_assignment(officer)
    client = sign_in(make_person())
    for path in (f"{row.id}", f"{row.id}/modules/2", f"{row.id}/modules/2/lesson"):
        assert client.get(f"/training/{path}").status_code == 404
