"""The whole-log audit: reads every record in order, in flat memory, and names whatever is not as recorded.

It holds each record against itself (text, leaf hash, columns, disclosures), against its subject's chain, and
the log against its tree, its head, every stored checkpoint, the sealer's memory outside the database and the
anchors: every stored token is verified, and each record held to the bracket of the two around it. What it can
and cannot find is said in docs and on the product's own pages: a log rebuilt with the signing key is found only
by a checkpoint or a receipt that somebody else holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from lms.db import db, read_only
from lms.ledger.anchors.audit import AnchorAudit, stray_anchors
from lms.ledger.audit_tree import Fault, TreeAudit
from lms.ledger.checks import column_faults
from lms.ledger.key_audit import (
    End,
    KeyHistory,
    continuation_faults,
    continuation_note,
    key_faults,
    keys_named_later,
    read_history,
)
from lms.ledger.models import LedgerEntry, LedgerLog
from lms.ledger.opened import Disclosed, StoredRow, open_stored, stored_records
from lms.ledger.rules.entries import SIGNING_WINDOW, WINDOWED_METHOD

__all__ = ["Fault", "Tally", "renew_snapshot", "snapshot", "verify_log"]

BATCH = 1000


@dataclass(slots=True)
class Tally:
    """What an audit has read so far."""

    logs: int = 0
    records: int = 0
    disposed: int = 0
    checkpoints: int = 0
    notes: list[str] = field(default_factory=list)
    """What is no fault and has to be known, such as a log that continues another after a restored backup."""
    stamps: int = 0
    """Time stamps of outside authorities that a root on file confirms."""
    letters: int = 0
    unverified: dict[str, int] = field(default_factory=dict)
    """Stamps that are kept but cannot be verified here, by authority: no root certificate is on file."""


@dataclass(frozen=True, slots=True)
class _Link:
    """The last record of one subject."""

    number: int
    leaf: bytes
    record_id: str


@dataclass(slots=True)
class _Walk:
    """What one pass over a log remembers: one link for each subject, and the record before."""

    origin: str
    tally: Tally
    position: int = 0
    last_at: datetime | None = None
    disclosed: Disclosed | None = None
    """The fields of the record that was read last; None where they were disposed of or are damaged."""
    links: dict[str, _Link] = field(default_factory=dict)


@contextmanager
def snapshot() -> Iterator[None]:
    """A reading transaction that sees one state of the database and holds up no writer.

    Ends the session's current transaction, so call it where nothing is pending.
    """
    token = read_only.set(True)
    try:
        renew_snapshot()
        yield
    finally:
        db.session.rollback()
        read_only.reset(token)


def renew_snapshot() -> None:
    """Begins a new reading transaction inside ``snapshot``, after a statement that failed ended the one before."""
    db.session.rollback()
    if db.engine.dialect.name == "postgresql":
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def verify_log(origin: str | None = None, *, tally: Tally | None = None) -> Iterator[Fault]:
    """Every fault of the log ``origin``, or of all logs in the database, in the order of the log.

    Run it inside ``snapshot``, so that records appended meanwhile are not taken for faults.
    """
    tally = tally or Tally()
    query = select(LedgerLog).order_by(LedgerLog.id).execution_options(populate_existing=True)
    logs = db.session.scalars(query if origin is None else query.where(LedgerLog.origin == origin)).all()
    if not logs:
        yield Fault(None, None, "log", "There is no open log in the database.")
    ends = dict[str, End]()
    histories = {log.origin: read_history(log) for log in logs}
    for log in logs:
        tally.logs += 1
        yield from _verify_one(log, tally, ends)
        yield from _verify_keys(log, tally, ends, histories)
    if origin is None:
        yield from _entries_of_no_log()
        yield from stray_anchors()


def _entries_of_no_log() -> Iterator[Fault]:
    """Records whose log is not in the database, so that no tree and no checkpoint could cover them."""
    strays = select(LedgerEntry.record_id, LedgerEntry.log_id).where(LedgerEntry.log_id.not_in(select(LedgerLog.id)))
    for record_id, log_id in db.session.execute(strays.order_by(LedgerEntry.id)):
        yield Fault(record_id, None, "log_id", f"The record names the log {log_id}, which is not in the database.")


def _verify_keys(
    log: LedgerLog, tally: Tally, ends: dict[str, End], histories: dict[str, KeyHistory]
) -> Iterator[Fault]:
    """The log's keys, and the log before it that it continues."""
    history = histories[log.origin]
    yield from key_faults(log, history, keys_named_later(log.origin, histories.values()))
    yield from continuation_faults(history, ends)
    note = continuation_note(log, history)
    if note is not None:
        tally.notes.append(note)


