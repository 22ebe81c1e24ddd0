"""One-time codes: RFC 6238's own values, enrolment, no code twice, locks, removal and reset."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select, text

from lms import clock
from lms.auth import actions, codes, evidence, queries
from lms.auth.codes import CodeBox, step_of
from lms.auth.locks import TooManyTries
from lms.auth.models import TotpCredential
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.ledger.queries import list_entries, read_disclosures
from lms.notify.models import OutboxMessage
from lms.roster.models import Person
from lms.roster.permissions import ADMINISTRATOR
from tests.factories.people import PASSWORD, give_password, make_person
from tests.support.checked_client import CheckedClient

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
SignIn = Callable[..., CheckedClient]


# RFC 6238, appendix B, SHA-1, the last six of its eight digits.
@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_rfcs_own_values(seconds: int, code: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    assert step_of(RFC_SECRET, code, now, -1) == seconds // 30
    assert step_of(RFC_SECRET, f" {code[:3]} {code[3:]} ", now, -1) == seconds // 30


def test_a_clock_may_be_half_a_minute_off_and_no_more() -> None:
    now = datetime.fromtimestamp(1111111111, UTC)
    for shift, good in ((-30, True), (30, True), (-60, False), (60, False)):
        code = pyotp.TOTP(RFC_SECRET).at(1111111111 + shift)
        assert (step_of(RFC_SECRET, code, now, -1) is not None) is good


@pytest.mark.parametrize("typed", ["", "28708", "2870822", "２８７０８２", "abcdef", "-28708"])
def test_what_is_no_code_is_wrong(typed: str) -> None:
    assert step_of(RFC_SECRET, typed, datetime.fromtimestamp(59, UTC), -1) is None


def test_a_used_step_and_those_before_it_are_wrong() -> None:
    now = datetime.fromtimestamp(59, UTC)
    assert step_of(RFC_SECRET, "287082", now, 0) == 1
    assert step_of(RFC_SECRET, "287082", now, 1) is None


def test_a_secret_is_bound_to_its_person_and_to_the_instance() -> None:
    box = CodeBox("a secret")
    sealed = box.seal(7, RFC_SECRET)
    assert box.open(7, sealed) == RFC_SECRET
    assert RFC_SECRET.encode() not in sealed
    assert box.seal(7, RFC_SECRET) != sealed
    assert box.open(8, sealed) is None
    assert CodeBox("another").open(7, sealed) is None
    assert box.open(7, sealed[:-1]) is None
    assert box.open(7, b"") is None


# Actions ---------------------------------------------------------------------------------------------------------


def secret_of(person: Person) -> str:
    row = db.session.get(TotpCredential, person.id, populate_existing=True)
    assert row is not None
    secret = codes.box().open(person.id, row.sealed)
    assert secret is not None
    return secret


def code_of(person: Person, later: int = 0) -> str:
    return pyotp.TOTP(secret_of(person)).at(clock.now() + timedelta(seconds=30 * later))


@pytest.fixture
def person(app: Flask) -> Iterator[Person]:
    """Somebody whose codes were set up a minute ago."""
    person = make_person()
    give_password(person)
    with clock.at(clock.now() - timedelta(minutes=1)):
        actions.begin_codes(person)
        actions.confirm_codes(person, code_of(person))
    db.session.commit()
    return person


def prove(person: Person, code: str, password: str = PASSWORD) -> str:
    today = clock.today("America/New_York")
    proof = actions.reauthenticate_with_code(person, password, code, ip="192.0.2.1", today=today)
    db.session.commit()
    return proof.method


def test_setting_up_is_on_the_ledger_without_the_secret(person: Person) -> None:
    [entry] = list_entries(kind=evidence.TOTP_ENROLLED)
    told = read_disclosures(entry.record_id)
    own = {"subject", "subject_seq", "prev_subject_leaf", "clock_went_back_to"}
    assert set(told) - own == {
        "enrolled_at", "sealed_sha256", "name", "badge",
    }  # fmt: skip
    assert secret_of(person) not in str(dict(told))
    assert "One-time codes are set up for your account" in db.session.scalars(select(OutboxMessage.subject)).all()
    assert list(evidence.check_rows()) == []


def test_a_code_proves_once(person: Person) -> None:
    code = code_of(person)
    assert prove(person, code) == "password_totp"
    with pytest.raises(Invalid, match="used before") as caught:
        prove(person, code)
    assert caught.value.field == "code"
    assert prove(person, code_of(person, later=1)) == "password_totp"


def test_the_wrong_password_is_refused_before_the_code_is_looked_at(person: Person) -> None:
    code = code_of(person)
    with pytest.raises(Invalid) as caught:
        prove(person, code, password="wrong")
    assert caught.value.field == "password"
    assert prove(person, code) == "password_totp"


def test_wrong_codes_lock_although_the_password_is_right_each_time(person: Person) -> None:
    for _ in range(5):
        with pytest.raises(Invalid, match="not right"):
            prove(person, "000000")
    with pytest.raises(TooManyTries):
        prove(person, code_of(person))
    with clock.at(clock.now() + timedelta(minutes=16)):
        assert prove(person, code_of(person)) == "password_totp"


def test_nobody_proves_with_codes_that_wait_or_are_gone(app: Flask) -> None:
    person = make_person()
    give_password(person)
    with pytest.raises(Invalid, match="not set up"):
        prove(person, "000000")
    actions.begin_codes(person)
    db.session.commit()
    with pytest.raises(Invalid, match="not set up"):
        prove(person, code_of(person))


def test_a_wrong_or_late_first_code_sets_nothing_up(app: Flask) -> None:
    person = make_person()
    with pytest.raises(Conflict, match="too long"):
        actions.confirm_codes(person, "000000")
    actions.begin_codes(person)
    with pytest.raises(Invalid, match="not the code"):
        actions.confirm_codes(person, "000000")
    with clock.at(clock.now() + timedelta(minutes=11)), pytest.raises(Conflict, match="too long"):
        actions.confirm_codes(person, code_of(person))
    assert queries.ways_of(person.id) == ("password",)
    assert list_entries(kind=evidence.TOTP_ENROLLED) == []


def test_codes_in_use_are_not_replaced_in_silence(person: Person) -> None:
    secret = secret_of(person)
    with pytest.raises(Conflict, match="set up already"):
        actions.begin_codes(person)
    actions.confirm_codes(person, "000000")
    assert secret_of(person) == secret


def test_another_secret_key_says_what_to_do(app: Flask, person: Person) -> None:
    app.extensions[codes.EXTENSION] = CodeBox("another key")
    with pytest.raises(Invalid, match="ask an administrator to reset"):
        prove(person, "000000")


def test_removal_and_reset_say_who_did_it(person: Person) -> None:
    admin = make_person(given_name="Ada", family_name="Admin")
    assert actions.remove_codes(person, by=admin)
    assert not actions.remove_codes(person, by=person)
    db.session.commit()
    [entry] = list_entries(kind=evidence.TOTP_REMOVED)
    told = read_disclosures(entry.record_id)
    assert (told["removed_by"], told["reset"], told["subject"]) == ("Ada Admin", True, person.subject)
    letters = db.session.scalars(select(OutboxMessage.body_text)).all()
    assert any("were reset by Ada Admin for your Rollcall account" in letter for letter in letters)
    assert queries.find_codes(person.id) is None
    assert list(evidence.check_rows()) == []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("UPDATE totp_credential SET sealed = :other", "differ from the ledger record"),
        ("UPDATE totp_credential SET enrolled_at = '2020-01-01 00:00:00.000000'", "differ from the ledger record"),
        ("UPDATE totp_credential SET record_id = NULL", "no record of it"),
        ("UPDATE totp_credential SET enrolled_at = NULL", "the row is gone"),
        ("DELETE FROM totp_credential", "the row is gone"),
    ],
)
def test_changed_codes_are_named(person: Person, change: str, what: str) -> None:
    values = {"other": b"x" * 60} if ":other" in change else {}
    db.session.execute(text(change), values)
    db.session.commit()
    db.session.expire_all()
    assert any(what in fault.what for fault in evidence.check_rows()), list(evidence.check_rows())


# Pages -----------------------------------------------------------------------------------------------------------


def test_setting_up_and_removing_through_the_pages(app: Flask, sign_in: SignIn) -> None:
    person = make_person()
    client = sign_in(person)
    assert client.submit("/auth/ways/codes/add", {"password": "wrong"}).status_code == 422
    assert client.get("/auth/ways/codes/new").location == "/auth/ways"
    assert client.submit("/auth/ways/codes/add", {"password": PASSWORD}).location == "/auth/ways/codes/new"
    page = client.get("/auth/ways/codes/new").get_data(as_text=True)
    shown = re.search(r'<code class="code-wrap">([A-Z2-7 ]+)</code>', page)
    assert shown
    assert shown[1].replace(" ", "") == secret_of(person)
    assert client.submit("/auth/ways/codes/new", {"code": "000000"}).status_code == 422
    assert client.submit("/auth/ways/codes/new", {"code": code_of(person)}).location == "/auth/ways"
    assert "One-time codes are set up." in client.get("/auth/ways").get_data(as_text=True)
    assert client.get("/auth/ways/codes/new").location == "/auth/ways"
    assert client.submit("/auth/ways/codes/remove", {"password": PASSWORD}).location == "/auth/ways"
    assert queries.find_codes(person.id) is None


def test_an_administrator_resets_with_his_own_password(app: Flask, person: Person, sign_in: SignIn) -> None:
    client = sign_in(make_person(), ADMINISTRATOR)
    path = f"/auth/accounts/{person.id}"
    assert "Reset one-time codes" in client.get(path).get_data(as_text=True)
    assert client.submit(f"{path}/codes/reset", {"password": "wrong"}).status_code == 422
    assert client.submit(f"{path}/codes/reset", {"password": PASSWORD}).location == path
    assert "not set up" in client.get(path).get_data(as_text=True)


def test_the_picture_holds_the_address_that_apps_read() -> None:
    address = codes.address_of(RFC_SECRET, "dana@portland.test", "Portland Police Department")
    assert address.startswith("otpauth://totp/Portland%20Police%20Department:dana%40portland.test?")
    assert f"secret={RFC_SECRET}" in address
    assert codes.picture_of(address).startswith("data:image/svg+xml")
