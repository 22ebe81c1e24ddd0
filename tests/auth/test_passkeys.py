"""Passkeys: for which site, how they are enrolled and removed, and what is refused."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from lms import clock
from lms.auth import actions, evidence, queries
from lms.auth.models import PasskeyCredential
from lms.auth.passkeys import RelyingParty, belongs, relying_party
from lms.db import db
from lms.errors import Conflict, Invalid, NotFound
from lms.ledger.queries import list_entries, read_disclosures
from lms.notify.models import OutboxMessage
from lms.roster.models import Person
from tests.factories.people import PASSWORD, make_person
from tests.support.authenticator import EDDSA, ES256, RS256, UP, UV, SoftPasskey, b64, unb64
from tests.support.checked_client import CheckedClient

SITE = RelyingParty("localhost", "http://localhost", "Portland Police Department")
CHALLENGE = b"c" * 32
SignIn = Callable[..., CheckedClient]


def enrol(person: Person, passkey: SoftPasskey | None = None, label: str = "My phone") -> SoftPasskey:
    """A passkey of this person, by the real action; committed."""
    passkey = passkey or SoftPasskey()
    actions.enrol_passkey(person, passkey.register(CHALLENGE), CHALLENGE, label, SITE)
    db.session.commit()
    return passkey


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("https://police.example.gov", ("police.example.gov", "https://police.example.gov")),
        ("https://police.example.gov:443/", ("police.example.gov", "https://police.example.gov")),
        ("https://Police.Example.gov:8443", ("police.example.gov", "https://police.example.gov:8443")),
        ("http://localhost:8000", ("localhost", "http://localhost:8000")),
        ("http://127.0.0.1:8000", ("localhost", "http://localhost:8000")),
        ("http://[::1]:8000", ("localhost", "http://localhost:8000")),
        ("https://münchen.example", ("xn--mnchen-3ya.example", "https://xn--mnchen-3ya.example")),
        ("http://police.example.gov", None),
        ("https://10.1.2.3", None),
        ("http://192.168.0.9:8000", None),
    ],
)
def test_passkeys_need_a_name_and_a_secure_connection(address: str, site: tuple[str, str] | None) -> None:
    found = relying_party(address, "x")
    assert (None if found is None else (found.rp_id, found.origin)) == site


def test_a_page_belongs_to_its_own_domain_only() -> None:
    assert belongs("example.gov", "https://training.example.gov")
    assert not belongs("example.gov", "https://badexample.gov")
    assert not belongs("", "https://example.gov")


@pytest.mark.parametrize("alg", [ES256, EDDSA, RS256])
def test_an_enrolment_is_on_the_ledger_and_a_letter_tells(app: Flask, alg: int) -> None:
    person = make_person()
    passkey = enrol(person, SoftPasskey(alg))
    [row] = queries.list_passkeys(person.id)
    told = read_disclosures(row.record_id)
    assert unb64(told["credential_id"]) == passkey.credential_id
    assert unb64(told["public_key"]) == passkey.cose
    assert (told["label"], told["alg"], told["subject"]) == ("My phone", alg, person.subject)
    assert (told["rp_id"], told["origin"]) == ("localhost", "http://localhost")
    assert db.session.scalars(select(OutboxMessage.subject)).all() == ["A passkey was added to your account"]
    assert list(evidence.check_rows()) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "http://localhost:81"},
        {"origin": "https://evil.example"},
        {"rp_id": "evil.example"},
        {"flags": UP},
        {"flags": UV},
        {"kind": "get"},
    ],
)
def test_a_wrong_registration_adds_nothing(app: Flask, wrong: dict[str, Any]) -> None:
    person = make_person()
    with pytest.raises(Invalid, match="none was added"):
        actions.enrol_passkey(person, SoftPasskey().register(CHALLENGE, **wrong), CHALLENGE, "x", SITE)
    assert queries.list_passkeys(person.id) == []


@pytest.mark.parametrize("answer", ["", "[]", "{}", '{"id": 1}', '{"response": {}}', "x" * 30_000, "[" * 5000])
def test_what_no_browser_sends_adds_nothing(app: Flask, answer: str) -> None:
    with pytest.raises(Invalid, match="none was added"):
        actions.enrol_passkey(make_person(), answer, CHALLENGE, "x", SITE)


def test_another_challenge_adds_nothing(app: Flask) -> None:
    with pytest.raises(Invalid, match="none was added"):
        actions.enrol_passkey(make_person(), SoftPasskey().register(b"d" * 32), CHALLENGE, "x", SITE)


def test_a_passkey_is_enrolled_once_also_after_it_was_removed(app: Flask) -> None:
    person, other = make_person(), make_person()
    passkey = enrol(person)
    for who in (person, other):
        with pytest.raises(Conflict, match="added before"):
            enrol(who, passkey)
        db.session.rollback()
    actions.remove_passkey(person, queries.list_passkeys(person.id)[0].id)
    db.session.commit()
    with pytest.raises(Conflict):
        enrol(person, passkey)


def test_removing_is_recorded_once_and_nobody_removes_anothers(app: Flask) -> None:
    person, other = make_person(), make_person()
    enrol(person)
    passkey_id = queries.list_passkeys(person.id)[0].id
    with pytest.raises(NotFound):
        actions.remove_passkey(other, passkey_id)
    actions.remove_passkey(person, passkey_id)
    actions.remove_passkey(person, passkey_id)
    db.session.commit()
    assert queries.list_passkeys(person.id) == []
    assert len(list_entries(kind=evidence.PASSKEY_REMOVED)) == 1
    assert list(evidence.check_rows()) == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("UPDATE passkey_credential SET public_key = credential_id", "public_key"),
        ("UPDATE passkey_credential SET label = 'x'", "label"),
        ("UPDATE passkey_credential SET person_id = person_id + 1", "subject"),
        ("UPDATE passkey_credential SET removed_at = enrolled_at WHERE removed_at IS NULL", "removed_at"),
        ("UPDATE passkey_credential SET removed_at = NULL", "removed_at"),
        ("DELETE FROM passkey_credential WHERE removed_at IS NULL", "credential.passkey_enrolled"),
    ],
)
def test_a_changed_passkey_is_named(app: Flask, change: str, named: str) -> None:
    person, _ = make_person(), make_person()
    enrol(person)
    enrol(person, label="Old key")
    actions.remove_passkey(person, queries.list_passkeys(person.id)[1].id)
    db.session.commit()
    assert list(evidence.check_rows()) == []
    db.session.execute(text(change))
    db.session.commit()
    db.session.expire_all()
    assert any(named in fault.where for fault in evidence.check_rows()), list(evidence.check_rows())


def test_a_passkey_put_in_by_sql_is_named(app: Flask) -> None:
    person = make_person()
    enrol(person)
    [known] = queries.list_passkeys(person.id)
    foreign = SoftPasskey()
    db.session.add(
        PasskeyCredential(
            person_id=person.id, credential_id=foreign.credential_id, public_key=foreign.cose, label="x",
            enrolled_at=clock.now(), record_id=known.record_id,
        )
    )  # fmt: skip
    db.session.commit()
    assert list(evidence.check_rows()) != []


# Proofs ----------------------------------------------------------------------------------------------------------


def prove(person: Person, answer: str, challenge: bytes = CHALLENGE) -> Any:
    return actions.prove_with_passkey(person, answer, challenge, site=SITE, today=clock.today("America/New_York"))


@pytest.mark.parametrize("alg", [ES256, EDDSA, RS256])
def test_a_proof_holds_all_that_it_can_be_checked_with(app: Flask, alg: int) -> None:
    person = make_person()
    passkey = enrol(person, SoftPasskey(alg))
    answer = passkey.get(CHALLENGE)
    proof = prove(person, answer)
    assert proof.method == "passkey"
    assert proof.shows["alg"] == alg
    assert unb64(proof.shows["public_key"]) == passkey.cose
    assert json.loads(unb64(proof.shows["client_data"]))["challenge"] == b64(CHALLENGE)


WRONG: list[dict[str, Any]] = [
    {"origin": "http://localhost:81"},
    {"origin": "https://evil.example"},
    {"rp_id": "evil.example"},
    {"flags": UP},
    {"flags": UV},
    {"kind": "create"},
    {"cross_origin": True},
]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_assertion_is_refused(app: Flask, wrong: dict[str, Any]) -> None:
    person = make_person()
    with pytest.raises(Invalid, match="Nothing was signed"):
        prove(person, enrol(person).get(CHALLENGE, **wrong))


def test_another_challenge_key_or_person_is_refused(app: Flask) -> None:
    person, other = make_person(), make_person()
    passkey, foreign = enrol(person), enrol(other)
    stranger = SoftPasskey(credential_id=passkey.credential_id)
    for answer in (passkey.get(b"d" * 32), foreign.get(CHALLENGE), stranger.get(CHALLENGE), "", "{}"):
        with pytest.raises(Invalid):
            prove(person, answer)
    assert prove(person, passkey.get(CHALLENGE))


def test_a_removed_passkey_and_a_closed_account_are_refused(app: Flask) -> None:
    person = make_person()
    passkey = enrol(person)
    actions.remove_passkey(person, queries.list_passkeys(person.id)[0].id)
    with pytest.raises(Invalid):
        prove(person, passkey.get(CHALLENGE))
    second = enrol(person)
    person.separated_on = clock.today("America/New_York") - timedelta(days=1)
    with pytest.raises(Invalid):
        prove(person, second.get(CHALLENGE))


def test_a_count_that_does_not_grow_is_refused(app: Flask) -> None:
    person = make_person()
    passkey = enrol(person)
    first = passkey.get(CHALLENGE, counts=True)
    prove(person, first)
    db.session.commit()
    with pytest.raises(Invalid):
        prove(person, first)
    db.session.rollback()
    passkey.count = 0
    with pytest.raises(Invalid):
        prove(person, passkey.get(CHALLENGE))
    passkey.count = 1
    assert prove(person, passkey.get(CHALLENGE, counts=True))


def test_a_signature_with_one_byte_changed_is_refused(app: Flask) -> None:
    person = make_person()
    passkey = enrol(person, SoftPasskey(EDDSA))
    answer = json.loads(passkey.get(CHALLENGE))
    for name in answer["response"]:
        raw = bytearray(unb64(answer["response"][name]))
        raw[len(raw) // 2] ^= 1
        changed = {**answer, "response": {**answer["response"], name: b64(bytes(raw))}}
        with pytest.raises(Invalid):
            prove(person, json.dumps(changed))


# Pages -----------------------------------------------------------------------------------------------------------


def options_of(page: str) -> dict[str, Any]:
    raw = page.split('data-enrol="', 1)[1].split('"', 1)[0].replace("&#34;", '"')
    found: dict[str, Any] = json.loads(raw)
    return found


def test_adding_and_removing_through_the_pages(app: Flask, sign_in: SignIn) -> None:
    person = make_person()
    client = sign_in(person)
    assert "You have no passkey yet." in client.get("/auth/ways").get_data(as_text=True)
    wrong = client.submit("/auth/ways/passkeys/add", {"label": "My phone", "password": "wrong"})
    assert wrong.status_code == 422
    assert client.get("/auth/ways/passkeys/new").location == "/auth/ways/passkeys/add"
    first = client.submit("/auth/ways/passkeys/add", {"label": "My phone", "password": PASSWORD})
    assert first.location == "/auth/ways/passkeys/new"
    options = options_of(client.get("/auth/ways/passkeys/new").get_data(as_text=True))
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["authenticatorSelection"]["residentKey"] == "preferred"
    assert options["rp"]["id"] == "localhost"
    passkey = SoftPasskey()
    refused = client.submit("/auth/ways/passkeys/new", {"credential": passkey.register(b"x" * 32)})
    assert refused.status_code == 422
    made = {"credential": passkey.register(unb64(options["challenge"]))}
    assert client.submit("/auth/ways/passkeys/new", made).location == "/auth/ways"
    assert client.get("/auth/ways/passkeys/new").location == "/auth/ways/passkeys/add"
    page = client.get("/auth/ways").get_data(as_text=True)
    assert "My phone" in page
    remove = f"/auth/ways/passkeys/{queries.list_passkeys(person.id)[0].id}/remove"
    assert client.submit(remove, {"password": "wrong"}).status_code == 422
    assert client.submit(remove, {"password": PASSWORD}).location == "/auth/ways"
    assert "You have no passkey yet." in client.get("/auth/ways").get_data(as_text=True)


def test_an_enrolment_waits_ten_minutes(app: Flask, sign_in: SignIn) -> None:
    client = sign_in(make_person())
    client.submit("/auth/ways/passkeys/add", {"label": "My phone", "password": PASSWORD})
    with clock.at(clock.now() + timedelta(minutes=11)):
        assert client.get("/auth/ways/passkeys/new").location == "/auth/ways/passkeys/add"


def test_another_persons_passkey_cannot_be_removed_through_the_page(app: Flask, sign_in: SignIn) -> None:
    owner = make_person()
    enrol(owner)
    path = f"/auth/ways/passkeys/{queries.list_passkeys(owner.id)[0].id}/remove"
    assert sign_in(make_person()).get(path).status_code == 404


def test_an_address_without_passkeys_says_so(app: Flask, sign_in: SignIn) -> None:
    client = sign_in(make_person())
    object.__setattr__(app.extensions["rollcall.settings"], "public_url", "http://10.0.0.9:8000")
    page = client.get("/auth/ways").get_data(as_text=True)
    assert "No passkeys at this address" in page
    assert "http://10.0.0.9:8000" in page
    assert client.get("/auth/ways/passkeys/add").status_code == 404


def test_the_challenge_is_random_and_long_enough(app: Flask, sign_in: SignIn) -> None:
    client = sign_in(make_person())
    seen = set()
    for _ in range(3):
        client.submit("/auth/ways/passkeys/add", {"label": "x", "password": PASSWORD})
        options = options_of(client.get("/auth/ways/passkeys/new").get_data(as_text=True))
        seen.add(options["challenge"])
        assert len(base64.urlsafe_b64decode(options["challenge"] + "==")) == 32
    assert len(seen) == 3
