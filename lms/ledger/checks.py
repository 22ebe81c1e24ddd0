"""The verification line: is this record what was recorded, and does a signed checkpoint cover it?

Every answer is a sentence for a reader who is no engineer. A handful of statements, however many records are
asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, select, tuple_

from lms.db import db
from lms.ledger.models import LedgerCheckpoint, LedgerEntry, LedgerLog
from lms.ledger.nodes import load_nodes
from lms.ledger.opened import StoredRow, open_stored, stored_records
from lms.ledger.place import current_place
from lms.ledger.rules.entries import EntryError, leaf_of, parse
from lms.ledger.rules.notes import NoteError
from lms.ledger.rules.proofs import fingerprint
from lms.ledger.rules.tree import NodeReader, ProofError, inclusion_nodes, inclusion_proof, verify_inclusion
from lms.ledger.sealer import verify_with

MOST_RECORDS = 50


class State(StrEnum):
    """What one step of a check found."""

    GOOD = "good"
    PENDING = "pending"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a check, with a sentence for people."""

    name: str
    state: State
    says: str


@dataclass(frozen=True, slots=True)
class RecordCheck:
    """What was found about one record."""

    record_id: str
    steps: tuple[Step, ...]
    fingerprint: str = ""
    checkpoint_size: int | None = None

    @property
    def ok(self) -> bool:
        """True where nothing is wrong.

        A record that waits for its first checkpoint is not wrong: see ``sealed``.
        """
        return all(step.state is not State.BAD for step in self.steps)

    @property
    def found(self) -> bool:
        """True where there is such a record."""
        return self.steps[0].state is State.GOOD

    @property
    def sealed(self) -> bool:
        """True where a signed checkpoint covers the record and everything else holds too."""
        return all(step.state is State.GOOD for step in self.steps)

    @property
    def summary(self) -> str:
        """The first sentence that is not good, or the one that says all is."""
        for state in (State.BAD, State.PENDING):
            for step in self.steps:
                if step.state is state:
                    return step.says
        return "This record is exactly as recorded, and a signed checkpoint covers it."


@dataclass(frozen=True, slots=True)
class _Signed:
    """The newest checkpoint of a log, with what its signature is worth."""

    row: LedgerCheckpoint
    fault: str | None


def check_record(record_id: str) -> RecordCheck:
    """Checks one record in at most five statements."""
    return check_records([record_id])[0]


def check_records(record_ids: Sequence[str]) -> list[RecordCheck]:
    """Checks up to 50 records, in the order asked, in five statements (two more for each further log)."""
    if len(record_ids) > MOST_RECORDS:
        raise ValueError(f"At most {MOST_RECORDS} records can be checked at a time.")
    found = db.session.execute(stored_records().where(LedgerEntry.record_id.in_(record_ids)))
    rows = {row[0].record_id: row for row in found}
    logs = {row[0].log_id for row in rows.values()}
    origins = {log.id: log.origin for log in db.session.scalars(select(LedgerLog).where(LedgerLog.id.in_(logs)))}
    signed = _newest_signed(origins)
    nodes = {log_id: _nodes_for(log_id, signed.get(log_id), rows.values()) for log_id in logs}
    checks = list[RecordCheck]()
    for record_id in record_ids:
        row = rows.get(record_id)
        if row is None:
            missing = Step("found", State.BAD, "There is no such record in the ledger.")
            checks.append(RecordCheck(record_id, (missing,)))
        else:
            log_id = row[0].log_id
            checks.append(_check(row, origins[log_id], signed.get(log_id), nodes[log_id]))
    return checks


def _newest_signed(origins: dict[int, str]) -> dict[int, _Signed]:
    newest = (
        select(LedgerCheckpoint.log_id, func.max(LedgerCheckpoint.size))
        .where(LedgerCheckpoint.log_id.in_(origins))
        .group_by(LedgerCheckpoint.log_id)
    )
    rows = db.session.scalars(
        select(LedgerCheckpoint)
        .where(tuple_(LedgerCheckpoint.log_id, LedgerCheckpoint.size).in_(newest))
        .execution_options(populate_existing=True)
    )
    return {row.log_id: _Signed(row, checkpoint_fault(row, origins[row.log_id])) for row in rows}


