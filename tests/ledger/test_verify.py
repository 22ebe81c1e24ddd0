"""The tampering matrix: whatever is done by direct SQL is found, and the record is named."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import text

from lms.db import db
from lms.errors import IntegrityFault
from lms.ledger import actions, queries, verify
from lms.ledger.cli import run_verify
from lms.ledger.place import current_place
from lms.ledger.rules.tree import leaf_hash
from lms.ledger.triggers import drop_append_only_ddl
from lms.ledger.verify import Fault, Tally, snapshot, verify_log
from tests.ledger.test_queries import tamper

Made = list[actions.Appended]


@pytest.fixture
def made(app: Flask) -> Made:
    """Forty records of three subjects with checkpoints at 11, 21, 31 and 41; small batches."""
    records = Made()
    for number in range(40):
        records.append(actions.append(kind="a.b", fields={"number": number}, subject=f"person:{number % 3}"))
        db.session.commit()
        if number % 10 == 9:
            actions.seal_checkpoint()
            db.session.commit()
    return records


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches that do not divide the log, so that every seam is crossed."""
    monkeypatch.setattr(verify, "BATCH", 7)
    monkeypatch.setattr("lms.ledger.audit_tree.PAGE", 3)


def faults() -> list[Fault]:
    with snapshot():
        return list(verify_log())


def test_an_honest_log_has_no_fault(made: Made) -> None:
    tally = Tally()
    with snapshot():
        assert list(verify_log(tally=tally)) == []
    assert (tally.logs, tally.records, tally.checkpoints, tally.disposed) == (1, 41, 4, 0)


def test_unsealed_and_disposed_records_are_no_fault(made: Made) -> None:
    actions.append(kind="a.b", fields={})
    actions.destroy_content(made[7].record_id)
    db.session.commit()
    tally = Tally()
    with snapshot():
        assert list(verify_log(tally=tally)) == []
    assert (tally.records, tally.disposed) == (42, 1)


def test_a_log_that_was_only_opened_has_no_fault(app: Flask) -> None:
    assert faults() == []


def test_no_log_at_all_is_a_fault(app: Flask) -> None:
    with snapshot():
        assert [fault.where for fault in verify_log("other.example/log")] == ["log"]


# Each statement is applied to made[17], at position 18, and a fault of the field beside it must name the record.
EDITS = [
    (
        "UPDATE ledger_entry SET entry = replace(entry, 'schema', 'schemb') WHERE record_id = :id",
        "leaf_hash",
    ),
    ("UPDATE ledger_entry SET entry = entry || ' ' WHERE record_id = :id", "entry"),
    ("UPDATE ledger_entry SET leaf_hash = :other WHERE record_id = :id", "leaf_hash"),
    ("UPDATE ledger_entry SET kind = 'c.d' WHERE record_id = :id", "kind"),
    ("UPDATE ledger_entry SET at = :past WHERE record_id = :id", "at"),
    ("UPDATE ledger_entry SET subject = 'person:9' WHERE record_id = :id", "subject"),
    ("UPDATE ledger_entry SET subject_seq = 99 WHERE record_id = :id", "subject_seq"),
    ("UPDATE ledger_entry SET subject = NULL, subject_seq = NULL WHERE record_id = :id", "subject"),
    ("UPDATE ledger_entry SET supersedes = :id WHERE record_id = :id", "supersedes"),
    ("UPDATE ledger_disclosure SET sealed = :other WHERE record_id = :id", "disclosures"),
    ("UPDATE ledger_disclosure SET nonce = :nonce WHERE record_id = :id", "disclosures"),
    ("DELETE FROM ledger_disclosure WHERE record_id = :id", "disclosures"),
    ("UPDATE ledger_record_key SET key = NULL WHERE record_id = :id", "disclosures"),
    ("DELETE FROM ledger_record_key WHERE record_id = :id", "disclosures"),
]


@pytest.mark.parametrize(("statement", "where"), EDITS)
def test_an_edited_record_is_named_with_its_field(made: Made, statement: str, where: str) -> None:
    target = made[17]
    past = "2020-01-01 00:00:00.000000" if db.engine.dialect.name == "sqlite" else "2020-01-01 00:00:00+00"
    values = {"id": target.record_id, "other": b"x" * 32, "nonce": b"x" * 12, "past": past}
    if ":past" in statement:
        statement = statement.replace(":past", f"'{past}'")
    tamper(statement, **{name: value for name, value in values.items() if f":{name}" in statement})
    found = faults()
    assert (target.record_id, target.position, where) in [(f.record_id, f.position, f.where) for f in found]
    assert all(fault.what for fault in found)


