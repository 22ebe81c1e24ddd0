"""Signing with a passkey: the record itself is signed, and nothing else is ever taken for it."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from flask import Flask
from sqlalchemy import func, select, text

from lms import clock
from lms.attestation import actions, evidence, pdf, queries
from lms.attestation.models import Attestation, PreparedSignature, SigningQuestion
from lms.attestation.rules import Shown
from lms.auth.actions import prove_with_passkey, remove_passkey
from lms.auth.queries import list_passkeys
from lms.auth.rules import METHOD_SAYS
from lms.db import db
from lms.errors import Conflict, Invalid, NotFound, Stale
from lms.ledger import actions as ledger
from lms.ledger.actions import Prepared
from lms.ledger.queries import get_entry, read_disclosures
from lms.ledger.verify import verify_log
from lms.roster.models import Person
from lms.roster.permissions import HR
from lms.training.models import Assignment
from tests.attestation.test_pages import hidden_of, text_of
from tests.attestation.test_signing import CLIENT, KEY
from tests.auth.test_passkeys import SITE, WRONG, enrol
from tests.factories.people import PASSWORD, make_person
from tests.factories.training import make_assignment, make_ready_to_sign, published_course
from tests.support.authenticator import EDDSA, ES256, RS256, SoftPasskey, b64, unb64
from tests.support.checked_client import CheckedClient

SignIn = Callable[..., CheckedClient]
TODAY = date(2026, 11, 22)


@pytest.fixture
def officer(app: Flask) -> Person:
    published_course()
    return make_person(given_name="Alma", family_name="Reyes", badge="4417")


def shown(assignment: Assignment) -> Shown:
    return actions.prepare_sheet(assignment).shown


def prepare(person: Person, assignment: Assignment, *, reservation: str = "") -> Prepared:
    made = actions.prepare_signature(
        person, assignment.id, shown(assignment), on_duty=True, reservation=reservation, client=CLIENT
    )
    db.session.commit()
    assert made is not None
    return made


def sign(
    person: Person, assignment: Assignment, prepared: Prepared, answer: str, *, key: str = KEY, **other: Any
) -> Attestation:
    typed: dict[str, Any] = {"on_duty": True, "reservation": "", "record_id": prepared.entry.record_id, **other}
    row = actions.sign_prepared(
        person,
        assignment.id,
        typed.pop("shown", None) or shown(assignment),
        prove=lambda challenge: prove_with_passkey(person, answer, challenge, site=SITE, today=TODAY),
        idempotency_key=key,
        answer_by=date(2026, 12, 1),
        **typed,
    )
    db.session.commit()
    return queries.get_attestation(row.id)


def nothing_signed(assignment: Assignment) -> None:
    db.session.rollback()
    db.session.expire_all()
    assert db.session.scalar(select(func.count()).select_from(Attestation)) == 0
    assert db.session.get(Assignment, assignment.id).outcome is None  # type: ignore[union-attr]


@pytest.mark.parametrize("alg", [ES256, EDDSA, RS256])
def test_the_passkey_signs_the_records_own_core(officer: Person, alg: int) -> None:
    assignment, passkey = make_ready_to_sign(officer), enrol(officer, SoftPasskey(alg))
    prepared = prepare(officer, assignment)
    row = sign(officer, assignment, prepared, passkey.get(prepared.challenge))
    told = read_disclosures(row.record_id)
    assert told.proof is not None
    core = json.loads(get_entry(row.record_id).entry)["core"]
    challenge = json.loads(unb64(told.proof["client_data"]))["challenge"]
    assert challenge == b64(sha256(rfc8785.dumps(core)).digest())
    assert core["id"] == row.record_id == prepared.entry.record_id
    assert set(told.proof) == {
        "method", "at", "says", "credential_id", "public_key", "rp_id", "origin", "client_data",
        "authenticator_data", "signature", "alg",
    }  # fmt: skip
    assert (row.method, told["method"], told.proof["method"], told.proof["alg"]) == (
        "passkey", "passkey", "passkey", alg,
    )  # fmt: skip
    assert told.proof["says"] == METHOD_SAYS["passkey"]
    assert assignment.outcome == "completed"
    assert db.session.scalar(select(func.count()).select_from(PreparedSignature)) == 0
    assert list(verify_log()) == []
    assert list(evidence.check_rows()) == []


def test_a_question_goes_the_same_way_as_with_a_password(officer: Person) -> None:
    assignment, passkey = make_ready_to_sign(officer), enrol(officer)
    prepared = prepare(officer, assignment, reservation=" Cafe\u0301? ")
    row = sign(officer, assignment, prepared, passkey.get(prepared.challenge), reservation="Cafe\u0301?")
    assert db.session.scalars(select(SigningQuestion.attestation_id)).all() == [row.id]
    assert list(evidence.check_rows()) == []


def test_a_retry_or_a_second_tab_finds_the_one_signature(officer: Person) -> None:
    assignment, passkey = make_ready_to_sign(officer), enrol(officer)
    prepared, was = prepare(officer, assignment), shown(assignment)
    answer = passkey.get(prepared.challenge, counts=True)
    first = sign(officer, assignment, prepared, answer, shown=was)
    again = sign(officer, assignment, prepared, answer, shown=was)
    assert first.id == again.id
    assert actions.prepare_signature(officer, assignment.id, was, on_duty=True, reservation="", client=CLIENT) is None


def test_a_replayed_assertion_signs_no_other_training(officer: Person) -> None:
    passkey, first = enrol(officer), make_ready_to_sign(officer)
    prepared = prepare(officer, first)
    answer = passkey.get(prepared.challenge)
    sign(officer, first, prepared, answer)
    second = make_ready_to_sign(make_person())
    other = queries.find_attestation_of(second.id)
    assert other is None
    colleague = db.session.get(Person, second.person_id)
    assert colleague is not None
    enrol(colleague)
    waiting = prepare(colleague, second)
    with pytest.raises(Invalid, match="Nothing was signed"):
        sign(colleague, second, waiting, answer, key="f" * 32)


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_assertion_signs_nothing(officer: Person, wrong: dict[str, Any]) -> None:
    assignment, passkey = make_ready_to_sign(officer), enrol(officer)
    prepared = prepare(officer, assignment)
    with pytest.raises(Invalid, match="Nothing was signed"):
        sign(officer, assignment, prepared, passkey.get(prepared.challenge, **wrong))
    nothing_signed(assignment)


def test_other_challenge_other_person_removed_passkey_sign_nothing(officer: Person) -> None:
    assignment, passkey, foreign = make_ready_to_sign(officer), enrol(officer), enrol(make_person())
    old = prepare(officer, assignment)
    prepared = prepare(officer, assignment)
    assert old.challenge != prepared.challenge
    for answer in (passkey.get(old.challenge), foreign.get(prepared.challenge), ""):
        with pytest.raises(Invalid, match="Nothing was signed"):
            sign(officer, assignment, prepared, answer)
        nothing_signed(assignment)
    with pytest.raises(Stale, match="another tab"):
        sign(officer, assignment, old, passkey.get(old.challenge))
    nothing_signed(assignment)
    remove_passkey(officer, list_passkeys(officer.id)[0].id)
    db.session.commit()
    again = prepare(officer, assignment)
    with pytest.raises(Invalid, match="Nothing was signed"):
        sign(officer, assignment, again, passkey.get(again.challenge))
    nothing_signed(assignment)


def test_nobody_prepares_or_signs_for_somebody_else(officer: Person) -> None:
    assignment, other = make_ready_to_sign(officer), make_person()
    passkey = enrol(other)
    with pytest.raises(NotFound):
        prepare(other, assignment)
    db.session.rollback()
    prepared = prepare(officer, assignment)
    with pytest.raises(NotFound):
        sign(other, assignment, prepared, passkey.get(prepared.challenge))


def test_what_waits_too_long_is_not_signed(officer: Person) -> None:
    assignment, passkey = make_ready_to_sign(officer), enrol(officer)
    prepared = prepare(officer, assignment)
    answer = passkey.get(prepared.challenge)
    with clock.at(prepared.entry.at + timedelta(minutes=5, seconds=1)), pytest.raises(Stale, match="More than 5"):
        sign(officer, assignment, prepared, answer)
    nothing_signed(assignment)
    assert actions.forget_expired(prepared.entry.at + timedelta(minutes=4)) == 0
    assert actions.forget_expired(prepared.entry.at + timedelta(minutes=6)) == 1
    with pytest.raises(Stale, match="waited too long"):
        sign(officer, assignment, prepared, answer)


def test_the_chain_moved_on_meanwhile(officer: Person) -> None:
    assignment, passkey = make_ready_to_sign(officer), enrol(officer)
    prepared = prepare(officer, assignment)
    ledger.append(kind="test.thing_happened", fields={}, subject=officer.subject)
    db.session.commit()
    with pytest.raises(Stale, match=r"recorded in the meantime.*What you typed is still there"):
        sign(officer, assignment, prepared, passkey.get(prepared.challenge))
    nothing_signed(assignment)
    again = prepare(officer, assignment)
    assert sign(officer, assignment, again, passkey.get(again.challenge)).outcome == "signed"
    assert list(verify_log()) == []


def test_records_of_others_meanwhile_do_no_harm(officer: Person) -> None:
    assignment, passkey = make_ready_to_sign(officer), enrol(officer)
    prepared = prepare(officer, assignment)
    make_person()
    row = sign(officer, assignment, prepared, passkey.get(prepared.challenge))
    assert get_entry(row.record_id).at == prepared.entry.at
    assert list(verify_log()) == []
    assert list(evidence.check_rows()) == []


@pytest.mark.parametrize(
    "change",
    [
        {"policy_version_id": 1},
        {"course_version_id": 1},
        {"statement_sha256": "0" * 64},
    ],
)
def test_what_is_no_longer_current_is_neither_prepared_nor_signed(officer: Person, change: dict[str, Any]) -> None:
    assignment, passkey = make_ready_to_sign(officer), enrol(officer)
    prepared, now = prepare(officer, assignment), shown(assignment)
    old = Shown(
        now.policy_version_id + change.get("policy_version_id", 0),
        now.course_version_id + change.get("course_version_id", 0),
        change.get("statement_sha256", now.statement_sha256),
    )
    with pytest.raises(Stale, match="Nothing was signed"):
        sign(officer, assignment, prepared, passkey.get(prepared.challenge), shown=old)
    nothing_signed(assignment)
    with pytest.raises(Stale):
        actions.prepare_signature(officer, assignment.id, old, on_duty=True, reservation="", client=CLIENT)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE policy_version SET sha256 = 'f'", "changed while this page was open"),
        ("UPDATE person SET family_name = 'Other'", "changed while this page was open"),
        ("UPDATE course_version SET title = 'Other'", "changed while this page was open"),
    ],
)
def test_what_was_prepared_and_is_so_no_more_is_not_signed(officer: Person, change: str, said: str) -> None:
    assignment, passkey = make_ready_to_sign(officer), enrol(officer)
    prepared, now = prepare(officer, assignment), shown(assignment)
    db.session.execute(text(change))
    db.session.commit()
    db.session.expire_all()
    with pytest.raises(Stale, match=said):
        sign(officer, assignment, prepared, passkey.get(prepared.challenge), shown=now)
    nothing_signed(assignment)


@pytest.mark.parametrize("typed", [{"reservation": "Something else"}, {"on_duty": False}])
def test_what_was_typed_after_the_passkey_was_asked_is_not_signed_in_silence(
    officer: Person, typed: dict[str, Any]
) -> None:
    assignment, passkey = make_ready_to_sign(officer), enrol(officer)
    prepared = prepare(officer, assignment)
    with pytest.raises(Stale, match="What you typed changed"):
        sign(officer, assignment, prepared, passkey.get(prepared.challenge), **typed)
    nothing_signed(assignment)


def test_a_preparation_altered_in_the_database_is_not_signed(officer: Person) -> None:
    assignment, passkey = make_ready_to_sign(officer), enrol(officer)
    prepared = prepare(officer, assignment)
    db.session.execute(text("UPDATE prepared_signature SET content = replace(content, '.signed', '.declined')"))
    db.session.commit()
    with pytest.raises(Invalid, match="Nothing was signed"):
        sign(officer, assignment, prepared, passkey.get(prepared.challenge))
    nothing_signed(assignment)


def test_nothing_is_prepared_before_the_capstone_is_passed(officer: Person) -> None:
    assignment = make_assignment(officer)
    with pytest.raises(Conflict, match="two modules are still open"):
        actions.prepare_signature(officer, assignment.id, Shown(1, 1, ""), on_duty=True, reservation="", client=CLIENT)


# The audit -------------------------------------------------------------------------------------------------------


def forge(officer: Person, alter: Callable[[dict[str, Any]], None], *, method: str = "passkey") -> list[str]:
    """Appends a signature whose proof somebody with the database and the program made up; gives the audit's words."""
    assignment, passkey = make_ready_to_sign(officer), enrol(officer)
    prepared = prepare(officer, assignment)
    row = sign(officer, assignment, prepared, passkey.get(prepared.challenge))
    told = read_disclosures(row.record_id)
    proof = dict(told.proof or {})
    alter(proof)
    own = {"subject", "subject_seq", "prev_subject_leaf", "clock_went_back_to"}
    fields = {name: value for name, value in told.items() if name not in own}
    ledger.append(kind=evidence.SIGNED, subject=officer.subject, fields={**fields, "method": method}, proof=proof)
    db.session.commit()
    return [fault.what for fault in evidence.check_rows() if fault.where == "proof"]