def checkpoint_fault(row: LedgerCheckpoint, origin: str) -> str | None:
    """Why a stored checkpoint is not what the sealer signed, or None."""
    try:
        signed = verify_with(current_place().folder, row.note, origin)
    except NoteError as error:
        return str(error)
    if signed.size != row.size:
        return f"The signed note says {signed.size} records, the table {row.size}."
    return None if signed.root == row.root else "The signed note says another root than the table."


def _nodes_for(log_id: int, signed: _Signed | None, rows: Iterable[StoredRow]) -> NodeReader | None:
    if signed is None:
        return None
    size = signed.row.size
    wanted = [
        spot
        for row in rows
        if row[0].log_id == log_id and 0 <= row[0].position < size
        for spot in inclusion_nodes(row[0].position, size)
    ]
    return load_nodes(log_id, wanted)


def _check(row: StoredRow, origin: str, signed: _Signed | None, nodes: NodeReader | None) -> RecordCheck:
    stored = row[0]
    steps = (
        Step("found", State.GOOD, "The record is in the ledger."),
        _check_entry(stored, origin),
        _check_disclosures(row),
        _check_inclusion(stored, signed, nodes),
        _check_signature(stored, signed),
    )
    size = signed.row.size if signed is not None and signed.row.size > stored.position else None
    return RecordCheck(stored.record_id, steps, fingerprint(stored.leaf_hash), size)


def column_faults(stored: LedgerEntry, origin: str) -> list[tuple[str, str]]:
    """Where and why an entry's text, its leaf hash and the columns beside it do not agree."""
    faults = list[tuple[str, str]]()
    if leaf_of(stored.entry) != stored.leaf_hash:
        faults.append(("leaf_hash", "The record's text is not the one that its fingerprint covers."))
    try:
        entry = parse(stored.entry)
    except EntryError as error:
        return [*faults, ("entry", str(error))]
    pairs = {
        "log": (entry.log, origin),
        "record_id": (entry.record_id, stored.record_id),
        "kind": (entry.kind, stored.kind),
        "at": (entry.at, stored.at),
    }
    for name, (recorded, beside) in pairs.items():
        if recorded != beside:
            faults.append((name, f"The record's text says {recorded}, the table says {beside}."))
    return faults


def _check_entry(stored: LedgerEntry, origin: str) -> Step:
    faults = column_faults(stored, origin)
    if faults:
        return Step("entry", State.BAD, f"The record was altered. {faults[0][1]}")
    return Step("entry", State.GOOD, "The record's text is the one that its fingerprint covers.")


def _check_disclosures(row: StoredRow) -> Step:
    try:
        disclosed = open_stored(row)
    except ValueError as error:
        return Step("disclosures", State.BAD, f"The record's fields were altered. {error}")
    if disclosed.destroyed_at is not None:
        day = disclosed.destroyed_at.date().isoformat()
        return Step("disclosures", State.GOOD, f"The record's content was disposed of on {day}; its place remains.")
    return Step("disclosures", State.GOOD, "Every field is the one that the record committed to.")


def _check_inclusion(stored: LedgerEntry, signed: _Signed | None, nodes: NodeReader | None) -> Step:
    if signed is None or nodes is None or stored.position >= signed.row.size:
        return Step("included", State.PENDING, "The record waits for the next signed checkpoint.")
    size = signed.row.size
    try:
        proof = inclusion_proof(stored.position, size, nodes)
        verify_inclusion(stored.position, size, leaf_of(stored.entry), proof, signed.row.root)
    except ProofError as error:
        return Step("included", State.BAD, f"The record is not the one that the checkpoint covers. {error}")
    return Step("included", State.GOOD, f"The record is number {stored.position + 1} of the {size} in the checkpoint.")


def _check_signature(stored: LedgerEntry, signed: _Signed | None) -> Step:
    if signed is None:
        return Step("signature", State.PENDING, "No checkpoint has been signed yet.")
    if signed.fault is not None:
        return Step("signature", State.BAD, f"The checkpoint's signature does not hold. {signed.fault}")
    if stored.position >= signed.row.size:
        return Step("signature", State.PENDING, "The newest signed checkpoint is older than this record.")
    return Step("signature", State.GOOD, "The checkpoint's signature is good.")
