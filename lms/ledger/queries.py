"""Reads of the ledger: records, disclosures, checkpoints and proofs.

The checks of single records are in ``checks``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select, tuple_

from lms.db import db
from lms.errors import Conflict, IntegrityFault, NotFound
from lms.ledger.checks import RecordCheck, State, Step, check_record, check_records
from lms.ledger.models import LedgerCheckpoint, LedgerEntry, LedgerLog, LedgerSigningKey
from lms.ledger.nodes import consistency_hashes, load_nodes
from lms.ledger.opened import Disclosed, require_opened, stored_records
from lms.ledger.place import current_place
from lms.ledger.rules.proofs import TlogProof, write_proof
from lms.ledger.rules.tree import ProofError, inclusion_nodes, inclusion_proof, verify_inclusion

__all__ = [
    "ConsistencyProof",
    "Disclosed",
    "InclusionProof",
    "RecordCheck",
    "State",
    "Step",
    "check_record",
    "check_records",
    "find_checkpoint",
    "find_checkpoint_covering",
    "find_entry",
    "find_log",
    "get_entry",
    "get_log",
    "iter_disclosed",
    "list_checkpoints",
    "list_entries",
    "list_verifier_keys",
    "newest_checkpoint",
    "prove_consistency",
    "prove_inclusion",
    "read_disclosures",
    "read_many",
]


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """The proof that a record stands at ``index`` in the log that ``checkpoint`` (a signed note) covers."""

    index: int
    size: int
    hashes: tuple[bytes, ...]
    root: bytes
    checkpoint: str

    def text(self) -> str:
        """The C2SP ``tlog-proof@v1`` text."""
        return write_proof(TlogProof(self.index, self.hashes, self.checkpoint))


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """The proof that the log of ``new_size`` begins with the log of ``old_size``."""

    old_size: int
    new_size: int
    hashes: tuple[bytes, ...]


def find_log(origin: str | None = None) -> LedgerLog | None:
    """The log of this origin; the application's own where none is named."""
    query = select(LedgerLog).where(LedgerLog.origin == (origin or current_place().origin))
    return db.session.scalar(query.execution_options(populate_existing=True))


def get_log(origin: str | None = None) -> LedgerLog:
    """The log of this origin. Raises NotFound before it was opened."""
    log = find_log(origin)
    if log is None:
        raise NotFound(f"The log {origin or current_place().origin} has not been opened yet. Run: lms init")
    return log


def find_entry(record_id: str) -> LedgerEntry | None:
    """The record of this id."""
    return db.session.scalar(select(LedgerEntry).where(LedgerEntry.record_id == record_id))


def get_entry(record_id: str) -> LedgerEntry:
    """The record of this id. Raises NotFound."""
    entry = find_entry(record_id)
    if entry is None:
        raise NotFound("There is no such record in the ledger.")
    return entry


