"""Records that are complete before they are appended, so that a passkey can sign them, and the audit's rule for them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
import rfc8785
from flask import Flask

from lms import clock
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.ledger import actions, queries
from lms.ledger.actions import NotAsPrepared, Prepared, read_prepared
from lms.ledger.rules.entries import SIGNING_WINDOW
from lms.ledger.verify import Fault, snapshot, verify_log
from tests.ledger.test_queries import tamper

LATER = datetime(2031, 3, 1, 12, 0, tzinfo=UTC)
OFFICER = "person:42"
PASSKEY = {"method": "passkey", "says": "a test"}
SECOND = timedelta(seconds=1)
UPDATE = "UPDATE ledger_entry SET at = :at WHERE record_id = :id"


def prepared(at: datetime = LATER) -> Prepared:
    with clock.at(at):
        return actions.prepare(kind="attestation.signed", fields={"statement": "Möbius"}, subject=OFFICER)


def plain(at: datetime, subject: str | None = None) -> actions.Appended:
    with clock.at(at):
        return actions.append(kind="a.b", fields={"number": 1}, subject=subject)


def append_prepared(sheet: Prepared, at: datetime = LATER) -> actions.Appended:
    with clock.at(at):
        return actions.append_prepared(sheet, proof=PASSKEY)


def faults() -> list[Fault]:
    db.session.commit()
    with snapshot():
        return list(verify_log())


def test_exactly_the_prepared_core_is_appended(app: Flask) -> None:
    plain(LATER - SECOND, OFFICER)
    sheet = read_prepared(prepared().text())
    made = append_prepared(sheet, LATER + 10 * SECOND)
    db.session.commit()
    entry = json.loads(queries.get_entry(made.record_id).entry)
    assert sheet.challenge == sha256(rfc8785.dumps(entry["core"])).digest()
    assert entry["core"]["at"] == "2031-03-01T12:00:00.000000Z"
    found = queries.read_disclosures(made.record_id)
    assert (found["statement"], found["subject_seq"], found.proof) == ("Möbius", 2, PASSKEY)
    assert faults() == []


def test_preparing_appends_nothing(app: Flask) -> None:
    size = queries.get_log().size
    prepared()
    assert queries.get_log().size == size


def test_a_record_of_somebody_else_in_between_does_no_harm_and_the_head_does_not_go_back(app: Flask) -> None:
    sheet = prepared()
    plain(LATER + 60 * SECOND, "person:7")
    append_prepared(sheet, LATER + 90 * SECOND)
    assert queries.get_log().last_at == LATER + 60 * SECOND
    assert plain(LATER).at == LATER + 60 * SECOND
    assert faults() == []


def test_the_subjects_chain_moved_on(app: Flask) -> None:
    sheet = prepared()
    plain(LATER + SECOND, OFFICER)
    with pytest.raises(NotAsPrepared, match="recorded in the meantime"):
        append_prepared(sheet, LATER + 2 * SECOND)


@pytest.mark.parametrize("who", ["clock", "log"])
def test_the_window_closes_by_the_clock_and_by_the_log(app: Flask, who: str) -> None:
    sheet = prepared()
    end = LATER + SIGNING_WINDOW
    if who == "log":
        plain(end + SECOND)
    with pytest.raises(NotAsPrepared, match="More than 5 minutes"):
        append_prepared(sheet, end + SECOND if who == "clock" else LATER)


def test_the_last_moment_of_the_window_is_good(app: Flask) -> None:
    sheet = prepared()
    plain(LATER + SIGNING_WINDOW)
    append_prepared(sheet, LATER + SIGNING_WINDOW)
    assert faults() == []


def test_a_prepared_record_is_appended_once(app: Flask) -> None:
    sheet = actions.prepare(kind="a.b", fields={})
    actions.append_prepared(sheet, proof=PASSKEY)
    db.session.commit()
    with pytest.raises(Conflict, match="already a record of this id"):
        actions.append_prepared(sheet, proof=PASSKEY)


def test_only_a_passkey_may_be_late(app: Flask) -> None:
    with pytest.raises(Invalid, match="Only a record that a passkey signed"):
        actions.append_prepared(prepared(), proof={"method": "password"})


def test_a_record_prepared_for_another_log_is_refused(app: Flask) -> None:
    text = prepared().text().replace(queries.get_log().origin, "other.example/log")
    with pytest.raises(NotAsPrepared, match="another log"):
        append_prepared(read_prepared(text))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"log":1,"id":1,"schema":1,"kind":1,"at":1,"sd":[1]}'])
def test_a_damaged_preparation_is_refused(app: Flask, text: str) -> None:
    with pytest.raises(NotAsPrepared, match="cannot be read"):
        read_prepared(text)


def redate(record: actions.Appended, at: datetime) -> None:
    """Rebuilds nothing: it only moves the column, which the order rule reads beside the entry's own time."""
    stored = at.replace(tzinfo=None).isoformat(" ", "microseconds")
    tamper(UPDATE, at=stored if db.engine.dialect.name == "sqlite" else at, id=record.record_id)


def order_faults(record: actions.Appended) -> list[str]:
    return [
        fault.what for fault in faults() if fault.record_id == record.record_id and "The record is dated" in fault.what
    ]


def test_the_audit_grants_a_passkey_the_window_and_no_more(app: Flask) -> None:
    sheet = prepared()
    plain(LATER)
    late = append_prepared(sheet)
    db.session.commit()
    redate(late, LATER - SIGNING_WINDOW)
    assert order_faults(late) == []
    redate(late, LATER - SIGNING_WINDOW - SECOND)
    assert "longer before the one in front of it than a passkey may take" in order_faults(late)[0]


def test_the_window_is_counted_from_the_latest_record_in_front(app: Flask) -> None:
    """Two passkeys in a row cannot add their windows together."""
    sheet = prepared()
    plain(LATER)
    first = append_prepared(sheet)
    second = actions.append(kind="a.b", fields={}, proof=PASSKEY)
    db.session.commit()
    redate(first, LATER - SIGNING_WINDOW)
    redate(second, LATER - SIGNING_WINDOW - SECOND)
    assert order_faults(first) == []
    assert len(order_faults(second)) == 1


def test_no_other_record_may_be_dated_back(app: Flask) -> None:
    plain(LATER)
    other = plain(LATER)
    db.session.commit()
    redate(other, LATER - SECOND)
    assert len(order_faults(other)) == 1


def test_a_record_whose_proof_was_destroyed_is_granted_the_window(app: Flask) -> None:
    sheet = prepared()
    plain(LATER + 60 * SECOND)
    late = append_prepared(sheet, LATER + 60 * SECOND)
    actions.destroy_content(late.record_id)
    assert faults() == []
