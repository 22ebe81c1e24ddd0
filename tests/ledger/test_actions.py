"""Appending and sealing on real databases."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError

from lms import clock
from lms.db import db
from lms.errors import Conflict, IntegrityFault, Invalid, NotFound
from lms.ledger import actions, operating, queries
from lms.ledger.models import LedgerCheckpoint, LedgerEntry, LedgerHold, LedgerSigningKey
from lms.ledger.place import Place, bind, current_place
from lms.ledger.rules import notes
from lms.ledger.rules.entries import leaf_of
from lms.ledger.sealer import Sealer
from tests.ledger.conftest import ORIGIN, make_app

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OFFICER = "person:42"


def add(number: int = 1, **more: object) -> actions.Appended:
    return actions.append(kind="training.completed", fields={"number": number}, **more)  # type: ignore[arg-type]


def test_opening_records_the_key_and_is_idempotent(app: Flask) -> None:
    log = actions.open_log()
    assert (log.origin, log.size) == (ORIGIN, 1)
    opened = queries.list_entries(kind="ledger.opened")
    keys = db.session.scalars(select(LedgerSigningKey.verifier)).all()
    assert queries.read_disclosures(opened[0].record_id)["verifiers"] == keys
    assert keys == [str(key) for key in Sealer(current_place().folder).verifiers()]


def test_a_record_is_read_back_as_it_was_given(app: Flask) -> None:
    fields = {"name": "Mo\u0308bius", "score": 9, "passed": True, "missed": ["a", {"b": None}]}
    proof = {"method": "password", "says": "He gave his password."}
    made = actions.append(kind="attestation.signed", fields=fields, subject=OFFICER, proof=proof)  # type: ignore[arg-type]
    db.session.commit()
    entry, disclosed = queries.get_entry(made.record_id), queries.read_disclosures(made.record_id)
    expected = {**fields, "name": "Möbius", "subject": OFFICER, "subject_seq": 1, "prev_subject_leaf": None}
    assert dict(disclosed) == expected
    assert list(disclosed)[:4] == list(fields)
    assert disclosed.proof == proof
    assert (disclosed.withheld, disclosed.destroyed) == (0, False)
    assert len(disclosed.encoded) == len(disclosed) == 7
    assert (entry.position, entry.leaf_hash, entry.at) == (made.position, made.leaf_hash, made.at)
    assert leaf_of(entry.entry) == made.leaf_hash
    assert "bius" not in entry.entry


def test_without_a_signer_the_proof_says_none(app: Flask) -> None:
    assert queries.read_disclosures(add().record_id).proof == {"method": "none"}


def test_positions_follow_and_one_subject_is_a_chain(app: Flask) -> None:
    made = [add(number, subject=f"person:{number % 2}") for number in range(6)]
    assert [item.position for item in made] == [1, 2, 3, 4, 5, 6]
    for index, item in enumerate(made):
        disclosed = queries.read_disclosures(item.record_id)
        before = None if index < 2 else made[index - 2].leaf_hash.hex()
        assert (disclosed["subject_seq"], disclosed["prev_subject_leaf"]) == (index // 2 + 1, before)


def test_a_rolled_back_record_leaves_nothing(app: Flask) -> None:
    first = add()
    db.session.commit()
    lost = add()
    db.session.rollback()
    second = add()
    db.session.commit()
    assert (first.position, second.position) == (1, 2)
    assert queries.find_entry(lost.record_id) is None


def test_a_clock_that_went_back_is_disclosed_and_order_kept(app: Flask) -> None:
    with clock.at(START + timedelta(days=400)):
        late = add()
    with clock.at(START):
        early = add()
    assert early.at == late.at == START + timedelta(days=400)
    assert queries.read_disclosures(early.record_id)["clock_went_back_to"] == "2026-03-01T12:00:00.000000Z"
    assert "clock_went_back_to" not in queries.read_disclosures(late.record_id)


def test_a_correction_names_the_record_that_it_supersedes(app: Flask) -> None:
    wrong = add(1)
    right = add(2, supersedes=wrong.record_id)
    assert queries.get_entry(right.record_id).supersedes == wrong.record_id
    assert queries.read_disclosures(right.record_id)["supersedes"] == wrong.record_id
    with pytest.raises(NotFound):
        add(3, supersedes="0b0e5d5e-8f5b-4a59-9a3f-6f3f7b1f2c11")


def test_what_cannot_be_recorded_is_refused_in_words(app: Flask) -> None:
    for fields, says in (({"x": 1.5}, "fraction"), ({"subject": "me"}, "ledger itself"), ({"": 1}, "named")):
        with pytest.raises(Invalid, match=says):
            actions.append(kind="a.b", fields=fields)  # type: ignore[arg-type]
    with pytest.raises(Invalid, match="same name"):
        actions.append(kind="a.b", fields={"e\u0301": 1, "é": 2})
    for more in ({"kind": "No Kind"}, {"record_id": "7"}, {"subject": ""}, {"subject": "x" * 61}):
        with pytest.raises(Invalid):
            actions.append(**{"kind": "a.b", "fields": {}, **more})  # type: ignore[arg-type]
    assert queries.get_log().size == 1


def test_a_record_id_is_used_once(app: Flask) -> None:
    made = add(record_id="0b0e5d5e-8f5b-4a59-9a3f-6f3f7b1f2c11")
    db.session.commit()
    with pytest.raises(Conflict):
        add(record_id=made.record_id)


def test_an_unopened_log_is_refused(app: Flask) -> None:
    bind(app, Place("never.opened/log", current_place().folder))
    with pytest.raises(NotFound, match="lms init"):
        add()


def test_a_checkpoint_is_signed_once_and_proves_records(app: Flask) -> None:
    made = [add(number) for number in range(20)]
    db.session.commit()
    checkpoint = actions.seal_checkpoint()
    db.session.commit()
    assert checkpoint is not None
    assert checkpoint.size == 21
    assert actions.seal_checkpoint() is None
    signed = notes.verify_checkpoint(checkpoint.note, Sealer(current_place().folder).verifiers(), ORIGIN)
    assert (signed.size, signed.root) == (checkpoint.size, checkpoint.root)
    for item in made:
        assert queries.prove_inclusion(item.record_id).index == item.position


def test_uncommitted_records_are_not_signed(app: Flask) -> None:
    add()
    with pytest.raises(Conflict, match="Commit"):
        actions.seal_checkpoint()
    db.session.rollback()
    assert actions.seal_checkpoint() is not None


def newest_size() -> int | None:
    return db.session.scalar(select(func.max(LedgerCheckpoint.size)))


@pytest.mark.parametrize("more", [0, 5])
def test_a_crash_between_signature_and_row_heals(app: Flask, more: int) -> None:
    add()
    db.session.commit()
    lost = actions.seal_checkpoint()
    assert lost is not None
    note = lost.note
    db.session.rollback()
    assert newest_size() is None
    for number in range(more):
        add(number)
    db.session.commit()
    healed = actions.seal_checkpoint()
    db.session.commit()
    assert healed is not None
    assert healed.size == 2 + more
    stored = db.session.scalars(select(LedgerCheckpoint.note).order_by(LedgerCheckpoint.size)).all()
    assert stored[0] == note
    assert len(stored) == (2 if more else 1)


def test_a_restored_backup_is_refused_and_a_new_log_continues(app: Flask) -> None:
    for number in range(5):
        add(number)
    db.session.commit()
    actions.seal_checkpoint()
    db.session.commit()
    folder = current_place().folder
    with make_app(f"sqlite:///{folder.parent / 'old.sqlite'}", folder).app_context():
        from tests.ledger.conftest import make_tables

        make_tables()
        with pytest.raises(IntegrityFault, match="already signed 6 records"):
            actions.open_log()
        db.session.rollback()
        db.session.remove()
        db.engine.dispose()
    last = Sealer(folder).state()
    assert last is not None
    bind(app, Place("police.example/log2", folder))
    log = actions.open_log(continues=last.note)
    db.session.commit()
    assert log.continues == last.note
    made = add()
    db.session.commit()
    assert made.position == 1
    assert actions.seal_checkpoint() is not None
    db.session.commit()
    numbers = [fields["number"] for _entry, fields in queries.iter_disclosed({"training.completed"}, batch=2)]
    assert numbers == [0, 1, 2, 3, 4, 1]
    bind(app, Place(ORIGIN, folder))
    with pytest.raises(Conflict, match="closed"):
        add()


def test_a_truncated_log_gets_no_signature(app: Flask) -> None:
    for number in range(5):
        add(number)
    db.session.commit()
    actions.seal_checkpoint()
    db.session.commit()
    db.session.execute(text("UPDATE ledger_log SET size = 4"))
    db.session.commit()
    with pytest.raises(IntegrityFault):
        actions.seal_checkpoint()


def test_rotation_is_recorded_once_a_year(app: Flask) -> None:
    year = clock.now().year
    with clock.at(datetime(year + 1, 1, 2, tzinfo=UTC)):
        new = operating.rotate_signing_key()
        db.session.commit()
        assert new is not None
        assert operating.rotate_signing_key() is None
        checkpoint = actions.seal_checkpoint()
        db.session.commit()
    assert checkpoint is not None
    assert len(notes.split_note(checkpoint.note)[1]) == 2
    record = queries.list_entries(kind="ledger.key_rotated")[0]
    assert queries.read_disclosures(record.record_id)["new"] == new
    retired = db.session.scalars(select(LedgerSigningKey.retired_at).order_by(LedgerSigningKey.id)).all()
    assert [moment is None for moment in retired] == [False, True]


def test_disposal_destroys_content_and_keeps_the_place(app: Flask) -> None:
    made = add(subject=OFFICER)
    placed = add()
    db.session.add(LedgerHold(subject=OFFICER, reason="Suit", record_id=placed.record_id, placed_at=clock.now()))
    db.session.flush()
    with pytest.raises(Conflict, match="hold"):
        actions.destroy_content(made.record_id)
    for hold in db.session.scalars(select(LedgerHold)):
        hold.released_at = clock.now()
    db.session.flush()
    actions.destroy_content(made.record_id)
    db.session.commit()
    actions.seal_checkpoint()
    db.session.commit()
    disclosed = queries.read_disclosures(made.record_id)
    assert (dict(disclosed), disclosed.destroyed, disclosed.withheld) == ({}, True, 4)
    check = queries.check_record(made.record_id)
    assert check.sealed
    assert "disposed" in check.steps[2].says
    with pytest.raises(NotFound):
        actions.destroy_content("0b0e5d5e-8f5b-4a59-9a3f-6f3f7b1f2c11")


@pytest.mark.parametrize("table", ["ledger_entry", "ledger_disclosure", "ledger_node", "ledger_checkpoint"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET {}", "DELETE FROM {}"])
def test_triggers_refuse_change_and_removal(app: Flask, table: str, verb: str) -> None:
    add()
    db.session.commit()
    actions.seal_checkpoint()
    db.session.commit()
    column = {"ledger_entry": "kind", "ledger_disclosure": "record_id", "ledger_node": "level"}.get(table, "note")
    with pytest.raises(DBAPIError, match="only ever added"):
        db.session.execute(text(verb.format(table, f"{column} = {column}")))
    db.session.rollback()


def test_threads_append_without_loss_or_gap(app: Flask) -> None:
    threads, each = 4, 25
    faults = list[BaseException]()

    def work(number: int) -> None:
        try:
            with app.app_context():
                for step in range(each):
                    add(step, subject=f"person:{(number + step) % 3}")
                    db.session.commit()
        except BaseException as error:
            faults.append(error)
        finally:
            with app.app_context():
                db.session.remove()

    db.session.rollback()
    running = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert faults == []
    positions = db.session.scalars(select(LedgerEntry.position).order_by(LedgerEntry.position)).all()
    assert positions == list(range(threads * each + 1))
    db.session.commit()
    assert actions.seal_checkpoint() is not None
    db.session.commit()
    from lms.ledger.verify import snapshot, verify_log

    with snapshot():
        assert list(verify_log()) == []


def test_two_apps_keep_two_ledgers(tmp_path: Path) -> None:
    from tests.ledger.conftest import make_tables

    apps = [make_app(f"sqlite:///{tmp_path / name}.sqlite", tmp_path / name, f"{name}.example/log") for name in "ab"]
    for made in apps:
        with made.app_context():
            make_tables()
            actions.open_log()
            add()
            db.session.commit()
            checkpoint = actions.seal_checkpoint()
            db.session.commit()
            assert checkpoint is not None
            assert checkpoint.note.startswith(current_place().origin)
            db.session.remove()
            db.engine.dispose()


def test_appending_is_a_bounded_number_of_statements(app: Flask) -> None:
    seen = list[str]()
    event.listen(db.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    for number in range(8):
        seen.clear()
        add(number, subject=OFFICER)
        assert len([line for line in seen if not line.startswith("BEGIN")]) <= 7
    db.session.rollback()


def test_appending_is_fast_on_sqlite(tmp_path: Path) -> None:
    """A generous bound, for busy machines; on a quiet one it takes about a millisecond."""
    from tests.ledger.conftest import make_tables

    with make_app(f"sqlite:///{tmp_path / 'x.sqlite'}", tmp_path / "ledger").app_context():
        make_tables()
        actions.open_log()
        started = time.perf_counter()
        for number in range(300):
            add(number, subject=OFFICER)
        assert (time.perf_counter() - started) / 300 < 0.01
        db.session.rollback()
        db.session.remove()
        db.engine.dispose()
