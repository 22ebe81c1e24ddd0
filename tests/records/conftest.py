"""People with real records, made by the real actions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest
from flask import Flask

from lms import clock
from lms.attestation import actions
from lms.attestation.models import Attestation
from lms.attestation.queries import get_attestation
from lms.attestation.rules import Client
from lms.auth.rules import Reauthentication
from lms.db import db
from lms.ledger.actions import seal_checkpoint
from lms.roster.models import Person
from lms.training.models import Assignment
from tests.factories.people import make_person
from tests.factories.training import make_ready_to_sign, published_course
from tests.support.checked_client import CheckedClient

CLIENT = Client("203.0.113.7", "a browser", "test")


def sign(person: Person, assignment: Assignment, reservation: str = "") -> Attestation:
    """A signature with a password; committed and sealed."""
    row = actions.sign_attestation(
        person,
        assignment.id,
        actions.prepare_sheet(assignment).shown,
        on_duty=True,
        reservation=reservation,
        reauthentication=Reauthentication("password", clock.now(), "The password was typed again."),
        idempotency_key=uuid4().hex,
        client=CLIENT,
        answer_by=date(2027, 1, 4),
    )
    db.session.commit()
    seal_checkpoint()
    db.session.commit()
    return get_attestation(row.id)


def decline(person: Person, assignment: Assignment, witnesses: list[Person]) -> Attestation:
    """A decline that waits for its witnesses; committed."""
    row = actions.decline_attestation(
        person,
        assignment.id,
        actions.prepare_sheet(assignment).shown,
        on_duty=False,
        reason="I want to talk to my union first.",
        witnesses=witnesses,
        idempotency_key=uuid4().hex,
        client=CLIENT,
    )
    db.session.commit()
    return get_attestation(row.id)


@pytest.fixture
def officer(app: Flask) -> Person:
    """An officer with nothing on the record yet."""
    published_course()
    return make_person(given_name="Alma", family_name="Reyes", badge="4417")


@pytest.fixture
def signed(officer: Person) -> Attestation:
    """A signature with a question."""
    return sign(officer, make_ready_to_sign(officer), "Does 2.e cover my motorcycle club?")


@pytest.fixture
def hr(sign_in: Callable[..., CheckedClient], officer: Person) -> CheckedClient:
    """HR, signed in."""
    return sign_in(make_person(given_name="Hana", family_name="Rowe"), "hr")


@pytest.fixture
def opened(hr: CheckedClient, signed: Attestation) -> CheckedClient:
    """HR with an open look at the officer's record."""
    path = f"/records/people/{signed.person_id}/look"
    assert hr.submit(path, {"purpose": "Discovery request 26-114"}).status_code == 302
    return hr