def _verify_one(log: LedgerLog, tally: Tally, ends: dict[str, End]) -> Iterator[Fault]:
    walk = _Walk(log.origin, tally)
    tree, anchors = TreeAudit(log), AnchorAudit(log)
    yield from tree.start()
    yield from anchors.start()
    for rows in _batches(log.id):
        tree.load(rows[0][0].position, rows[-1][0].position + 1)
        for row in rows:
            stored = row[0]
            if stored.position != walk.position:
                yield from _gap(walk, stored)
                tree.break_at(walk.position)
            walk.position = stored.position + 1
            yield from _verify_record(row, walk)
            yield from tree.add(stored)
            yield from anchors.add(stored, walk.disclosed)
    yield from tree.finish(walk.position, walk.last_at)
    yield from anchors.finish()
    tally.checkpoints += tree.checkpoints
    ends[log.origin] = End(walk.position, tree.root())
    tally.stamps, tally.letters = tally.stamps + anchors.verified, tally.letters + anchors.letters
    for authority, count in anchors.unverified.items():
        tally.unverified[authority] = tally.unverified.get(authority, 0) + count


def _batches(log_id: int) -> Iterator[list[StoredRow]]:
    query = stored_records().where(LedgerEntry.log_id == log_id).order_by(LedgerEntry.position).limit(BATCH)
    page = query
    while rows := list(db.session.execute(page)):
        last = rows[-1][0].position
        yield rows
        if len(rows) < BATCH:
            return
        page = query.where(LedgerEntry.position > last)


def _gap(walk: _Walk, stored: LedgerEntry) -> Iterator[Fault]:
    """Names the positions that have no record (at most a hundred of them one by one)."""
    missing = range(walk.position, stored.position)
    if not missing:
        yield Fault(stored.record_id, stored.position, "position", "The record stands before the first place.")
    for position in missing[:100]:
        yield Fault(None, position, "position", "The record at this place was removed.")
    if len(missing) > 100:
        yield Fault(None, missing[-1], "position", f"{len(missing)} records up to this place were removed.")


def _verify_record(row: StoredRow, walk: _Walk) -> Iterator[Fault]:
    stored = row[0]
    walk.tally.records += 1
    for where, what in column_faults(stored, walk.origin):
        yield Fault(stored.record_id, stored.position, where, what)
    disclosed: Disclosed | None = None
    try:
        disclosed = open_stored(row)
    except ValueError as error:
        yield Fault(stored.record_id, stored.position, "disclosures", str(error))
    for where, what in _order_faults(stored, disclosed, walk):
        yield Fault(stored.record_id, stored.position, where, what)
    if disclosed is not None and disclosed.destroyed:
        walk.tally.disposed += 1
        disclosed = None
    walk.disclosed = disclosed
    for where, what in (*_subject_faults(stored, disclosed, walk), *_copy_faults(stored, disclosed)):
        yield Fault(stored.record_id, stored.position, where, what)


def _order_faults(stored: LedgerEntry, disclosed: Disclosed | None, walk: _Walk) -> Iterator[tuple[str, str]]:
    """Times never go back, but for what a passkey signed: that is dated when it was prepared (SIGNING_WINDOW).

    Where the proof was destroyed, nobody can tell any more by what the record was signed; it is granted the window.
    """
    latest = walk.last_at
    walk.last_at = stored.at if latest is None else max(latest, stored.at)
    if latest is None or stored.at >= latest:
        return
    proof = None if disclosed is None else disclosed.proof
    windowed = disclosed is not None and (proof is None or proof.get("method") == WINDOWED_METHOD)
    if not windowed:
        yield "at", f"The record is dated {stored.at}, before the record that stands in front of it."
    elif latest - stored.at > SIGNING_WINDOW:
        yield "at", f"The record is dated {stored.at}, longer before the one in front of it than a passkey may take."


def _copy_faults(stored: LedgerEntry, disclosed: Disclosed | None) -> Iterator[tuple[str, str]]:
    """Columns that are copies of disclosures, for look-ups."""
    if disclosed is None:
        return
    for name in ("subject", "subject_seq", "supersedes"):
        recorded, beside = disclosed.get(name), getattr(stored, name)
        if recorded != beside:
            yield name, f"The record says {recorded!r}, the table says {beside!r}."


def _subject_faults(stored: LedgerEntry, disclosed: Disclosed | None, walk: _Walk) -> Iterator[tuple[str, str]]:
    """The subject's own chain: numbers without a gap, each naming the leaf of the one before."""
    subject = stored.subject if disclosed is None else disclosed.get("subject")
    number = stored.subject_seq if disclosed is None else disclosed.get("subject_seq")
    if not isinstance(subject, str) or not isinstance(number, int):
        return
    last = walk.links.get(subject)
    expected = 1 if last is None else last.number + 1
    if number != expected:
        yield "subject_seq", f"The record is number {number} of {subject}, but number {expected} was due."
    elif disclosed is not None:
        named, before = disclosed.get("prev_subject_leaf"), None if last is None else last.leaf.hex()
        if named != before:
            other = "none" if last is None else last.record_id
            yield "prev_subject_leaf", f"The record does not name the one before it of {subject} ({other})."
    walk.links[subject] = _Link(number, stored.leaf_hash, stored.record_id)
