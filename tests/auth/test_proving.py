"""Passwords are looked at while nobody waits, and what changed meanwhile is asked again."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms import clock
from lms.attestation.actions import decline_attestation, prepare_sheet
from lms.attestation.models import Attestation, Witness
from lms.attestation.rules import Client
from lms.auth import actions, passwords, queries, rules
from lms.auth.locks import TooManyTries
from lms.db import db
from lms.errors import Invalid
from lms.notify.queries import list_messages
from lms.notify.rules import Letter
from lms.roster.models import Person
from tests.factories.people import PASSWORD, give_password, make_person
from tests.factories.training import make_ready_to_sign, published_course
from tests.support.checked_client import CheckedClient

OTHER = "copper saddle november 17"
SignIn = Callable[..., CheckedClient]


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Notes each slow step, and fails where a transaction is open meanwhile."""
    seen: list[str] = []
    for name in ("verify", "hash"):
        real = getattr(passwords.Hashing, name)

        def slow(self: passwords.Hashing, *given: str, name: str = name, real: Callable[..., object] = real) -> object:
            assert not db.session().in_transaction(), f"{name} holds up every other writer"
            seen.append(name)
            return real(self, *given)

        monkeypatch.setattr(passwords.Hashing, name, slow)
    return seen


def form_of(client: CheckedClient, path: str) -> dict[str, str]:
    """The hidden fields of the page's form."""
    hidden = re.findall(r'<input[^>]*type="hidden"[^>]*>', client.get(path).get_data(as_text=True))
    return {re.search(r'name="([^"]+)"', tag)[1]: re.search(r'value="([^"]*)"', tag)[1] for tag in hidden}  # type: ignore[index]


def test_signing_looks_at_the_password_outside_any_transaction(
    app: Flask, sign_in: SignIn, request: pytest.FixtureRequest
) -> None:
    published_course()
    officer = make_person()
    assignment = make_ready_to_sign(officer)
    path = f"/attestation/{assignment.id}/sign"
    client = sign_in(officer)
    looks = request.getfixturevalue("looks")
    filled = {**form_of(client, path), "on_duty": "yes", "intent": "y", "reservation": ""}
    assert client.post(path, data={**filled, "password": "wrong password"}).status_code == 303
    assert client.post(path, data={**filled, "password": PASSWORD}).status_code == 303
    assert looks == ["verify", "verify"]
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Attestation)) == 1


def test_witnessing_and_a_new_password_do_so_too(app: Flask, sign_in: SignIn, request: pytest.FixtureRequest) -> None:
    published_course()
    officer, one, two = make_person(), make_person(), make_person()
    assignment = make_ready_to_sign(officer)
    decline_attestation(
        officer, assignment.id, prepare_sheet(assignment).shown, on_duty=True, reason="", witnesses=[one, two],
        idempotency_key="d" * 32, client=Client("127.0.0.1", "a browser", "test"),
    )  # fmt: skip
    db.session.commit()
    witness_id = db.session.scalar(select(Witness.id).where(Witness.person_id == one.id))
    client = sign_in(one)
    looks = request.getfixturevalue("looks")
    page = "/attestation/witnessing"
    client.submit(f"{page}/{witness_id}", {"answer": "yes", "password": PASSWORD}, form_at=page)
    assert looks == ["verify"]
    new = {"password": PASSWORD, "new_password": OTHER, "repeat": OTHER}
    assert client.submit("/auth/password", new).status_code == 302
    assert looks == ["verify", "verify", "hash"]
    db.session.rollback()
    assert db.session.get_one(Witness, witness_id).confirmed_at is not None


def test_a_link_hashes_the_new_password_outside_any_transaction(app: Flask, request: pytest.FixtureRequest) -> None:
    tokens: list[str] = []

    def compose(token: str) -> Letter:
        tokens.append(token)
        return Letter("S", "B")

    person = make_person()
    actions.send_link(person, lifetime=timedelta(days=1), compose=compose, today=clock.today("UTC"))
    db.session.commit()
    looks = request.getfixturevalue("looks")
    actions.use_link(tokens[0], PASSWORD)
    db.session.commit()
    assert looks == ["hash"]
    assert queries.find_credential(person.id) is not None
    assert len(list_messages()) == 1


@pytest.fixture
def officer(app: Flask) -> Person:
    person = make_person()
    give_password(person)
    return person


@pytest.mark.parametrize("change", ["password", "separation"])
def test_what_changes_during_the_look_is_asked_again(
    app: Flask, officer: Person, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    real, officer_id = passwords.Hashing.verify, officer.id
    today = clock.today("UTC")

    def meanwhile() -> None:
        with app.app_context():
            person = db.session.get_one(Person, officer_id)
            if change == "password":
                actions.set_password(person, OTHER, by=None)
            else:
                person.separated_on = today - timedelta(days=1)
            db.session.commit()
            db.session.remove()

    def verify(self: passwords.Hashing, stored: str | None, password: str) -> bool:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(meanwhile).result()
        return real(self, stored, password)

    monkeypatch.setattr(passwords.Hashing, "verify", verify)
    with pytest.raises(Invalid, match="changed a moment ago"):
        actions.reauthenticate(officer, PASSWORD, ip="10.0.0.1", today=today)


def test_guesses_at_once_are_all_counted_and_clicks_at_once_are_no_guesses(app: Flask, officer: Person) -> None:
    officer_id = officer.id
    db.session.remove()

    def work(password: str) -> type[Exception] | None:
        with app.app_context():
            try:
                person = db.session.get_one(Person, officer_id)
                actions.reauthenticate(person, password, ip="10.0.0.1", today=clock.today("UTC"))
                db.session.commit()
            except Invalid as error:
                return type(error)
            finally:
                db.session.remove()
        return None

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, [PASSWORD] * 8)) == [None] * 8
        answers = list(pool.map(work, ["wrong password"] * 16))
    assert answers.count(TooManyTries) >= 3
    row = queries.find_lock(rules.reauthentication_name(officer_id))
    assert row is not None
    assert row.failures == answers.count(Invalid) == 5
    db.session.rollback()
    assert work(PASSWORD) is TooManyTries
