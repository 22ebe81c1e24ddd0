"""The audit of keys and of continued logs: what the tables and files say of them, held against the records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from lms.db import db
from lms.ledger.audit_tree import Fault
from lms.ledger.models import LedgerCheckpoint, LedgerEntry, LedgerLog, LedgerSigningKey
from lms.ledger.opened import open_stored, stored_records
from lms.ledger.operating import REVOKED, ROTATED
from lms.ledger.place import current_place
from lms.ledger.rules.notes import NoteError, VerifierKey, verify_checkpoint
from lms.ledger.sealer import Sealer, verify_with

OPENED = "ledger.opened"


@dataclass(slots=True)
class KeyHistory:
    """What the records of one log say of its keys, and of the log that it continues."""

    made: list[str] = field(default_factory=list)
    revoked: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Verifier key → (record id, position of the record)."""
    continues: dict[str, Any] | None = None
    opened_by: str | None = None
    first_unread: str | None = None
    """The record of a key that could not be opened: then nothing can be said of the keys after it."""


@dataclass(frozen=True, slots=True)
class End:
    """How many records a log was found to have, and their root; None where it could not be rebuilt."""

    size: int
    root: bytes | None


def read_history(log: LedgerLog) -> KeyHistory:
    """The key events of a log, in order. What cannot be opened is left to ``verify_log``, which names it."""
    found = KeyHistory()
    rows = db.session.execute(
        stored_records()
        .where(LedgerEntry.log_id == log.id, LedgerEntry.kind.in_([OPENED, ROTATED, REVOKED]))
        .order_by(LedgerEntry.position)
    )
    for row in rows:
        try:
            disclosed = open_stored(row)
        except ValueError:
            found.first_unread = found.first_unread or row[0].record_id
            continue
        kind, record_id, position = row[0].kind, row[0].record_id, row[0].position
        if kind == OPENED:
            found.made += [str(key) for key in disclosed.get("verifiers") or []]
            found.continues, found.opened_by = dict(disclosed), record_id
        elif kind == ROTATED:
            found.made.append(str(disclosed.get("new")))
        else:
            found.revoked[str(disclosed.get("verifier"))] = (record_id, position)
    return found


def keys_named_later(origin: str, histories: Iterable[KeyHistory]) -> set[str]:
    """The keys of ``origin`` that the log which continues it names: the record of their making may be lost."""
    named = set[str]()
    for history in histories:
        said = history.continues
        if said is not None and said.get("continued_log") == origin:
            named.update(str(key) for key in said.get("old_verifiers") or [])
    return named


def key_faults(log: LedgerLog, history: KeyHistory, named_later: set[str]) -> Iterator[Fault]:
    """Keys that no record names, keys that are missing, and checkpoints that only a revoked key signed."""
    if history.first_unread is not None:
        return
    rows = {
        row.verifier: row
        for row in db.session.scalars(select(LedgerSigningKey).where(LedgerSigningKey.log_id == log.id))
    }
    on_file = {str(key) for key in Sealer(current_place().folder).verifiers() if key.name == log.origin}
    for name, found in (("ledger_signing_key", set(rows)), ("verifiers.txt", on_file)):
        for verifier in sorted(found.difference(history.made, named_later)):
            yield Fault(None, None, name, f"The key {verifier} is named by no record of the log {log.origin}.")
        for verifier in sorted(set(history.made) - found):
            yield Fault(None, None, name, f"The key {verifier}, which the records name, is missing.")
    for verifier, row in rows.items():
        if (row.revoked_at is not None) != (verifier in history.revoked):
            what = f"The key {verifier} is revoked in the table or in the records, but not in both."
            yield Fault(None, None, "ledger_signing_key", what)
    yield from _signed_by_revoked(log, history)


def _signed_by_revoked(log: LedgerLog, history: KeyHistory) -> Iterator[Fault]:
    if not history.revoked:
        return
    trusted = [VerifierKey.parse(text) for text in history.made if text not in history.revoked]
    first = min(position for _, position in history.revoked.values())
    query = select(LedgerCheckpoint).where(LedgerCheckpoint.log_id == log.id, LedgerCheckpoint.size > first)
    for row in db.session.scalars(query.order_by(LedgerCheckpoint.size)):
        late = [text for text, (_, position) in history.revoked.items() if row.size <= position]
        try:
            verify_checkpoint(row.note, [*trusted, *(VerifierKey.parse(text) for text in late)], log.origin)
        except NoteError as error:
            what = f"No key that was in force then has signed this checkpoint: {error}"
            yield Fault(None, row.size - 1, f"checkpoint {row.size}", what)


def continuation_faults(said: KeyHistory, ends: dict[str, End]) -> Iterator[Fault]:
    """Where a log continues another: is the old one still what its first record says was left of it?"""
    if said.continues is None or not isinstance(said.continues.get("continued_log"), str):
        return
    old, record = str(said.continues["continued_log"]), said.opened_by
    note = said.continues.get("continues")
    if isinstance(note, str):
        try:
            verify_with(current_place().folder, note, old)
        except NoteError as error:
            yield Fault(record, 0, "continues", f"The cited checkpoint of {old} does not hold: {error}")
    end = ends.get(old)
    if end is None:
        yield Fault(record, 0, "continued_log", f"The log {old}, which this one continues, is not in the database.")
    elif end.size != said.continues.get("kept_size"):
        what = f"{said.continues.get('kept_size')} records of {old} were kept, but there are {end.size} now."
        yield Fault(record, 0, "kept_size", what)
    elif end.root is not None and end.root.hex() != said.continues.get("kept_root"):
        yield Fault(record, 0, "kept_root", f"The records of {old} are not the ones that were kept.")


def continuation_note(log: LedgerLog, history: KeyHistory) -> str | None:
    """One sentence on a log that continues another, for whoever reads the audit."""
    said = history.continues
    if said is None or not isinstance(said.get("continued_log"), str):
        return None
    signed, kept = said.get("signed_size"), said.get("kept_size")
    lost = signed - kept if isinstance(signed, int) and isinstance(kept, int) else 0
    missing = f"{lost} signed records are missing from it." if lost > 0 else "What it held was not what was signed."
    return (
        f"The log {log.origin} continues {said['continued_log']}, of which {kept} records were kept. {missing} "
        f"Reason on record: {said.get('reason')}"
    )
