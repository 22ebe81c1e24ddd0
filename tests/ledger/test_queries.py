"""Reads, proofs and the verification line on real databases."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import event, text

from lms import clock
from lms.db import db
from lms.errors import Conflict, IntegrityFault, NotFound
from lms.ledger import actions, queries
from lms.ledger.place import current_place
from lms.ledger.queries import State
from lms.ledger.rules import proofs, tree
from lms.ledger.sealer import Sealer
from lms.ledger.triggers import drop_append_only_ddl
from tests.ledger.conftest import ORIGIN
from tests.support.second_log import continue_in_second_log

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NOBODY = "0b0e5d5e-8f5b-4a59-9a3f-6f3f7b1f2c11"


@pytest.fixture
def records(app: Flask) -> list[actions.Appended]:
    """Thirty records of three subjects a day apart; the first twenty are sealed."""
    made = list[actions.Appended]()
    for number in range(30):
        with clock.at(START + timedelta(days=365 + number)):
            kind = "training.completed" if number % 2 else "attestation.signed"
            made.append(actions.append(kind=kind, fields={"number": number}, subject=f"person:{number % 3}"))
        db.session.commit()
        if number == 19:
            actions.seal_checkpoint()
            db.session.commit()
    return made


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that are sent inside the block."""
    seen = list[str]()

    def note(*arguments: object) -> None:
        if not str(arguments[2]).startswith("BEGIN"):
            seen.append(str(arguments[2]))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def tamper(statement: str, **values: object) -> None:
    """What a person with the database's password can do."""
    for drop in drop_append_only_ddl(db.engine.dialect.name):
        db.session.execute(text(drop))
    db.session.execute(text(statement), values)
    db.session.commit()


def test_records_are_listed_by_subject_kind_time_and_page(records: list[actions.Appended]) -> None:
    def ids(**wanted: object) -> list[int]:
        return [entry.position - 1 for entry in queries.list_entries(**wanted)]  # type: ignore[arg-type]

    assert ids(subject="person:1") == list(range(1, 30, 3))
    assert ids(kind="attestation.signed") == list(range(0, 30, 2))
    assert ids(kind=["attestation.signed", "training.completed"], limit=100) == list(range(30))
    assert ids(since=records[10].at, until=records[12].at) == [10, 11]
    seventh, last = (queries.get_entry(records[number].record_id) for number in (7, 27))
    assert ids(subject="person:1", after=seventh, limit=2) == [10, 13]
    assert ids(newest_first=True, limit=3) == [29, 28, 27]
    assert ids(newest_first=True, limit=2, after=last) == [26, 25]


def test_records_of_every_log_are_listed_in_the_order_of_time(records: list[actions.Appended]) -> None:
    with clock.at(START + timedelta(days=500)):
        origin = continue_in_second_log()
        newer = [
            actions.append(kind="training.completed", fields={"number": number}, subject="person:1").record_id
            for number in (30, 31)
        ]
    db.session.commit()
    wanted = [records[number].record_id for number in range(1, 30, 3)] + newer
    listed = queries.list_entries(subject="person:1")
    assert [entry.record_id for entry in listed] == wanted
    assert queries.list_entries(subject="person:1", newest_first=True) == listed[::-1]
    pages, after = list[str](), None
    while page := queries.list_entries(subject="person:1", limit=5, after=after):
        pages += [entry.record_id for entry in page]
        after = page[-1]
    assert pages == wanted
    back = queries.list_entries(subject="person:1", limit=3, after=listed[-2], newest_first=True)
    assert back == listed[-3:-6:-1]
    older, newest = listed[0], listed[-1]
    assert older.log_id != newest.log_id
    covering = queries.find_checkpoint_covering(older.position, older.log_id)
    assert covering is not None
    assert queries.prove_inclusion(older.record_id, covering).checkpoint == covering.note
    assert {key.split("+")[0] for key in queries.list_verifier_keys(older.log_id)} == {ORIGIN}
    assert {key.split("+")[0] for key in queries.list_verifier_keys()} == {origin}


