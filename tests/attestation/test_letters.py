"""Letters about signing: who gets one, and who no longer does at the moment of sending."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from lms import clock
from lms.attestation import actions, queries
from lms.attestation.models import Attestation
from lms.attestation.rules import TOPIC, Client
from lms.auth.rules import Reauthentication
from lms.db import db
from lms.jobs.registry import deliver_outbox
from lms.notify.actions import enqueue
from lms.notify.models import OutboxMessage
from lms.roster import actions as roster
from lms.roster.models import Person
from lms.roster.permissions import SERGEANT
from tests.factories.people import make_person
from tests.factories.training import make_ready_to_sign, published_course
from tests.support.checked_client import CheckedClient

CLIENT = Client("127.0.0.1", "a browser", "test")
SignIn = Callable[..., CheckedClient]


def proof() -> Reauthentication:
    return Reauthentication("password", clock.now(), "typed again")


def declined(person: Person, witnesses: list[Person]) -> Attestation:
    assignment = make_ready_to_sign(person)
    row = actions.decline_attestation(
        person, assignment.id, actions.prepare_sheet(assignment).shown, on_duty=True, reason="", witnesses=witnesses,
        idempotency_key="d" * 32, client=CLIENT,
    )  # fmt: skip
    db.session.commit()
    return queries.get_attestation(row.id)


def signed(person: Person, reservation: str = "") -> Attestation:
    assignment = make_ready_to_sign(person)
    row = actions.sign_attestation(
        person, assignment.id, actions.prepare_sheet(assignment).shown, on_duty=True, reservation=reservation,
        reauthentication=proof(), idempotency_key="e" * 32, client=CLIENT, answer_by=date(2030, 1, 1),
    )  # fmt: skip
    db.session.commit()
    return queries.get_attestation(row.id)


def letter(row: Attestation, person: Person, stage: str) -> OutboxMessage:
    made = enqueue(
        person_id=person.id, to_address=person.email, topic=TOPIC, topic_id=row.id, stage=stage, subject="S",
        body_text="B", dedupe_key=f"{row.id}:{stage}:{person.id}",
    )  # fmt: skip
    assert made is not None
    db.session.commit()
    return made


def why(message: OutboxMessage) -> str | None:
    return queries.why_not_send(message, clock.today("UTC"))


@pytest.fixture
def officer(app: Flask) -> Person:
    published_course()
    return make_person(given_name="Alma", family_name="Reyes")


def test_a_receipt_goes_to_who_signed_also_on_leave_and_to_nobody_who_left(officer: Person) -> None:
    made = letter(signed(officer), officer, "receipt")
    assert why(made) is None
    today = clock.today("UTC")
    roster.record_leave(officer, kind="family", starts_on=today, ends_on=None, by=None)
    assert why(made) is None
    roster.separate_person(officer, today - timedelta(days=1), by=None, today=clock.today("UTC"))
    assert why(made) == "The person no longer works here."


def test_a_witness_is_asked_while_the_answer_waits(officer: Person) -> None:
    one, two, away, other = make_person(), make_person(), make_person(), make_person()
    row = declined(officer, [one, two])
    asked = {person.id: letter(row, person, "witness") for person in (one, two, other)}
    assert [why(asked[person.id]) is None for person in (one, two, other)] == [True, True, False]
    roster.record_leave(two, kind="family", starts_on=clock.today("UTC"), ends_on=None, by=None)
    assert why(asked[two.id]) == "The person is on leave."
    actions.confirm_witness(queries.pending_witnessings(one.id)[0], proof())
    assert why(asked[one.id]) == "The person has answered already, or is not a witness."
    assert why(letter(row, away, "receipt")) == "The letter is about somebody else's attestation."


def test_a_question_goes_to_a_training_sergeant_until_it_is_answered(officer: Person) -> None:
    sergeant, former = make_person(), make_person()
    roster.grant_role(sergeant, SERGEANT, by=None)
    row = signed(officer, "May I ask?")
    asked, other = letter(row, sergeant, "question"), letter(row, former, "question")
    assert why(asked) is None
    assert why(other) == "The person is no longer training sergeant."
    question = queries.find_question_of(row.id)
    assert question is not None
    actions.answer_question(question, "You may.", sergeant)
    assert why(asked) == "The question was answered already."
    assert why(letter(row, officer, "answer")) is None


def test_the_worker_asks_before_it_sends(officer: Person) -> None:
    kept, gone = letter(signed(officer), officer, "receipt").id, make_person()
    dropped = letter(queries.list_attestations(officer.id)[0], gone, "question").id
    roster.separate_person(gone, clock.today("UTC") - timedelta(days=2), by=None, today=clock.today("UTC"))
    db.session.commit()
    assert deliver_outbox(clock.now()) == "1 sent, 1 dropped, 0 failed"
    db.session.expire_all()
    assert db.session.get_one(OutboxMessage, kept).sent_at is not None
    assert db.session.get_one(OutboxMessage, dropped).outcome == "The person no longer works here."


def test_who_declines_gets_a_receipt_that_shows_the_reason_given_and_the_witnesses(
    officer: Person, sign_in: SignIn
) -> None:
    one, two, clerk = make_person(), make_person(), make_person()
    assignment = make_ready_to_sign(officer)
    officer_id, names = officer.id, [one.full_name, two.full_name]
    purpose = actions.prepare_sheet(assignment).content.attestation.purpose
    path = f"/attestation/{assignment.id}/decline"
    badges = {"first_witness": one.badge, "second_witness": two.badge}
    client, hr = sign_in(officer), sign_in(clerk, "hr")
    hidden = re.findall(r'<input[^>]*type="hidden"[^>]*>', client.get(path).get_data(as_text=True))
    shown = {re.search(r'name="([^"]+)"', tag)[1]: re.search(r'value="([^"]*)"', tag)[1] for tag in hidden}  # type: ignore[index]
    response = client.post(path, data={**shown, **badges, "on_duty": "yes", "reason": ""})
    assert response.status_code == 303
    [receipt] = db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.topic == TOPIC, OutboxMessage.stage == "receipt")
    ).all()
    assert receipt.person_id == officer_id
    assert "declined to sign" in receipt.body_text
    assert response.location in receipt.body_text
    db.session.rollback()
    hr.submit(f"/records/people/{officer_id}/look", {"purpose": "Grievance 12"})
    attestation_id = response.location.rsplit("/", 1)[1]
    for page in (client.get(response.location), hr.get(f"/records/attestations/{attestation_id}")):
        text = html.unescape(page.get_data(as_text=True))
        for expected in (purpose, *names):
            assert expected in text, expected
