"""Keys and logs as an operator handles them: each step is on record, and the audit holds files and tables against it."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text, update

from lms import clock
from lms.db import db
from lms.errors import Conflict, IntegrityFault, Invalid, NotFound
from lms.ledger import actions, operating, queries
from lms.ledger.keys import list_keys
from lms.ledger.models import LedgerCheckpoint, LedgerLog, LedgerSigningKey
from lms.ledger.place import Place, bind, current_place
from lms.ledger.rules.notes import Checkpoint, VerifierKey, checkpoint_body, sign_note
from lms.ledger.rules.tree import append_leaf, pack_frontier
from lms.ledger.sealer import Sealer
from lms.ledger.triggers import drop_append_only_ddl
from lms.ledger.verify import Tally, snapshot, verify_log
from tests.ledger.conftest import ORIGIN


def add(number: int = 0) -> actions.Appended:
    made = actions.append(kind="a.b", fields={"number": number}, subject="person:1")
    db.session.commit()
    return made


def seal() -> LedgerCheckpoint | None:
    checkpoint = actions.seal_checkpoint()
    db.session.commit()
    return checkpoint


def faults(tally: Tally | None = None) -> list[str]:
    with snapshot():
        return [str(fault) for fault in verify_log(tally=tally)]


def key_id(number: int) -> str:
    return VerifierKey.parse(queries.list_verifier_keys()[number]).key_id.hex()


def rotate_again() -> None:
    assert operating.rotate_signing_key(again=True) is not None
    db.session.commit()


def test_revoking_is_on_record_and_the_key_signs_no_more(app: Flask) -> None:
    add()
    seal()
    rotate_again()
    first = key_id(0)
    done = operating.revoke_signing_key(first, "  laptop  stolen ")
    db.session.commit()
    assert (done.anchored_size, done.log_size) == (0, 3)
    record = queries.list_entries(kind=operating.REVOKED)[0]
    said = queries.read_disclosures(record.record_id)
    assert (said["verifier"], said["reason"], said["log_size"]) == (done.verifier, "laptop stolen", 3)
    assert seal() is not None
    assert faults() == []
    assert [key.signs for key in list_keys()] == [False, True]
    assert "revoked" in list_keys()[0].state
    with pytest.raises(Conflict, match="revoked already"):
        operating.revoke_signing_key(first, "again")


@pytest.mark.parametrize(
    ("wanted", "reason", "error"),
    [
        ("00000000", "why not", NotFound),
        (None, "   ", Invalid),
        (None, "x" * 501, Invalid),
        (None, "only key", Conflict),
    ],
)
def test_a_revocation_that_cannot_be_is_refused(
    app: Flask, wanted: str | None, reason: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        operating.revoke_signing_key(wanted or key_id(0), reason)
    db.session.rollback()
    assert faults() == []


def test_a_checkpoint_that_only_a_revoked_key_signed_later_is_named(app: Flask) -> None:
    add()
    seal()
    rotate_again()
    folder = current_place().folder
    stolen = [signer for signer in Sealer(folder).keys.signers(ORIGIN) if signer.verifier.key_id.hex() == key_id(0)]
    operating.revoke_signing_key(key_id(0), "stolen")
    db.session.commit()
    made = seal()
    assert made is not None
    forged = sign_note(checkpoint_body(Checkpoint(ORIGIN, made.size, made.root)), stolen)
    without_triggers()
    db.session.execute(update(LedgerCheckpoint).where(LedgerCheckpoint.id == made.id).values(note=forged))
    db.session.commit()
    found = faults()
    assert any("No key that was in force then has signed this checkpoint" in fault for fault in found), found


@pytest.mark.parametrize("where", ["table", "file", "missing row", "missing line", "revoked row"])
def test_keys_that_the_records_do_not_name_are_found(app: Flask, where: str) -> None:
    stranger = str(VerifierKey(ORIGIN, bytes(range(32))))
    path = current_place().folder / "verifiers.txt"
    if where == "table":
        log_id = queries.get_log().id
        db.session.add(LedgerSigningKey(log_id=log_id, verifier=stranger, created_at=clock.now()))
    elif where == "file":
        path.write_text(path.read_text() + stranger + "\n")
    elif where == "missing row":
        db.session.execute(text("DELETE FROM ledger_signing_key"))
    elif where == "missing line":
        path.write_text("")
    else:
        db.session.execute(update(LedgerSigningKey).values(revoked_at=clock.now()))
    db.session.commit()
    found = faults()
    assert any("ledger_signing_key" in fault or "verifiers.txt" in fault for fault in found), found


def without_triggers() -> None:
    """What somebody with the database's own rights does first."""
    for statement in drop_append_only_ddl(db.engine.dialect.name):
        db.session.execute(text(statement))


