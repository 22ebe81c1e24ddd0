"""The pages of signing: too early, refused and gone back to, and the public check of a receipt."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from secrets import token_hex

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms import clock
from lms.attestation import actions
from lms.attestation.models import Attestation, SigningDraft
from lms.attestation.rules import read_code
from lms.auth.rules import Reauthentication
from lms.db import db
from lms.jobs.actions import run_job
from lms.ledger.queries import get_entry
from lms.roster.models import Person
from lms.training.models import Assignment
from tests.attestation.test_signing import CLIENT
from tests.factories.people import PASSWORD, make_person
from tests.factories.training import make_assignment, make_ready_to_sign, published_course, walk_modules
from tests.support.checked_client import CheckedClient

SignIn = Callable[..., CheckedClient]
TYPED = {"reservation": "May I share a union post?", "on_duty": "no", "intent": "y"}
INTENT_TICKED = r'<input[^>]*checked[^>]*name="intent"'


@pytest.fixture
def officer(app: Flask) -> Person:
    published_course()
    return make_person(given_name="Alma", family_name="Reyes")


def text_of(client: CheckedClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.status_code
    return answer.get_data(as_text=True)


def hidden_of(html: str) -> dict[str, str]:
    """The values of the hidden fields of a page's form."""
    found = re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", html)
    pairs = [(re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)) for tag in found]
    return {name[1]: value[1] for name, value in pairs if name and value}


def test_sign_too_early_says_why_and_leads_to_the_next_step(officer: Person, sign_in: SignIn) -> None:
    row = make_assignment(officer)
    client = sign_in(officer)
    for act in ("sign", "decline"):
        text = text_of(client, f"/attestation/{row.id}/{act}")
        assert "You can sign once every module is done and the capstone is passed: two modules are still open." in text
        assert f'action="/training/{row.id}/modules/2/open"' in text
        assert "<textarea" not in text


def test_sign_before_the_capstone_says_so(officer: Person, sign_in: SignIn) -> None:
    row = make_assignment(officer)
    walk_modules(row)
    text = text_of(sign_in(officer), f"/attestation/{row.id}/sign")
    assert "You can sign once you have passed the capstone. Everything before it is done." in text
    assert f'href="/assessment/{row.id}/8/questions"' in text or "capstone questions" in text


def test_sign_of_closed_training_leads_home(officer: Person, sign_in: SignIn) -> None:
    row = make_assignment(officer)
    row.outcome, row.closed_at = "waived", clock.now()
    db.session.commit()
    text = text_of(sign_in(officer), f"/attestation/{row.id}/sign")
    assert "already finished" in text
    assert 'href="/training/"' in text


def test_a_refused_signature_is_a_redirect_and_loses_no_text(officer: Person, sign_in: SignIn) -> None:
    row = make_ready_to_sign(officer)
    client = sign_in(officer)
    path = f"/attestation/{row.id}/sign"
    refused = client.post(path, data={**hidden_of(text_of(client, path)), **TYPED, "password": "wrong"})
    assert (refused.status_code, refused.location) == (303, path)
    text = text_of(client, path)
    assert "This is not your password. Nothing was signed or changed." in text
    assert "May I share a union post?" in text
    assert re.search(r'<input checked[^>]*name="on_duty"[^>]*value="no"', text)
    assert re.search(INTENT_TICKED, text)
    again = text_of(client, path)
    assert not re.search(INTENT_TICKED, again), "the box is ticked once more, not for a month"
    assert "This is not your password" not in again
    assert "May I share a union post?" in again
    assert "wrong" not in str(db.session.scalars(select(SigningDraft.typed)).all())
    signed = client.post(path, data={**hidden_of(again), **TYPED, "password": PASSWORD})
    assert "/attestation/receipts/" in signed.location
    assert db.session.scalar(select(func.count()).select_from(SigningDraft)) == 0
    assert db.session.scalars(select(Attestation.reservation)).one() == "May I share a union post?"


def test_what_is_missing_is_said_after_the_redirect(officer: Person, sign_in: SignIn) -> None:
    row = make_ready_to_sign(officer)
    client = sign_in(officer)
    path = f"/attestation/{row.id}/sign"
    long = "x" * 4500
    client.post(path, data={**hidden_of(text_of(client, path)), "reservation": long})
    text = text_of(client, path)
    for said in ("Write at most 4,000 characters.", "Choose one.", "Check this box if you mean to sign.", long):
        assert said in text
    assert not re.search(INTENT_TICKED, text)


