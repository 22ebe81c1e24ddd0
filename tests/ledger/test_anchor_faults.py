"""What is done to anchors, or behind them, by direct SQL is found and named; what cannot be found passes, and says so."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from lms import clock
from lms.db import db
from lms.ledger import actions
from lms.ledger.anchors import actions as anchor_actions
from lms.ledger.anchors import audit
from lms.ledger.cli import run_verify
from lms.ledger.models import LedgerAnchor, LedgerCheckpoint
from lms.ledger.opened import Disclosed
from lms.ledger.queries import list_entries
from lms.ledger.rules.anchoring import STAMP
from lms.ledger.rules.entries import SIGNING_WINDOW
from lms.ledger.verify import Fault, Tally, snapshot, verify_log
from tests.ledger.test_queries import tamper
from tests.support.authority import Authority, trust

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "PAGE", 2)


def faults() -> list[Fault]:
    with snapshot():
        return list(verify_log())


def anchor(authority: Authority) -> None:
    fresh = anchor_actions.seal_fresh()
    anchor_actions.claim_stamps(fresh, [authority.url], clock.now())
    db.session.commit()
    anchor_actions.keep_stamp(fresh, authority.url, authority.stamp_note(fresh.note))
    db.session.commit()


@pytest.fixture
def log(app: Flask, authority: Authority, tmp_path: Path) -> Authority:
    """Three records, an anchor, three more, an anchor, one more; the root is on file."""
    trust(tmp_path, authority)
    for group in (3, 3, 1):
        for number in range(group):
            actions.append(kind="a.b", fields={"number": number}, subject="person:1")
        db.session.commit()
        if group == 3:
            anchor(authority)
    return authority


def test_an_honest_log_with_anchors_has_no_fault(log: Authority, capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally()
    with snapshot():
        assert list(verify_log(tally=tally)) == []
    assert (tally.records, tally.stamps, tally.unverified) == (10, 2, {})
    assert run_verify() == 0
    assert "2 time stamps verified: no fault found." in capsys.readouterr().out


def test_stamps_of_an_authority_without_a_root_are_said(
    log: Authority, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ledger" / "authorities" / "127.0.0.1.pem").unlink()
    assert run_verify() == 0
    out = capsys.readouterr().out
    assert f"NOTE: 2 time stamps of {log.url} are kept but cannot be verified here" in out
    assert "time stamps verified" not in out


def test_a_root_that_cannot_be_read_is_a_fault(log: Authority, tmp_path: Path) -> None:
    (tmp_path / "ledger" / "authorities" / "other.pem").write_text("-----BEGIN CERTIFICATE-----\nnonsense\n")
    assert [fault.where for fault in faults()] == ["authorities/other.pem"]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (
            "UPDATE ledger_anchor SET token = (SELECT b.token FROM ledger_anchor b WHERE b.id = 2) WHERE id = 1",
            "anchor 1",
        ),
        ("UPDATE ledger_anchor SET token = NULL WHERE id = 1", "anchor 1"),
        ("UPDATE ledger_anchor SET authority = 'http://127.0.0.1/other' WHERE id = 1", "ledger_anchor"),
        ("DELETE FROM ledger_anchor WHERE id = 1", "ledger_anchor"),
        ("UPDATE ledger_anchor SET kind = 'mail' WHERE id = 1", "ledger_anchor"),
    ],
)
def test_a_changed_or_removed_anchor_is_named(log: Authority, change: str, where: str) -> None:
    tamper(change)
    assert any(fault.where.startswith(where) for fault in faults())


def test_another_moment_in_the_table_is_named(log: Authority) -> None:
    row = db.session.scalars(select(LedgerAnchor).order_by(LedgerAnchor.id)).first()
    assert row is not None
    row.anchored_at = clock.now() - HOUR
    db.session.commit()
    assert {fault.where.partition(",")[0] for fault in faults()} >= {"anchor 1 of checkpoint 4"}


def test_a_stamp_under_another_checkpoint_is_named(log: Authority) -> None:
    first = db.session.scalars(select(LedgerCheckpoint.id).order_by(LedgerCheckpoint.size)).first()
    tamper("UPDATE ledger_anchor SET authority = 'http://127.0.0.1/moved', checkpoint_id = :id WHERE id = 2", id=first)
    assert any("another text" in fault.what for fault in faults())


def test_an_anchor_without_a_record_is_named(log: Authority) -> None:
    """A stamp of today, put beside an old checkpoint, would narrow nothing; but nobody may store one unseen."""
    checkpoint = db.session.scalars(select(LedgerCheckpoint).order_by(LedgerCheckpoint.size)).first()
    assert checkpoint is not None
    extra = LedgerAnchor(
        checkpoint_id=checkpoint.id, kind=STAMP, authority="http://127.0.0.1/new", token=log.stamp_note(checkpoint.note)
    )
    extra.anchored_at, extra.tries = clock.now(), 1
    db.session.add(extra)
    db.session.commit()
    assert any("no record of this anchor" in fault.what for fault in faults())


def sealed_with_the_key(at: datetime, authority: Authority) -> str:
    """Appends a record dated ``at`` (as whoever holds the key and the clock can), and has it anchored."""
    with clock.at(at):
        made = actions.append(kind="a.b", fields={"number": 99}, subject="person:2")
        db.session.commit()
    fresh = anchor_actions.seal_fresh()
    anchor_actions.claim_stamps(fresh, [authority.url], clock.now())
    db.session.commit()
    anchor_actions.keep_stamp(fresh, authority.url, authority.stamp_note(fresh.note))
    db.session.commit()
    return made.record_id


def test_a_record_dated_ahead_is_found_by_the_bracket(log: Authority) -> None:
    record_id = sealed_with_the_key(clock.now() + HOUR, log)
    found = faults()
    assert (record_id, "at") in [(fault.record_id, fault.where) for fault in found]
    assert any("its time is false" in fault.what for fault in found)


def test_a_record_back_dated_with_the_key_is_found_by_the_bracket(
    app: Flask, authority: Authority, tmp_path: Path
) -> None:
    """The whole log is written today as if long ago, by whoever holds the key: its stamps say when it was written."""
    trust(tmp_path, authority)
    log = db.session.scalar(select(actions.LedgerLog))
    assert log is not None
    anchor(authority)
    tamper("UPDATE ledger_log SET last_at = :at", at=None)
    with clock.at(clock.now() - 30 * 24 * HOUR):
        made = actions.append(kind="a.b", fields={"number": 1})
        db.session.commit()
    found = [fault for fault in faults() if fault.record_id == made.record_id and "later than it says" in fault.what]
    assert len(found) == 1


def test_before_the_second_stamp_a_date_ahead_passes(log: Authority) -> None:
    """The matrix says so: behind the last anchor, nobody outside has seen anything yet."""
    with clock.at(clock.now() + HOUR):
        actions.append(kind="a.b", fields={"number": 99})
        db.session.commit()
    assert faults() == []


def test_everything_rebuilt_with_the_key_does_not_fit_the_stamps(log: Authority, tmp_path: Path) -> None:
    """An attacker with the signing key signs another root of the same size: the stamp is over the old note."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    from lms.ledger.rules.notes import Checkpoint, Signer, checkpoint_body, sign_note

    key = load_pem_private_key(next((tmp_path / "ledger").glob("key-*.pem")).read_bytes(), password=None)
    row = db.session.scalars(select(LedgerCheckpoint).order_by(LedgerCheckpoint.size)).first()
    assert row is not None
    origin = row.note.partition("\n")[0]
    forged = sign_note(checkpoint_body(Checkpoint(origin, row.size, bytes(32))), [Signer(origin, key)])  # type: ignore[arg-type]
    tamper(
        "UPDATE ledger_checkpoint SET note = :note, root = :root WHERE id = :id", note=forged, root=bytes(32), id=row.id
    )
    assert any("over another text" in fault.what for fault in faults())


@pytest.mark.parametrize(
    ("disclosed", "window"),
    [
        (Disclosed(proof={"method": "password"}), timedelta(0)),
        (Disclosed(proof={"method": "none"}), timedelta(0)),
        (Disclosed(proof={"method": "passkey"}), SIGNING_WINDOW),
        (Disclosed(proof=None), SIGNING_WINDOW),
        (None, SIGNING_WINDOW),
    ],
)
def test_only_a_passkey_or_what_cannot_be_read_is_granted_the_window(
    disclosed: Disclosed | None, window: timedelta
) -> None:
    assert audit.granted(disclosed) == window


def test_the_content_of_an_anchor_s_record_may_be_disposed_of(log: Authority) -> None:
    actions.destroy_content(list_entries(kind="ledger.anchored")[0].record_id)
    db.session.commit()
    assert faults() == []


def test_a_try_without_an_answer_is_no_fault(log: Authority) -> None:
    fresh = anchor_actions.seal_fresh()
    anchor_actions.claim_stamps(fresh, ["http://127.0.0.1:9/dead"], clock.now())
    anchor_actions.note_failure(fresh, "http://127.0.0.1:9/dead", "The authority could not be reached.")
    db.session.commit()
    assert faults() == []