def test_swapped_disclosures_are_named(made: Made) -> None:
    first, second = made[17].record_id, made[20].record_id
    tamper(
        "UPDATE ledger_disclosure SET sealed = (SELECT d.sealed FROM ledger_disclosure d WHERE d.record_id = :b) WHERE record_id = :a",
        a=first,
        b=second,
    )
    assert (first, "disclosures") in [(fault.record_id, fault.where) for fault in faults()]


def test_a_consistent_edit_of_text_and_leaf_is_found_by_tree_checkpoint_and_chain(made: Made) -> None:
    target, follower = made[17], made[20]
    entry = queries.get_entry(target.record_id).entry.replace('"schema":1', '"schema":2')
    tamper(
        "UPDATE ledger_entry SET entry = :entry, leaf_hash = :leaf WHERE record_id = :id",
        entry=entry,
        leaf=leaf_hash(entry.encode()),
        id=target.record_id,
    )
    found = faults()
    assert any(fault.where == "node 1/9" and "18 to 19" in fault.what for fault in found)
    assert any(fault.where == "checkpoint 21" for fault in found)
    named = [fault for fault in found if fault.where == "prev_subject_leaf"]
    assert [(fault.record_id, target.record_id in fault.what) for fault in named] == [(follower.record_id, True)]
    assert len([fault for fault in found if fault.where.startswith("node")]) == 1


def remove(record_id: str) -> None:
    for table in ("ledger_disclosure", "ledger_record_key", "ledger_entry"):
        tamper(f"DELETE FROM {table} WHERE record_id = :id", id=record_id)


def test_a_deleted_record_is_named_by_its_place(made: Made) -> None:
    remove(made[17].record_id)
    found = faults()
    assert (18, "position") in [(fault.position, fault.where) for fault in found]
    assert (made[20].record_id, "subject_seq") in [(fault.record_id, fault.where) for fault in found]


def test_a_deleted_record_with_the_rest_moved_up_is_found(made: Made) -> None:
    remove(made[17].record_id)
    for position in range(19, 41):
        tamper("UPDATE ledger_entry SET position = :new WHERE position = :old", old=position, new=position - 1)
    tamper("UPDATE ledger_log SET size = 40")
    found = faults()
    assert (made[20].record_id, "subject_seq") in [(fault.record_id, fault.where) for fault in found]
    assert {"checkpoint 21", "checkpoint 41"} <= {fault.where for fault in found}
    assert any(fault.where == "sealed.json" and "41" in fault.what for fault in found)


def test_reordered_records_are_found(made: Made) -> None:
    for old, new in ((18, 1018), (19, 18), (1018, 19)):
        tamper("UPDATE ledger_entry SET position = :new WHERE position = :old", old=old, new=new)
    found = faults()
    assert made[17].record_id in [fault.record_id for fault in found if fault.where in {"at", "node 1/9"}]


def test_truncation_is_found(made: Made) -> None:
    for item in made[35:]:
        remove(item.record_id)
    found = faults()
    assert {"head size", "checkpoint 41", "sealed.json"} <= {fault.where for fault in found}


def test_truncation_with_a_rebuilt_head_is_found_and_not_signed(made: Made) -> None:
    head = db.session.execute(text("SELECT frontier FROM ledger_log")).scalar_one()
    for item in made[35:]:
        remove(item.record_id)
    from lms.ledger.rules.tree import append_leaf, pack_frontier

    frontier: tuple[bytes, ...] = ()
    for entry in queries.list_entries(limit=100):
        frontier, _ = append_leaf(frontier, entry.position, entry.leaf_hash)
    assert pack_frontier(frontier) != head
    tamper("DELETE FROM ledger_checkpoint WHERE size > 36")
    tamper("DELETE FROM ledger_node WHERE (position + 1) << level > 36")
    last = queries.list_entries(newest_first=True, limit=1)[0].at
    stored = last.replace(tzinfo=None).isoformat(" ", "microseconds") if db.engine.dialect.name == "sqlite" else last
    tamper("UPDATE ledger_log SET size = 36, frontier = :f, last_at = :t", f=pack_frontier(frontier), t=stored)
    assert [(fault.where, "41" in fault.what) for fault in faults()] == [("sealed.json", True)]
    with pytest.raises(IntegrityFault, match="36 records, but 41 were signed"):
        actions.seal_checkpoint()
    db.session.rollback()
    assert run_verify() == 1