def test_a_text_that_changed_meanwhile_is_said_and_keeps_what_was_typed(officer: Person, sign_in: SignIn) -> None:
    row = make_ready_to_sign(officer)
    client = sign_in(officer)
    path = f"/attestation/{row.id}/sign"
    old = {**hidden_of(text_of(client, path)), "statement_sha256": "0" * 64}
    answer = client.post(path, data={**old, **TYPED, "password": PASSWORD})
    assert answer.status_code == 303
    text = text_of(client, path)
    assert "The policy or the training changed while this page was open." in text
    assert "May I share a union post?" in text
    assert not re.search(INTENT_TICKED, text), "nobody has read the new text yet"


def test_a_refused_decline_keeps_reason_and_witnesses(officer: Person, sign_in: SignIn) -> None:
    row = make_ready_to_sign(officer)
    client = sign_in(officer)
    path = f"/attestation/{row.id}/decline"
    typed = {"reason": "I want to talk first.", "on_duty": "yes", "first_witness": "nobody", "second_witness": "T1"}
    answer = client.post(path, data={**hidden_of(text_of(client, path)), **typed})
    assert answer.status_code == 303
    text = text_of(client, path)
    assert "I want to talk first." in text
    assert 'value="nobody"' in text
    assert "There is a problem" in text


def test_a_draft_is_nobody_elses_and_does_not_outlive_a_month(officer: Person, sign_in: SignIn) -> None:
    row = make_ready_to_sign(officer)
    with clock.at(clock.now() - timedelta(days=31)):
        actions.keep_draft(row, "sign", {"reservation": "Old."})
    other = make_person()
    second = make_ready_to_sign(other)
    client = sign_in(other)
    assert client.get(f"/attestation/{row.id}/sign").status_code == 404
    actions.keep_draft(second, "sign", {"reservation": "New."})
    db.session.commit()
    assert run_job("clean-sessions").outcome.endswith("rows removed, 1 draft removed")
    assert run_job("clean-sessions").outcome == "0 rows removed, 0 drafts removed"
    assert db.session.scalars(select(SigningDraft.assignment_id)).all() == [second.id]


def signed(officer: Person, assignment: Assignment) -> str:
    row = actions.sign_attestation(
        officer, assignment.id, actions.prepare_sheet(assignment).shown, on_duty=True, reservation="",
        reauthentication=Reauthentication("password", clock.now(), "typed again"), idempotency_key=token_hex(16),
        client=CLIENT, answer_by=clock.now().date(),
    )  # fmt: skip
    db.session.commit()
    return row.record_id


@pytest.mark.parametrize("path", ["/verify", "/verify/"])
def test_the_check_says_what_it_is_for(client: CheckedClient, path: str) -> None:
    text = text_of(client, path)
    assert "Find out whether a receipt of a training is real and unchanged." in text
    assert 'name="record"' in text


def test_a_record_is_checked_by_number_and_fingerprint(officer: Person, client: CheckedClient) -> None:
    record_id = signed(officer, make_ready_to_sign(officer))
    leaf = get_entry(record_id).leaf_hash.hex()
    spaced = " ".join(leaf[start : start + 8] for start in range(0, 64, 8)).upper()
    found = client.get("/verify", query_string={"record": f" {record_id.upper()} ", "leaf": spaced})
    assert "This receipt matches the log" in text_of(client, found.location)
    pasted = client.get("/verify", query_string={"record": f"https://x.test/verify/{record_id}?leaf={leaf}"})
    assert "This receipt matches the log" in text_of(client, pasted.location)
    assert "There is a record with this number" in text_of(client, f"/verify/{record_id}")
    wrong = client.get(f"/verify/{record_id}?leaf={'0' * 64}")
    assert wrong.status_code == 404
    assert "No match" in wrong.get_data(as_text=True)
    assert "Alma" not in wrong.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/verify/nope", "/verify/00000000-0000-4000-8000-000000000000"])
def test_an_unknown_number_gets_a_clear_answer(client: CheckedClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "No such record" in answer.get_data(as_text=True)
    typed = client.get("/verify?record=nope")
    assert typed.status_code == 422
    assert "“nope” cannot be a record number" in typed.get_data(as_text=True)


def test_codes_are_read_as_people_paste_them() -> None:
    number = "0192f3a4-5b6c-7d8e-9f01-23456789abcd"
    assert read_code(f" {number.upper()} ") == (number, "")
    assert read_code(f"https://a.test/verify/{number}?leaf={'ab' * 32}") == (number, "ab" * 32)
    assert read_code("https://a.test/verify/nope") == (None, "")
    assert read_code("") == (None, "")