def test_every_record_streams_with_its_fields(records: list[actions.Appended]) -> None:
    found = [
        (entry.record_id, fields["number"]) for entry, fields in queries.iter_disclosed({"training.completed"}, batch=4)
    ]
    assert found == [(records[number].record_id, number) for number in range(1, 30, 2)]
    assert len(list(queries.iter_disclosed(batch=31))) == 31


def test_several_records_are_read_in_one_statement(records: list[actions.Appended]) -> None:
    with statements() as seen:
        found = queries.read_many([item.record_id for item in records[:5]] + [NOBODY])
    assert len(seen) == 1
    assert {fields["number"] for fields in found.values()} == {0, 1, 2, 3, 4}


def test_what_is_not_there(records: list[actions.Appended]) -> None:
    assert queries.find_entry(NOBODY) is None
    assert queries.find_log("other.example/log") is None
    for ask in (queries.get_entry, queries.read_disclosures, queries.prove_inclusion):
        with pytest.raises(NotFound):
            ask(NOBODY)
    with pytest.raises(NotFound):
        queries.get_log("other.example/log")


def test_checkpoints_are_found(records: list[actions.Appended]) -> None:
    first = queries.newest_checkpoint()
    assert first is not None
    assert first.size == 21
    assert queries.find_checkpoint_covering(20) == queries.find_checkpoint_covering(0) == first
    assert queries.find_checkpoint_covering(21) is None
    actions.seal_checkpoint()
    db.session.commit()
    assert [row.size for row in queries.list_checkpoints()] == [31, 21]
    assert [row.size for row in queries.list_checkpoints(before=31)] == [21]
    assert queries.find_checkpoint_covering(20) == queries.find_checkpoint(21)


def test_an_inclusion_proof_stands_on_its_own(records: list[actions.Appended]) -> None:
    proof = queries.prove_inclusion(records[3].record_id)
    tree.verify_inclusion(proof.index, proof.size, records[3].leaf_hash, proof.hashes, proof.root)
    read = proofs.parse_proof(proof.text())
    read.verify(records[3].leaf_hash, Sealer(current_place().folder).verifiers(), ORIGIN)
    assert base64.b64encode(proof.root).decode() in proof.checkpoint


def test_a_record_after_the_checkpoint_waits(records: list[actions.Appended]) -> None:
    with pytest.raises(Conflict, match="next signed checkpoint"):
        queries.prove_inclusion(records[25].record_id)
    check = queries.check_record(records[25].record_id)
    assert check.ok
    assert not check.sealed
    assert "waits for the next signed checkpoint" in check.summary


def test_an_old_checkpoint_can_be_proved_to(records: list[actions.Appended]) -> None:
    actions.seal_checkpoint()
    db.session.commit()
    old = queries.find_checkpoint(21)
    assert queries.prove_inclusion(records[3].record_id, old).size == 21
    assert queries.prove_inclusion(records[3].record_id).size == 31


def test_consistency_between_checkpoints(records: list[actions.Appended]) -> None:
    actions.seal_checkpoint()
    db.session.commit()
    new, old = queries.list_checkpoints()
    proof = queries.prove_consistency(old.size, new.size)
    tree.verify_consistency(old.size, new.size, old.root, new.root, proof.hashes)
    for sizes in ((0, 5), (5, 32), (6, 5)):
        with pytest.raises(NotFound):
            queries.prove_consistency(*sizes)


def test_a_good_record_checks_in_few_statements(records: list[actions.Appended]) -> None:
    with statements() as seen:
        check = queries.check_record(records[3].record_id)
    assert check.ok
    assert check.sealed
    assert [step.state for step in check.steps] == [State.GOOD] * 5
    assert "exactly as recorded" in check.summary
    assert check.fingerprint == proofs.fingerprint(records[3].leaf_hash)
    assert len(seen) <= 5


