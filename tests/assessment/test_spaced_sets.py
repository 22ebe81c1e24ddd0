"""A spaced set: offered on My training, answered like other questions, never graded, on the ledger when finished."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from lms import clock
from lms.assessment import actions, queries
from lms.assessment.evidence import check_rows
from lms.assessment.models import Attempt
from lms.db import db
from lms.errors import Conflict, NotFound
from lms.ledger.queries import list_entries, read_disclosures
from lms.training import actions as training
from lms.training.actions import NewSpacedSet
from lms.training.models import SpacedSet
from tests.assessment.conftest import CAPSTONE_MODULE, Desk
from tests.factories.people import make_person
from tests.support.checked_client import CheckedClient

TODAY = clock.today("America/New_York")


def offer(desk: Desk, number: int = 1, opens_in: int = -1, closes_in: int = 30) -> SpacedSet:
    row = desk.assignment
    dates = TODAY + timedelta(days=opens_in), TODAY + timedelta(days=closes_in)
    training.offer_spaced_sets([NewSpacedSet(row.person_id, row.id, row.requirement_version_id, number, *dates)])
    db.session.commit()
    return db.session.scalars(select(SpacedSet).order_by(SpacedSet.id.desc())).first()  # type: ignore[return-value]


@pytest.fixture
def done(capstone_desk: Desk) -> Desk:
    """An officer who missed 2.f at first, passed then, and whose training is closed."""
    capstone_desk.fail_capstone("IV.B.2.f")
    capstone_desk.sit(CAPSTONE_MODULE, "capstone")
    training.complete_assignment(capstone_desk.assignment, "completed", clock.now())
    db.session.commit()
    return capstone_desk


def answer_all(desk: Desk, attempt: Attempt, *missing: str) -> None:
    for position in range(1, attempt.total + 1):
        actions.answer(attempt, position, desk.option_for(attempt, position, missing))
    db.session.commit()


def test_a_finished_set_is_on_the_ledger_ungraded_and_changes_nothing_else(done: Desk) -> None:
    row = offer(done)
    results = [result.id for result in queries.list_results(done.person.id)]
    attempt = actions.start_spaced(done.person.id, row.id, TODAY)
    assert attempt.total == 5
    clauses = [done.content.item(shown["item"]).clause for shown in attempt.presented]
    assert "IV.B.2.f" in clauses
    answer_all(done, attempt, "IV.B.2.f")
    recorded = read_disclosures(str(attempt.record_id))
    assert (recorded["kind"], recorded["number"], recorded["passed"]) == ("spaced", 1, None)
    assert len(recorded["items"]) == 5
    db.session.refresh(row)
    assert (row.finished_at, row.record_id) == (attempt.finished_at, attempt.record_id)
    assert done.assignment.outcome == "completed"
    assert done.assignment.remediation == []
    assert [result.id for result in queries.list_results(done.person.id)] == results
    assert list(check_rows()) == []


def test_the_next_set_follows_from_the_answers_to_this_one(done: Desk) -> None:
    first = actions.start_spaced(done.person.id, offer(done).id, TODAY)
    answer_all(done, first)
    before = [given for given in queries.list_given(done.person.id, done.assignment.course_id) if given.first]
    second = actions.start_spaced(done.person.id, offer(done, 2).id, TODAY)
    answer_all(done, second, "I")
    after = [given for given in queries.list_given(done.person.id, done.assignment.course_id) if given.first]
    assert len(after) == len(before) + 5


def test_starting_twice_gives_the_same_set_and_nobody_elses(done: Desk) -> None:
    row = offer(done)
    first = actions.start_spaced(done.person.id, row.id, TODAY)
    assert actions.start_spaced(done.person.id, row.id, TODAY).id == first.id
    with pytest.raises(NotFound):
        actions.start_spaced(make_person().id, row.id, TODAY)


@pytest.mark.parametrize(("opens_in", "closes_in"), [(1, 30), (-40, -1)])
def test_a_set_that_is_not_offered_today_is_refused_without_harm(done: Desk, opens_in: int, closes_in: int) -> None:
    row = offer(done, opens_in=opens_in, closes_in=closes_in)
    with pytest.raises(Conflict, match="Nothing is missing"):
        actions.start_spaced(done.person.id, row.id, TODAY)


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("UPDATE spaced_set SET finished_at = '2020-01-01 00:00:00.000000'", "finished_at"),
        ("UPDATE spaced_set SET finished_at = NULL", "finished_at"),
        ("UPDATE spaced_set SET record_id = NULL", "record_id"),
        ("UPDATE spaced_set SET person_id = :other", "person_id"),
        ("DELETE FROM spaced_set", "attempt"),
        ("UPDATE spaced_set SET number = 3", "attempt"),
        ("UPDATE attempt SET correct = 5 WHERE kind = 'spaced'", "correct"),
        ("UPDATE attempt SET passed = :yes WHERE kind = 'spaced'", "passed"),
        ("UPDATE attempt SET number = 2 WHERE kind = 'spaced'", "number"),
    ],
)
def test_a_changed_set_is_named(done: Desk, statement: str, where: str) -> None:
    row = offer(done)
    answer_all(done, actions.start_spaced(done.person.id, row.id, TODAY), "IV.B.2.f")
    values = {"other": make_person().id, "yes": True}
    db.session.execute(text(statement), {name: value for name, value in values.items() if f":{name}" in statement})
    db.session.commit()
    db.session.expire_all()
    assert [fault for fault in check_rows() if where in fault.where]


def test_a_set_marked_as_done_without_answers_is_named(done: Desk) -> None:
    row = offer(done)
    row.finished_at = clock.now()
    db.session.commit()
    assert [fault.where for fault in check_rows()] == [f"spaced set {row.id}: finished_at"]


def body(client: CheckedClient, path: str) -> str:
    response = client.get(path, follow_redirects=True)
    assert response.status_code == 200
    return response.get_data(as_text=True)


def test_the_offer_leads_through_five_questions_and_back(done: Desk, sign_in: Callable[..., CheckedClient]) -> None:
    client = sign_in(done.person)
    assert "five questions" not in body(client, "/training/")
    row = offer(done)
    start = f"/assessment/spaced/{row.id}/start"
    page = body(client, "/training/")
    for words in ("Two minutes: five questions", "never graded and never overdue", start):
        assert words in page
    sent = client.submit(start, form_at="/training/")
    db.session.rollback()
    attempt = db.session.scalars(select(Attempt).where(Attempt.kind == "spaced")).one()
    assert sent.location == f"/assessment/attempts/{attempt.id}/1"
    token = client.token("/auth/password")
    for position in range(1, 6):
        page = body(client, f"/assessment/attempts/{attempt.id}/{position}")
        assert f"Question {position} of 5" in page
        assert 'type="radio"' in page
        option = done.option_for(attempt, position, ("IV.B.2.f",))
        data = {"option": option, "csrf_token": token}
        led = client.post(f"/assessment/attempts/{attempt.id}/{position}", data=data).location
        assert "A safer way" in body(client, led)
    result = body(client, f"/assessment/attempts/{attempt.id}/result")
    for words in ("Five questions done", "Not graded", "IV.B.2.f", "Back to My training"):
        assert words in result
    for words in ("Passed", "To pass", "must be right", "attempt 1"):
        assert words not in result
    assert "five questions" not in body(client, "/training/")
    assert len(list_entries(kind="assessment.attempt_finished")) == 4


def test_a_set_that_went_away_says_so_on_my_training(done: Desk, sign_in: Callable[..., CheckedClient]) -> None:
    row = offer(done, opens_in=-40, closes_in=-1)
    client = sign_in(done.person)
    sent = client.submit(f"/assessment/spaced/{row.id}/start", form_at="/auth/password")
    assert sent.location == "/training/"
    assert "Nothing is missing from your record." in body(client, "/training/")
    assert client.submit("/assessment/spaced/999/start", form_at="/auth/password").status_code == 404