def read_disclosures(record_id: str) -> Disclosed:
    """Every field of a record. Raises NotFound, and IntegrityFault where it is not what was recorded."""
    row = db.session.execute(stored_records().where(LedgerEntry.record_id == record_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such record in the ledger.")
    return require_opened(row)


def read_many(record_ids: Collection[str]) -> dict[str, Disclosed]:
    """The fields of several records in one statement; ids without a record are left out."""
    rows = db.session.execute(stored_records().where(LedgerEntry.record_id.in_(record_ids)))
    return {row[0].record_id: require_opened(row) for row in rows}


def list_entries(
    *,
    subject: str | None = None,
    kind: str | Collection[str] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 50,
    after: LedgerEntry | None = None,
    newest_first: bool = False,
) -> list[LedgerEntry]:
    """Records of every log in the database in the order of time, or newest first.

    After a restored backup a new log continues the old one, and what is told of a person stands in both.
    ``since`` is inclusive, ``until`` exclusive. ``after`` is the last record of the page before.
    """
    query = select(LedgerEntry)
    if subject is not None:
        query = query.where(LedgerEntry.subject == subject)
    if kind is not None:
        query = query.where(LedgerEntry.kind.in_([kind] if isinstance(kind, str) else list(kind)))
    if since is not None:
        query = query.where(LedgerEntry.at >= since)
    if until is not None:
        query = query.where(LedgerEntry.at < until)
    columns = (LedgerEntry.at, LedgerEntry.log_id, LedgerEntry.position)
    if after is not None:
        place, last = tuple_(*columns), tuple_(after.at, after.log_id, after.position)
        query = query.where(place < last if newest_first else place > last)
    order = [column.desc() if newest_first else column for column in columns]
    return list(db.session.scalars(query.order_by(*order).limit(limit)))


def iter_disclosed(
    kinds: Collection[str] | None = None, *, strict: bool = True, batch: int = 500
) -> Iterator[tuple[LedgerEntry, Disclosed]]:
    """Every record of these kinds (of all, for None) with its fields, in order, in flat memory.

    Of every log in the database, oldest first: after a restored backup a new log continues the old one, and the
    rows rest on the records of both. A record that is not what was recorded raises IntegrityFault; with
    ``strict=False`` it is passed over, for checks that run beside ``verify_log``, which reports it.
    """
    for log_id in db.session.scalars(select(LedgerLog.id).order_by(LedgerLog.id)).all():
        yield from _iter_log(log_id, kinds, strict=strict, batch=batch)


def _iter_log(
    log_id: int, kinds: Collection[str] | None, *, strict: bool, batch: int
) -> Iterator[tuple[LedgerEntry, Disclosed]]:
    query = stored_records().where(LedgerEntry.log_id == log_id).order_by(LedgerEntry.position).limit(batch)
    if kinds is not None:
        query = query.where(LedgerEntry.kind.in_(list(kinds)))
    last = -1
    while True:
        rows = db.session.execute(query.where(LedgerEntry.position > last)).all()
        for row in rows:
            last = row[0].position
            try:
                disclosed = require_opened(row)
            except IntegrityFault:
                if strict:
                    raise
                continue
            yield row[0], disclosed
        if len(rows) < batch:
            return


def _checkpoints(log_id: int | None = None) -> Select[LedgerCheckpoint]:
    if log_id is not None:
        return select(LedgerCheckpoint).where(LedgerCheckpoint.log_id == log_id)
    query = select(LedgerCheckpoint).join(LedgerLog, LedgerLog.id == LedgerCheckpoint.log_id)
    return query.where(LedgerLog.origin == current_place().origin)


def newest_checkpoint(log_id: int | None = None) -> LedgerCheckpoint | None:
    """The newest signed checkpoint of a log; of the application's own where none is named."""
    return db.session.scalar(_checkpoints(log_id).order_by(LedgerCheckpoint.size.desc()).limit(1))


def find_checkpoint(size: int) -> LedgerCheckpoint | None:
    """The signed checkpoint of exactly this size."""
    return db.session.scalar(_checkpoints().where(LedgerCheckpoint.size == size))


def find_checkpoint_covering(position: int, log_id: int | None = None) -> LedgerCheckpoint | None:
    """The first signed checkpoint that covers the record at ``position`` of a log, as for ``newest_checkpoint``."""
    query = _checkpoints(log_id).where(LedgerCheckpoint.size > position).order_by(LedgerCheckpoint.size)
    return db.session.scalar(query.limit(1))


def list_verifier_keys(log_id: int | None = None) -> list[str]:
    """The C2SP verifier keys of a log, as for ``newest_checkpoint``, oldest first.

    Compare them with those kept elsewhere.
    """
    wanted = get_log().id if log_id is None else log_id
    query = select(LedgerSigningKey.verifier).where(LedgerSigningKey.log_id == wanted)
    return list(db.session.scalars(query.order_by(LedgerSigningKey.id)))


def list_checkpoints(*, limit: int = 50, before: int | None = None) -> list[LedgerCheckpoint]:
    """Signed checkpoints, newest first; ``before`` is the size of the last one of the page before."""
    query = _checkpoints()
    if before is not None:
        query = query.where(LedgerCheckpoint.size < before)
    return list(db.session.scalars(query.order_by(LedgerCheckpoint.size.desc()).limit(limit)))


def prove_inclusion(record_id: str, checkpoint: LedgerCheckpoint | None = None) -> InclusionProof:
    """The proof from a record to ``checkpoint``, or to the newest one of the record's log.

    Raises NotFound, Conflict where no signed checkpoint covers the record yet, IntegrityFault where the
    stored tree does not lead to the checkpoint's root.
    """
    entry = get_entry(record_id)
    if checkpoint is None:
        newest = select(LedgerCheckpoint).where(LedgerCheckpoint.log_id == entry.log_id)
        checkpoint = db.session.scalar(newest.order_by(LedgerCheckpoint.size.desc()).limit(1))
    if checkpoint is None or checkpoint.size <= entry.position:
        raise Conflict("This record waits for the next signed checkpoint; its proof can be made after that.")
    if checkpoint.log_id != entry.log_id:
        raise Conflict("This checkpoint is of another log than the record.")
    try:
        read = load_nodes(entry.log_id, inclusion_nodes(entry.position, checkpoint.size))
        hashes = tuple(inclusion_proof(entry.position, checkpoint.size, read))
        verify_inclusion(entry.position, checkpoint.size, entry.leaf_hash, hashes, checkpoint.root)
    except ProofError as error:
        raise IntegrityFault(f"Record {record_id} cannot be proved: {error}") from error
    return InclusionProof(entry.position, checkpoint.size, hashes, checkpoint.root, checkpoint.note)


def prove_consistency(old: int, new: int) -> ConsistencyProof:
    """The proof from the log of size ``old`` to size ``new`` (at least 1 and at most the size of the log)."""
    log = get_log()
    if not 0 < old <= new <= log.size:
        raise NotFound(f"There is no consistency proof from size {old} to size {new}.")
    try:
        return ConsistencyProof(old, new, tuple(consistency_hashes(log.id, old, new)))
    except ProofError as error:
        raise IntegrityFault(f"The ledger's tree is damaged: {error}") from error