def test_many_records_check_in_as_few_statements(records: list[actions.Appended]) -> None:
    ids = [item.record_id for item in records] + [NOBODY]
    with statements() as seen:
        checks = queries.check_records(ids)
    assert len(seen) <= 5
    assert [check.record_id for check in checks] == ids
    assert [check.sealed for check in checks] == [True] * 20 + [False] * 11
    assert [check.ok for check in checks] == [True] * 30 + [False]
    assert not checks[-1].found
    with pytest.raises(ValueError, match="50"):
        queries.check_records([NOBODY] * 51)
    assert queries.check_records([]) == []


@pytest.mark.parametrize(
    ("statement", "step"),
    [
        (
            "UPDATE ledger_entry SET entry = replace(entry, 'schema', 'schemb') WHERE record_id = :id",
            "entry",
        ),
        ("UPDATE ledger_entry SET kind = 'a.b' WHERE record_id = :id", "entry"),
        ("UPDATE ledger_entry SET at = '2020-01-01 00:00:00+00' WHERE record_id = :id", "entry"),
        ("UPDATE ledger_entry SET leaf_hash = :other WHERE record_id = :id", "entry"),
        ("UPDATE ledger_disclosure SET sealed = :other WHERE record_id = :id", "disclosures"),
        ("UPDATE ledger_disclosure SET nonce = :nonce WHERE record_id = :id", "disclosures"),
        ("UPDATE ledger_record_key SET key = :other WHERE record_id = :id", "disclosures"),
        ("UPDATE ledger_record_key SET key = NULL WHERE record_id = :id", "disclosures"),
        ("DELETE FROM ledger_record_key WHERE record_id = :id", "disclosures"),
        ("DELETE FROM ledger_disclosure WHERE record_id = :id", "disclosures"),
        ("UPDATE ledger_node SET hash = :other WHERE level = 1 AND position = 2", "included"),
        ("DELETE FROM ledger_node WHERE level = 1 AND position = 2", "included"),
        ("UPDATE ledger_checkpoint SET root = :other", "signature"),
        ("UPDATE ledger_checkpoint SET size = 22", "signature"),
        ("UPDATE ledger_checkpoint SET note = replace(note, '21', '22')", "signature"),
    ],
)
def test_the_verification_line_finds_what_was_altered(
    records: list[actions.Appended], statement: str, step: str
) -> None:
    # Position 6 of the log: its inclusion proof uses the node over positions 4 and 5.
    target = records[5].record_id
    if db.engine.dialect.name == "sqlite":
        statement = statement.replace("+00'", ".000000'")
    wanted = {"id": target, "other": b"x" * 32, "nonce": b"x" * 12}
    tamper(statement, **{name: value for name, value in wanted.items() if f":{name}" in statement})
    check = queries.check_record(target)
    assert not check.ok
    assert [item.state for item in check.steps if item.name == step] == [State.BAD]
    assert check.summary.endswith(".") or check.summary.endswith(".)")


def test_altered_content_is_never_shown(records: list[actions.Appended]) -> None:
    target = records[5].record_id
    tamper("UPDATE ledger_disclosure SET sealed = :other WHERE record_id = :id", id=target, other=b"x" * 64)
    with pytest.raises(IntegrityFault, match=target):
        queries.read_disclosures(target)
    with pytest.raises(IntegrityFault, match=target):
        list(queries.iter_disclosed())
    assert len(list(queries.iter_disclosed(strict=False))) == 30


def test_a_damaged_tree_gives_no_proof(records: list[actions.Appended]) -> None:
    tamper("UPDATE ledger_node SET hash = :other WHERE level = 1 AND position = 2", other=b"x" * 32)
    with pytest.raises(IntegrityFault, match=records[5].record_id):
        queries.prove_inclusion(records[5].record_id)
    tamper("DELETE FROM ledger_node WHERE level = 1 AND position = 2")
    with pytest.raises(IntegrityFault):
        queries.prove_inclusion(records[5].record_id)
    with pytest.raises(IntegrityFault, match="damaged"):
        queries.prove_consistency(6, 20)