def set_to(**values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda proof: proof.update(values)


def drop(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda proof: proof.pop(name)


OTHER_KEY = SoftPasskey()


@pytest.mark.parametrize(
    ("alter", "said"),
    [
        (set_to(), "does not hold for this record: Client data challenge"),
        (set_to(public_key=b64(OTHER_KEY.cose)), "not the one that was enrolled"),
        (set_to(credential_id=b64(OTHER_KEY.credential_id)), "no enrolment"),
        (set_to(rp_id="evil.example"), "contradicts itself"),
        (set_to(origin="http://evil.example"), "contradicts itself"),
        (set_to(alg=-8), "contradicts itself"),
        (set_to(signature="!"), "cannot be read"),
        (drop("signature"), "cannot be read"),
        (set_to(method="password"), "another way of signing"),
    ],
)
def test_a_made_up_proof_is_named(officer: Person, alter: Callable[[dict[str, Any]], None], said: str) -> None:
    [what] = forge(officer, alter)
    assert said in what


def test_a_signature_that_calls_itself_a_password_is_named(officer: Person) -> None:
    assert "another way of signing" in forge(officer, set_to(), method="password")[0]


@pytest.mark.parametrize("when", ["removed", "later", "of another"])
def test_a_passkey_out_of_its_time_or_of_another_person_is_named(officer: Person, when: str) -> None:
    """Somebody with the program calls the ledger itself, with a passkey that could not sign then."""
    assignment, passkey = make_ready_to_sign(officer), SoftPasskey()
    holder = make_person() if when == "of another" else officer
    if when != "later":
        enrol(holder, passkey)
    if when == "removed":
        remove_passkey(officer, list_passkeys(officer.id)[0].id)
        db.session.commit()
    waiting = prepare(officer, assignment)
    if when == "later":
        proof = proof_of(passkey, waiting)
        ledger.append_prepared(waiting, proof=proof)
        db.session.commit()
        enrol(officer, passkey)
    else:
        ledger.append_prepared(waiting, proof=proof_of(passkey, waiting))
        db.session.commit()
    said = {"removed": "had been removed", "later": "enrolled later", "of another": f"passkey of {holder.subject}"}
    assert any(said[when] in fault.what for fault in evidence.check_rows() if fault.where == "proof")


def proof_of(passkey: SoftPasskey, prepared: Prepared) -> dict[str, Any]:
    parts = json.loads(passkey.get(prepared.challenge))["response"]
    return {
        "method": "passkey", "says": "", "credential_id": b64(passkey.credential_id), "public_key": b64(passkey.cose),
        "rp_id": "localhost", "origin": "http://localhost", "client_data": parts["clientDataJSON"],
        "authenticator_data": parts["authenticatorData"], "signature": parts["signature"], "alg": passkey.alg,
    }  # fmt: skip


def test_signatures_stay_good_after_their_passkey_was_removed(officer: Person) -> None:
    assignment, passkey = make_ready_to_sign(officer), enrol(officer)
    prepared = prepare(officer, assignment)
    sign(officer, assignment, prepared, passkey.get(prepared.challenge))
    remove_passkey(officer, list_passkeys(officer.id)[0].id)
    db.session.commit()
    assert list(evidence.check_rows()) == []


def test_a_disposed_enrolment_leaves_the_signature_good(officer: Person) -> None:
    assignment, passkey = make_ready_to_sign(officer), enrol(officer)
    prepared = prepare(officer, assignment)
    sign(officer, assignment, prepared, passkey.get(prepared.challenge))
    ledger.destroy_content(list_passkeys(officer.id)[0].record_id)
    db.session.commit()
    assert list(evidence.check_rows()) == []


# Pages -----------------------------------------------------------------------------------------------------------


def ask(client: CheckedClient, path: str, page: str, **typed: str) -> dict[str, Any]:
    data = {**hidden_of(page), "on_duty": "yes", "intent": "y", "way": "passkey", **typed}
    answer = client.post(f"{path}/prepare", data=data)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def test_signing_with_a_passkey_through_the_pages(officer: Person, sign_in: SignIn) -> None:
    assignment, passkey = make_ready_to_sign(officer), enrol(officer)
    client, path = sign_in(officer), f"/attestation/{assignment.id}/sign"
    page = text_of(client, path)
    assert 'data-origin="http://localhost"' in page
    assert re.search(r"data-scripted hidden>\s*<input[^>]*value=\"passkey\"", page)
    assert re.search(r"<input[^>]*checked[^>]*value=\"password\"", page)
    prepared = ask(client, path, page, reservation="A question?")
    options = prepared["publicKey"]
    assert (options["rpId"], options["userVerification"]) == ("localhost", "required")
    assert [unb64(one["id"]) for one in options["allowCredentials"]] == [passkey.credential_id]
    data = {
        **hidden_of(page), "on_duty": "yes", "intent": "y", "way": "passkey", "reservation": "A question?",
        "prepared": prepared["record"], "assertion": passkey.get(unb64(options["challenge"])),
    }  # fmt: skip
    signed = client.post(path, data=data)
    assert "/attestation/receipts/" in signed.location
    assert client.post(path, data=data).location == signed.location
    assert ask(client, path, page) == {"go": signed.location}
    receipt = text_of(client, signed.location)
    assert "passkey with user verification" in receipt
    assert "That does not show who held the device." in receipt
    assert client.get(f"{signed.location}.pdf").data.startswith(b"%PDF")
    row = db.session.scalars(select(Attestation)).one()
    facts = str(pdf.receipt_facts(queries.get_receipt(queries.get_attestation(row.id)), "America/New_York"))
    assert METHOD_SAYS["passkey"] in facts
    assert b64(passkey.credential_id) in facts


def test_a_refused_preparation_keeps_what_was_typed(officer: Person, sign_in: SignIn) -> None:
    assignment = make_ready_to_sign(officer)
    enrol(officer)
    client, path = sign_in(officer), f"/attestation/{assignment.id}/sign"
    page = text_of(client, path)
    assert ask(client, path, page, intent="", reservation="Keep me.") == {"go": path}
    again = text_of(client, path)
    assert "Check this box if you mean to sign." in again
    assert "Keep me." in again
    assert ask(client, path, again, statement_sha256="0" * 64, reservation="Keep me, too.") == {"go": path}
    assert "Keep me, too." in text_of(client, path)


def test_a_refused_assertion_keeps_what_was_typed_and_the_password_works(officer: Person, sign_in: SignIn) -> None:
    assignment, passkey = make_ready_to_sign(officer), enrol(officer)
    client, path = sign_in(officer), f"/attestation/{assignment.id}/sign"
    page = text_of(client, path)
    prepared = ask(client, path, page, reservation="Keep me.")
    typed = {"on_duty": "yes", "intent": "y", "reservation": "Keep me."}
    data = {**hidden_of(page), **typed, "way": "passkey", "prepared": prepared["record"]}
    for answer in ("", passkey.get(b"x" * 32), "x" * 30_000):
        assert client.post(path, data={**data, "assertion": answer}).location == path
        again = text_of(client, path)
        assert "Nothing was signed." in again
        assert "Keep me." in again
    data = {**hidden_of(again), **typed, "way": "password", "password": PASSWORD}
    assert "/attestation/receipts/" in client.post(path, data=data).location
    assert db.session.scalars(select(Attestation.method)).one() == "password"


def test_without_a_passkey_nothing_is_prepared(officer: Person, sign_in: SignIn) -> None:
    assignment = make_ready_to_sign(officer)
    client, path = sign_in(officer), f"/attestation/{assignment.id}/sign"
    page = text_of(client, path)
    assert 'name="way"' not in page
    assert "sign.js" not in page
    assert ask(client, path, page) == {"go": path}
    assert "You have no passkey for this site any more." in text_of(client, path)
    assert db.session.scalar(select(func.count()).select_from(PreparedSignature)) == 0


def test_signing_with_a_code_through_the_page(officer: Person, sign_in: SignIn) -> None:
    from lms.auth import actions as auth
    from tests.auth.test_codes import code_of

    assignment = make_ready_to_sign(officer)
    client, path = sign_in(officer), f"/attestation/{assignment.id}/sign"
    with clock.at(clock.now() - timedelta(minutes=1)):
        auth.begin_codes(officer)
        auth.confirm_codes(officer, code_of(officer))
    db.session.commit()
    page = text_of(client, path)
    assert re.search(r"<input[^>]*checked[^>]*value=\"password_totp\"", page)
    typed = {"on_duty": "yes", "intent": "y", "way": "password_totp", "password": PASSWORD}
    for code, said in (("", "Type the code that your app shows now"), ("000000", "This code is not right")):
        assert client.post(path, data={**hidden_of(page), **typed, "code": code}).location == path
        page = text_of(client, path)
        assert said in page
    signed = client.post(path, data={**hidden_of(page), **typed, "code": code_of(officer)})
    assert "/attestation/receipts/" in signed.location
    row = db.session.scalars(select(Attestation)).one()
    told = read_disclosures(row.record_id)
    assert told.proof is not None
    assert (row.method, told.proof["says"]) == ("password_totp", METHOD_SAYS["password_totp"])
    assert "password and one-time code" in text_of(client, signed.location)
    assert list(evidence.check_rows()) == []


def test_hr_reads_what_the_passkey_proves(officer: Person, sign_in: SignIn) -> None:
    assignment, passkey = make_ready_to_sign(officer), enrol(officer)
    prepared = prepare(officer, assignment)
    row = sign(officer, assignment, prepared, passkey.get(prepared.challenge))
    client = sign_in(make_person(), HR)
    client.submit(f"/records/people/{officer.id}/look", {"purpose": "Grievance 12"})
    page = html.unescape(text_of(client, f"/records/attestations/{row.id}"))
    assert METHOD_SAYS["passkey"] in page
    assert b64(passkey.credential_id) in page
