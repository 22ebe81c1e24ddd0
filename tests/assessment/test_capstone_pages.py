"""After the capstone: what comes next, the missed clauses, and the training sergeant's page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from lms.assessment.models import Attempt, AttemptUnlock
from lms.db import db
from tests.assessment.conftest import CAPSTONE_MODULE, Desk
from tests.factories.people import make_person
from tests.support.checked_client import CheckedClient


@pytest.fixture
def officer(capstone_desk: Desk, sign_in: Callable[..., CheckedClient]) -> CheckedClient:
    return sign_in(capstone_desk.person)


def questions_page(desk: Desk) -> str:
    return f"/assessment/{desk.assignment.id}/{CAPSTONE_MODULE}/questions"


def remediation_page(desk: Desk) -> str:
    return f"/assessment/{desk.assignment.id}/remediation"


def unlock_page(desk: Desk) -> str:
    return f"/assessment/{desk.assignment.id}/unlock"


def read(client: CheckedClient, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, response.location
    return response.get_data(as_text=True)


def result_of(client: CheckedClient, attempt: Attempt) -> str:
    return read(client, f"/assessment/attempts/{attempt.id}/result")


def count(table: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_a_failed_capstone_leads_to_the_missed_clauses(capstone_desk: Desk, officer: CheckedClient) -> None:
    attempt = capstone_desk.sit(CAPSTONE_MODULE, "capstone", missing=("IV.B.2.f",))
    result = result_of(officer, attempt)
    training = f"/training/{capstone_desk.assignment.id}"
    assert f'href="{training}"' in result
    assert "Only the modules of these clauses open." in result
    assert "Then the next attempt opens." in result
    assert "discipline" in result
    start = read(officer, questions_page(capstone_desk))
    assert "First the clauses that you missed" in start
    assert "1 of 2 left" in start
    assert officer.get(remediation_page(capstone_desk)).location == training
    page = read(officer, training)
    assert "Clause IV.B.2.f" in page
    parts = page[page.index("Parts") : page.index("To practice")]
    assert "Module 3" in parts
    assert "Module 2" not in parts
    module = read(officer, f"{training}/modules/3")
    assert "Open because of what you missed" in module
    assert "Questions on IV.B.2.f" in module
    capstone_desk.open_missed("3")
    assert "You missed this" in read(officer, f"{training}/modules/3/lesson")


def test_practice_goes_on_and_then_leads_to_the_next_attempt(capstone_desk: Desk, officer: CheckedClient) -> None:
    capstone_desk.sit(CAPSTONE_MODULE, "capstone", missing=("IV.B.2.f",))
    capstone_desk.open_missed("3")
    start = f"/assessment/{capstone_desk.assignment.id}/3/questions"
    page = read(officer, start)
    assert "On</dt><dd>clause IV.B.2.f" in page
    assert "no pass mark" in page
    sent = officer.submit(f"{start}/start", form_at=start)
    assert sent.location.startswith("/assessment/attempts/")
    assert "Go on: question 1 of 2" in read(officer, start)
    db.session.rollback()
    practice = capstone_desk.sit("3", "remediation")
    result = result_of(officer, practice)
    for words in ("Practice done", "Go on to the capstone questions"):
        assert words in result
    assert "Not passed" not in result
    assert officer.get(remediation_page(capstone_desk)).location == questions_page(capstone_desk)
    assert "Start again" in read(officer, questions_page(capstone_desk))


def test_after_two_failures_the_officer_is_told_to_talk(capstone_desk: Desk, officer: CheckedClient) -> None:
    capstone_desk.fail_capstone()
    last = capstone_desk.sit(CAPSTONE_MODULE, "capstone", missing=("IV.B.2.f",))
    assert "training sergeant" in result_of(officer, last)
    assert "training sergeant" in read(officer, questions_page(capstone_desk))
    capstone_desk.go_through_missed()
    page = read(officer, questions_page(capstone_desk))
    for words in ("Talk to the training sergeant", "0 of 2 left", "not discipline"):
        assert words in page
    sent = officer.submit(f"{questions_page(capstone_desk)}/start", form_at="/auth/password")
    assert sent.location == questions_page(capstone_desk)
    assert "conversation" in read(officer, questions_page(capstone_desk))
    assert count(Attempt) == 4


def test_the_sergeant_opens_one_more_after_a_conversation(
    capstone_desk: Desk, officer: CheckedClient, sign_in: Callable[..., CheckedClient]
) -> None:
    for _ in range(2):
        capstone_desk.fail_capstone()
    sergeant = sign_in(make_person(), "training_sergeant")
    page = read(sergeant, unlock_page(capstone_desk))
    assert capstone_desk.person.full_name in page
    assert "IV.B.2.f" in page
    empty = sergeant.submit(unlock_page(capstone_desk), {"note": "  "})
    assert empty.status_code == 422
    assert count(AttemptUnlock) == 0
    sent = sergeant.submit(unlock_page(capstone_desk), {"note": "We read 2.f together.", "next": "/reporting/"})
    assert (sent.status_code, sent.location) == (302, "/reporting/")
    assert count(AttemptUnlock) == 1
    assert "No attempt waits" in read(sergeant, unlock_page(capstone_desk))
    again = sergeant.submit(unlock_page(capstone_desk), {"note": "Once more."}, form_at="/auth/password")
    assert again.status_code == 422
    assert count(AttemptUnlock) == 1
    page = read(officer, questions_page(capstone_desk))
    assert "1 of 3 left" in page
    assert "Start again" in page


def test_the_way_back_never_leaves_the_site(capstone_desk: Desk, sign_in: Callable[..., CheckedClient]) -> None:
    for _ in range(2):
        capstone_desk.fail_capstone()
    sergeant = sign_in(make_person(), "training_sergeant")
    sent = sergeant.submit(unlock_page(capstone_desk), {"note": "Talked.", "next": "//elsewhere.test/"})
    assert sent.location == f"/reporting/people/{capstone_desk.assignment.person_id}"


def test_only_the_training_sergeant_opens_attempts(
    capstone_desk: Desk, officer: CheckedClient, sign_in: Callable[..., CheckedClient]
) -> None:
    others = sign_in(make_person(), "hr", "administrator", "supervisor")
    for client in (officer, others):
        assert client.get(unlock_page(capstone_desk)).status_code == 403
        assert client.submit(unlock_page(capstone_desk), {"note": "x"}, form_at="/auth/password").status_code == 403


def test_nobody_opens_an_attempt_for_himself(capstone_desk: Desk, sign_in: Callable[..., CheckedClient]) -> None:
    for _ in range(2):
        capstone_desk.fail_capstone()
    own = sign_in(capstone_desk.person, "training_sergeant")
    response = own.submit(unlock_page(capstone_desk), {"note": "I talked to myself."})
    assert response.status_code == 422
    assert "Ask another training sergeant." in response.get_data(as_text=True)
    assert count(AttemptUnlock) == 0


def test_a_passed_capstone_leads_to_the_signature(capstone_desk: Desk, officer: CheckedClient) -> None:
    attempt = capstone_desk.sit(CAPSTONE_MODULE, "capstone")
    result = result_of(officer, attempt)
    assert "Passed" in result
    assert f'href="/attestation/{capstone_desk.assignment.id}/sign"' in result
    page = read(officer, questions_page(capstone_desk))
    assert "You passed the capstone" in page
    assert "Start" not in page


def test_practice_that_was_not_asked_for_is_refused(capstone_desk: Desk, officer: CheckedClient) -> None:
    assert officer.get(remediation_page(capstone_desk)).location == questions_page(capstone_desk)
    sent = officer.submit(f"{remediation_page(capstone_desk)}/start", form_at="/auth/password")
    assert sent.location == f"/training/{capstone_desk.assignment.id}"
    assert count(Attempt) == 0