def test_an_inserted_record_is_found(made: Made) -> None:
    columns = "log_id, record_id, kind, at, subject, subject_seq, entry, leaf_hash, supersedes"
    picked = columns.replace("record_id", ":new").replace("subject_seq", "99")
    tamper(
        f"INSERT INTO ledger_entry (position, {columns}) SELECT 41, {picked} FROM ledger_entry WHERE record_id = :id",
        new="0b0e5d5e-8f5b-4a59-9a3f-6f3f7b1f2c11",
        id=made[17].record_id,
    )
    found = faults()
    assert ("0b0e5d5e-8f5b-4a59-9a3f-6f3f7b1f2c11", "record_id") in [(f.record_id, f.where) for f in found]
    assert "head size" in {fault.where for fault in found}


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("UPDATE ledger_node SET hash = :other WHERE level = 1 AND position = 9", "node 1/9"),
        ("DELETE FROM ledger_node WHERE level = 3 AND position = 2", "node 3/2"),
        ("INSERT INTO ledger_node (log_id, level, position, hash) SELECT id, 1, 500, :other FROM ledger_log", "nodes"),
        ("UPDATE ledger_checkpoint SET root = :other WHERE size = 21", "checkpoint 21"),
        ("UPDATE ledger_checkpoint SET note = replace(note, '21', '22') WHERE size = 21", "checkpoint 21"),
        ("UPDATE ledger_checkpoint SET size = 22 WHERE size = 21", "checkpoint 22"),
        ("UPDATE ledger_checkpoint SET size = 500 WHERE size = 41", "checkpoint 500"),
        ("UPDATE ledger_log SET size = 42", "head size"),
        ("UPDATE ledger_log SET frontier = :other", "head frontier"),
        ("UPDATE ledger_log SET last_at = NULL", "head last_at"),
    ],
)
def test_edits_beside_the_records_are_named(made: Made, statement: str, where: str) -> None:
    tamper(statement, **({"other": b"x" * 32} if ":other" in statement else {}))
    assert where in {fault.where for fault in faults()}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda path: path.unlink(), "missing"),
        (lambda path: path.write_text("{}"), "damaged"),
        (lambda path: path.write_text(json.dumps({**json.loads(path.read_text()), "size": 40})), "altered"),
    ],
)
def test_the_sealers_memory_is_held_against_the_log(made: Made, change: Callable[..., object], says: str) -> None:
    change(current_place().folder / "sealed.json")
    assert [(fault.where, says in fault.what) for fault in faults()] == [("sealed.json", True)]


def test_verify_prints_a_line_for_each_fault_and_gives_the_code(made: Made, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_verify() == 0
    assert capsys.readouterr().out == "41 records checked, 4 signed checkpoints: no fault found.\n"
    row_fault = Fault(made[3].record_id, 4, "attempt 12: answers", "differs from the ledger record")
    assert run_verify([lambda: [], lambda: [row_fault]]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == (
        f"FAULT: position 4, record {made[3].record_id}, attempt 12: answers: differs from the ledger record"
    )
    assert lines[1].endswith("1 faults found.")


def test_a_check_that_cannot_go_on_is_a_fault_and_the_others_go_on(
    made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> Iterator[Fault]:
        yield Fault(None, None, "first", "is wrong")
        db.session.execute(text("SELECT id FROM no_such_table"))

    assert run_verify([broken, lambda: [Fault(None, None, "last", "is wrong, too")]]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "FAULT: the log, first: is wrong"
    assert lines[1].startswith("FAULT: the log, the rows of ledger: The check could not go on")
    assert "no_such_table" in lines[1]
    assert lines[2] == "FAULT: the log, last: is wrong, too"


def test_a_record_of_a_log_that_is_gone_is_named(made: Made) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL holds the foreign key even against this")
    db.session.rollback()
    with db.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN")
        for statement in drop_append_only_ddl("sqlite"):
            connection.exec_driver_sql(statement)
        connection.execute(
            text("UPDATE ledger_entry SET log_id = 77 WHERE record_id = :id"), {"id": made[39].record_id}
        )
        connection.commit()
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")
    assert (made[39].record_id, "log_id") in [(fault.record_id, fault.where) for fault in faults()]


def test_records_appended_during_an_audit_are_no_fault(made: Made, app: Flask) -> None:
    def add() -> None:
        with app.app_context():
            actions.append(kind="a.b", fields={}, subject="person:1")
            db.session.commit()
            db.session.remove()

    with snapshot():
        db.session.execute(text("SELECT size FROM ledger_log"))
        writer = threading.Thread(target=add)
        writer.start()
        writer.join(10)
        assert not writer.is_alive()
        assert list(verify_log()) == []
    assert queries.get_log().size == 42
