"""Writes of the ledger: open a log, append records, seal checkpoints, dispose of content.

Nothing here commits. ``append`` runs inside the transaction of the change that it records: flush the domain
work, lock the log's head **last**, append, update the head. The head's size is the index; sequences are not
used, because they have gaps. The signing of a checkpoint leaves the database, so ``seal_checkpoint`` accepts
only committed records: had it signed what was then rolled back, the sealer would refuse the log for ever.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select, update

from lms import clock
from lms.db import db
from lms.errors import Conflict, NotFound
from lms.ledger.appending import Appended, append_to, lock_head, require_committed
from lms.ledger.models import (
    LedgerCheckpoint,
    LedgerEntry,
    LedgerHold,
    LedgerLog,
    LedgerRecordKey,
    LedgerSigningKey,
)
from lms.ledger.nodes import consistency_hashes
from lms.ledger.place import current_place
from lms.ledger.preparing import NotAsPrepared, Prepared, append_prepared_to, prepare_in, read_prepared
from lms.ledger.rules.disclosures import JsonValue
from lms.ledger.rules.tree import root_of
from lms.ledger.sealer import Sealed, Sealer

__all__ = [
    "Appended",
    "NotAsPrepared",
    "Prepared",
    "append",
    "append_prepared",
    "destroy_content",
    "open_log",
    "prepare",
    "read_prepared",
    "seal_checkpoint",
]


def open_log(
    origin: str | None = None, *, continues: str | None = None, more: Mapping[str, JsonValue] | None = None
) -> LedgerLog:
    """Opens the log, makes the sealer's first key, and records both; gives back a log that is open already.

    ``continues`` is the last signed checkpoint of the log before it, which is closed; ``more`` goes into the record
    (see ``operating.continue_log``). Raises IntegrityFault where the sealer has signed records of this origin
    that the database does not have.
    """
    place = current_place()
    origin = origin or place.origin
    log = db.session.scalar(select(LedgerLog).where(LedgerLog.origin == origin))
    if log is not None:
        return log
    now = clock.now()
    sealer = Sealer(place.folder, place.passphrase)
    sealer.begin(origin, now.year, continues)
    db.session.execute(update(LedgerLog).where(LedgerLog.closed_at.is_(None)).values(closed_at=now))
    log = LedgerLog(origin=origin, size=0, frontier=b"", opened_at=now, continues=continues)
    db.session.add(log)
    db.session.flush()
    keys = [str(key) for key in sealer.verifiers() if key.name == origin]
    db.session.add_all(LedgerSigningKey(log_id=log.id, verifier=key, created_at=now) for key in keys)
    opened: dict[str, JsonValue] = {"origin": origin, "verifiers": keys, "continues": continues, **(more or {})}
    append_to(origin, kind="ledger.opened", fields=opened)
    db.session.refresh(log)
    return log


def append(
    *,
    kind: str,
    fields: Mapping[str, JsonValue],
    subject: str | None = None,
    proof: Mapping[str, JsonValue] | None = None,
    record_id: str | None = None,
    schema: int = 1,
    supersedes: str | None = None,
) -> Appended:
    """Appends one record to the application's log, in the caller's transaction.

    ``fields`` become salted disclosures; ``proof`` says how the signer proved himself. ``subject`` (such as
    ``person:42``) chains the record to the subject's last one, so that a gap in one officer's history shows.
    ``at`` is never before that of the last record; a clock that went back is disclosed in
    ``clock_went_back_to``.

    Raises Invalid where a field cannot be recorded, NotFound where the log is not open or ``supersedes``
    names no record, Conflict where the record id is taken or the log is closed.
    """
    return append_to(
        current_place().origin,
        kind=kind,
        fields=fields,
        subject=subject,
        proof=proof,
        record_id=record_id,
        schema=schema,
        supersedes=supersedes,
    )


def prepare(*, kind: str, fields: Mapping[str, JsonValue], subject: str | None = None) -> Prepared:
    """Makes a record that is complete but for the signer's proof, and appends nothing.

    A passkey signs its ``challenge``; ``append_prepared`` then appends exactly this record. Raises as ``append``.
    """
    return prepare_in(current_place().origin, kind=kind, fields=fields, subject=subject)


def append_prepared(prepared: Prepared, *, proof: Mapping[str, JsonValue]) -> Appended:
    """Appends a prepared record with the proof of a passkey, in the caller's transaction.

    The caller has verified the assertion over ``prepared.challenge``. Raises NotAsPrepared where more than
    SIGNING_WINDOW went by or where the subject's chain has moved on, Invalid for any other kind of proof, Conflict
    where the record was appended already or the log is closed.
    """
    return append_prepared_to(current_place().origin, prepared, proof=proof)


def seal_checkpoint() -> LedgerCheckpoint | None:
    """Signs the log as it stands and stores the checkpoint; None where nothing is new.

    Call it in a transaction of its own: records appended but not committed in this one raise Conflict. Raises
    IntegrityFault where the log does not continue what was signed last. A crash between signature and commit
    heals here: the note that was signed then is stored now.
    """
    place = current_place()
    require_committed()
    head = lock_head(place.origin)
    stored = db.session.scalar(select(func.max(LedgerCheckpoint.size)).where(LedgerCheckpoint.log_id == head.log_id))
    sealer = Sealer(place.folder, place.passphrase)
    before, root = sealer.state(), root_of(head.frontier)
    nothing_new = head.size == (stored or 0)
    if (
        nothing_new
        and before is not None
        and (before.origin, before.size, before.root) == (place.origin, head.size, root)
    ):
        return None
    sealed = sealer.seal(place.origin, head.size, root, lambda old: consistency_hashes(head.log_id, old, head.size))
    if nothing_new:
        return None  # The sealer's memory was behind, as after its own backup was brought back; now it is not.
    if before is not None and (stored or 0) < before.size < sealed.size:
        db.session.add(_checkpoint_row(head.log_id, before))
    checkpoint = _checkpoint_row(head.log_id, sealed)
    db.session.add(checkpoint)
    db.session.flush()
    return checkpoint


def _checkpoint_row(log_id: int, sealed: Sealed) -> LedgerCheckpoint:
    return LedgerCheckpoint(log_id=log_id, size=sealed.size, root=sealed.root, note=sealed.note, signed_at=clock.now())


def destroy_content(record_id: str) -> None:
    """Destroys the key of a record's disclosures, for a disposal that the caller has recorded.

    Raises NotFound; Conflict while a legal hold on the record's subject stands. Entry, leaf and proofs
    remain.
    """
    entry = db.session.scalar(select(LedgerEntry).where(LedgerEntry.record_id == record_id))
    key = db.session.get(LedgerRecordKey, record_id)
    if entry is None or key is None:
        raise NotFound("There is no such record in the ledger.")
    held = select(LedgerHold.id).where(LedgerHold.subject == entry.subject, LedgerHold.released_at.is_(None))
    if entry.subject is not None and db.session.scalar(held.limit(1)) is not None:
        raise Conflict("A legal hold stands on this record's subject; nothing of it may be disposed of.")
    if key.key is not None:
        key.key, key.destroyed_at = None, clock.now()
        db.session.flush()