def cut_back(size: int) -> None:
    """Makes the database what it was at ``size`` records, as an older backup would."""
    without_triggers()
    entries = queries.list_entries(limit=1000)
    frontier: tuple[bytes, ...] = ()
    for number, entry in enumerate(entries[:size]):
        frontier, _ = append_leaf(frontier, number, entry.leaf_hash)
    for table in ("ledger_disclosure", "ledger_record_key"):
        db.session.execute(
            text(
                f"DELETE FROM {table} WHERE record_id IN (SELECT record_id FROM ledger_entry WHERE position >= :size)"
            ),
            {"size": size},
        )
    db.session.execute(text("DELETE FROM ledger_entry WHERE position >= :size"), {"size": size})
    db.session.execute(text("DELETE FROM ledger_node WHERE (position + 1) * (1 << level) > :size"), {"size": size})
    db.session.execute(text("DELETE FROM ledger_checkpoint WHERE size > :size"), {"size": size})
    last = entries[size - 1].at
    db.session.execute(update(LedgerLog).values(size=size, frontier=pack_frontier(frontier), last_at=last))
    db.session.commit()
    db.session.expire_all()


def test_a_key_that_was_made_and_not_recorded_is_taken_at_the_next_try(app: Flask) -> None:
    add()
    seal()
    place = current_place()
    made = Sealer(place.folder).rotate(ORIGIN, clock.now().year, again=True)
    assert faults() == [f"the log, verifiers.txt: The key {made} is named by no record of the log {ORIGIN}."]
    assert operating.rotate_signing_key(again=True) == str(made)
    db.session.commit()
    assert seal() is not None
    assert faults() == []
    assert len(Sealer(place.folder).keys.files()) == 2


def test_a_restored_backup_is_refused_and_continued_on_record(app: Flask) -> None:
    for number in range(9):
        add(number)
    signed = seal()
    assert signed is not None
    note = signed.note
    cut_back(6)
    with pytest.raises(IntegrityFault, match="old backup was restored"):
        actions.seal_checkpoint()
    db.session.rollback()
    assert any("records were removed" in fault for fault in faults())
    new = operating.continue_log("police.example/log-2", "restored the backup of May 3")
    db.session.commit()
    bind(app, Place(new.origin, current_place().folder))
    said = queries.read_disclosures(queries.list_entries(kind="ledger.opened", newest_first=True)[0].record_id)
    assert said["continues"] == note
    assert (said["signed_size"], said["kept_size"], said["continued_log"]) == (10, 6, ORIGIN)
    add(77)
    assert seal() is not None
    tally = Tally()
    assert faults(tally) == []
    assert len(tally.notes) == 1
    assert "4 signed records are missing" in tally.notes[0]
    assert "May 3" in tally.notes[0]


def test_what_was_kept_of_the_old_log_cannot_be_changed_afterwards(app: Flask) -> None:
    for number in range(9):
        add(number)
    seal()
    cut_back(6)
    new = operating.continue_log("police.example/log-2", "restored")
    db.session.commit()
    bind(app, Place(new.origin, current_place().folder))
    cut_back_old = "DELETE FROM ledger_entry WHERE position = 5 AND log_id = :log"
    old = queries.get_log(ORIGIN).id
    last = db.session.scalar(
        text("SELECT record_id FROM ledger_entry WHERE position = 5 AND log_id = :log"), {"log": old}
    )
    for table in ("ledger_disclosure", "ledger_record_key"):
        db.session.execute(text(f"DELETE FROM {table} WHERE record_id = :id"), {"id": last})
    db.session.execute(text(cut_back_old), {"log": old})
    db.session.execute(text("UPDATE ledger_log SET size = 5 WHERE id = :log"), {"log": old})
    db.session.commit()
    assert any("6 records of police.example/log were kept, but there are 5 now" in fault for fault in faults())


def test_a_log_that_continues_needs_no_new_one(app: Flask) -> None:
    add()
    seal()
    add()
    with pytest.raises(Conflict, match="nothing to mend"):
        operating.continue_log("police.example/log-2", "just so")
    with pytest.raises(Conflict, match="another name"):
        operating.continue_log(ORIGIN, "same name")
    with pytest.raises(Invalid, match="reason"):
        operating.continue_log("police.example/log-2", " ")


def test_a_continuation_that_was_cut_off_before_its_commit_can_be_repeated(app: Flask) -> None:
    for number in range(5):
        add(number)
    seal()
    cut_back(3)
    operating.continue_log("police.example/log-2", "restored")
    db.session.rollback()
    new = operating.continue_log("police.example/log-2", "restored")
    db.session.commit()
    bind(app, Place(new.origin, current_place().folder))
    assert faults() == []


def test_a_lost_memory_is_continued_from_the_newest_stored_checkpoint(app: Flask) -> None:
    add()
    stored = seal()
    assert stored is not None
    note = stored.note
    (current_place().folder / "sealed.json").unlink()
    add()
    with pytest.raises(IntegrityFault, match="memory"):
        actions.seal_checkpoint()
    db.session.rollback()
    new = operating.continue_log("police.example/log-2", "the memory was lost")
    db.session.commit()
    bind(app, Place(new.origin, current_place().folder))
    assert new.continues == note
    assert faults() == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a.example/log", "a.example/log-2"),
        ("a.example/log-2", "a.example/log-3"),
        ("a-b.example/log-x", "a-b.example/log-x-2"),
    ],
)
def test_names_of_continued_logs(old: str, new: str) -> None:
    assert operating.next_origin(old) == new
