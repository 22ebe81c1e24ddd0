"""HR's page of bundles: asked for, made by the worker, fetched by whoever asked, and on the ledger."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from lms import clock
from lms.attestation.models import Attestation
from lms.audit.models import RecordLook
from lms.db import db
from lms.jobs.actions import run_job
from lms.ledger.models import LedgerEntry
from lms.ledger.queries import newest_checkpoint, read_disclosures
from lms.records import evidence
from lms.records.bundle.place import folders
from lms.records.models import RecordBundle
from tests.factories.people import make_person
from tests.records.bundle.conftest import run_verifier
from tests.support.checked_client import CheckedClient

ASK = {"scope": "person", "person": "4417", "purpose": "Request 26-114"}


def only() -> RecordBundle:
    db.session.rollback()
    return db.session.scalars(select(RecordBundle)).one()


def test_from_asking_to_checking(hr: CheckedClient, signed: Attestation, tmp_path: Path) -> None:
    assert hr.submit("/records/bundles", ASK).status_code == 303
    page = hr.get("/records/bundles").get_data(as_text=True)
    assert "All records about Alma Reyes" in page
    assert "The worker begins within a minute." in page
    path = f"/records/bundles/{only().id}/file"
    assert hr.get(path).status_code == 404
    assert "made, 13 records" in run_job("make-bundles").outcome
    assert "The bundle is ready." in hr.get("/records/bundles").get_data(as_text=True)
    answer = hr.get(path)
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert sha256(answer.data).hexdigest() == only().sha256
    answer.close()
    (tmp_path / "fetched.zip").write_bytes(answer.data)
    newest = newest_checkpoint()
    assert newest is not None
    (tmp_path / "held.txt").write_text(newest.note, encoding="utf-8")
    done = run_verifier(tmp_path / "fetched.zip", "--checkpoint", tmp_path / "held.txt")
    assert done.returncode == 0, done.stdout


def test_that_it_left_is_a_record_in_the_persons_chain_and_a_look(hr: CheckedClient, signed: Attestation) -> None:
    hr.submit("/records/bundles", ASK)
    run_job("make-bundles")
    row = only()
    entry = db.session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "records.exported")).one()
    fields = read_disclosures(entry.record_id)
    assert entry.subject == f"person:{signed.person_id}"
    assert (fields["sha256"], fields["count"], fields["purpose"]) == (row.sha256, 13, "Request 26-114")
    assert fields["exported_by"] == "Hana Rowe"
    look = db.session.scalars(select(RecordLook)).one()
    assert (look.subject_id, look.record_id) == (signed.person_id, row.record_id)
    assert list(evidence.check_rows()) == []


@pytest.mark.parametrize("column", ["sha256 = 'x'", "count = 1", "size = 1", "redaction = 'withhold: []'"])
def test_a_changed_row_is_found_by_the_audit(hr: CheckedClient, signed: Attestation, column: str) -> None:
    hr.submit("/records/bundles", ASK)
    run_job("make-bundles")
    db.session.rollback()
    db.session.connection().exec_driver_sql(f"UPDATE record_bundle SET {column}")
    db.session.commit()
    [fault] = list(evidence.check_rows())
    assert fault.where.startswith("bundle 1: ")


def test_a_removed_row_is_found_by_the_audit(hr: CheckedClient, signed: Attestation) -> None:
    hr.submit("/records/bundles", ASK)
    run_job("make-bundles")
    db.session.rollback()
    db.session.connection().exec_driver_sql("DELETE FROM record_look")
    db.session.connection().exec_driver_sql("DELETE FROM record_bundle")
    db.session.commit()
    assert [fault.where for fault in evidence.check_rows()] == ["records.exported"]


def test_only_who_asked_can_fetch_it(
    hr: CheckedClient, signed: Attestation, sign_in: Callable[..., CheckedClient]
) -> None:
    hr.submit("/records/bundles", ASK)
    run_job("make-bundles")
    other = sign_in(make_person(), "hr")
    assert other.get(f"/records/bundles/{only().id}/file").status_code == 404
    assert "Alma Reyes" not in other.get("/records/bundles").get_data(as_text=True)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"purpose": ""}, "Say what you need these records for."),
        ({"purpose": "x"}, "Say what you need these records for"),
        ({"person": "nobody"}, "Nobody on the roster"),
        ({"person": ""}, "Nobody on the roster"),
        ({"scope": ""}, "Choose a person or a period."),
        ({"scope": "period", "since_on": "", "until_on": "2026-01-01"}, "Enter the first day."),
        ({"scope": "period", "since_on": "2026-01-02", "until_on": "2026-01-01"}, "The last day is before the first."),
    ],
)
def test_what_cannot_be_asked_for(hr: CheckedClient, signed: Attestation, change: dict[str, str], says: str) -> None:
    answer = hr.submit("/records/bundles", {**ASK, **change})
    assert answer.status_code == 422
    assert says in answer.get_data(as_text=True)
    db.session.rollback()
    assert db.session.scalars(select(RecordBundle)).all() == []


def test_a_redaction_file_is_read_at_once_and_held_against_the_records_later(
    hr: CheckedClient, signed: Attestation
) -> None:
    def send(text: bytes) -> int:
        return hr.submit("/records/bundles", {**ASK, "redaction": (io.BytesIO(text), "r.yaml")}).status_code

    assert send(b"withold: []") == 422
    assert send(b"\xff\xfe") == 422
    assert send(b"withhold:\n- field: nothing_like_it\n  exemption: law 1\n") == 303
    run_job("make-bundles")
    assert only().state == "refused"
    page = hr.get("/records/bundles").get_data(as_text=True)
    assert "line 2: no record of this selection has a field" in page
    assert not list(folders().bundles.glob("*"))


def test_the_same_request_is_made_once(hr: CheckedClient, signed: Attestation) -> None:
    hr.submit("/records/bundles", ASK)
    hr.submit("/records/bundles", ASK)
    assert only().state == "waiting"


def test_files_are_removed_after_some_days_and_rows_stay(app: Flask, hr: CheckedClient, signed: Attestation) -> None:
    hr.submit("/records/bundles", ASK)
    run_job("make-bundles")
    path = folders().file_of(only().id)
    assert path.stat().st_mode & 0o777 == 0o600
    with clock.at(clock.now() + timedelta(days=13)):
        assert run_job("remove-bundles").outcome == "0 removed"
    assert path.exists()
    with clock.at(clock.now() + timedelta(days=14, minutes=1)):
        assert run_job("remove-bundles").outcome == "1 removed"
    assert not path.exists()
    assert only().state == "removed"
    assert hr.get(f"/records/bundles/{only().id}/file").status_code == 404
    assert list(evidence.check_rows()) == []


def test_a_try_that_was_cut_off_is_made_again_with_the_same_bytes(
    hr: CheckedClient, signed: Attestation, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lms.records.actions import bundles

    hr.submit("/records/bundles", ASK)
    seen = []

    def cut_off(bundle_id: int, built: object, sha: str, state: str) -> None:
        seen.append(sha)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(bundles, "_finish", cut_off)
        with pytest.raises(KeyboardInterrupt):
            run_job("make-bundles")
    assert only().state == "making"
    make_person()
    run_job("seal-ledger")
    run_job("make-bundles")
    assert (only().state, only().sha256) == ("ready", seen[0])
    assert db.session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "records.exported")).all() != []


def test_a_bundle_that_is_always_cut_off_is_given_up(
    hr: CheckedClient, signed: Attestation, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lms.records.actions import bundles

    def cut_off(*given: object) -> None:
        raise KeyboardInterrupt

    hr.submit("/records/bundles", ASK)
    with monkeypatch.context() as patch:
        patch.setattr(bundles, "_finish", cut_off)
        for _ in range(3):
            with pytest.raises(KeyboardInterrupt):
                run_job("make-bundles")
        run_job("make-bundles")
    assert only().state == "refused"
    assert "cut off 3 times" in (only().fault or "")
    assert not list(folders().bundles.glob("*")), "what nobody may fetch is not kept"
