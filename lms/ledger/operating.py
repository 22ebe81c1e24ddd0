"""What an operator does to the keys and to the log as a whole: rotate, revoke, protect, continue.

Each is on record, under the key that was in use before. Nothing here commits.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from lms import clock
from lms.db import db
from lms.errors import Conflict, IntegrityFault, Invalid, NotFound
from lms.ledger.actions import append, open_log
from lms.ledger.appending import Head, lock_head
from lms.ledger.models import LedgerAnchor, LedgerCheckpoint, LedgerLog, LedgerSigningKey
from lms.ledger.nodes import consistency_hashes
from lms.ledger.place import current_place
from lms.ledger.rules.disclosures import JsonValue
from lms.ledger.rules.notes import VerifierKey, require_name
from lms.ledger.rules.tree import ProofError, root_of, verify_consistency
from lms.ledger.sealer import Sealed, Sealer

ROTATED = "ledger.key_rotated"
REVOKED = "ledger.key_revoked"
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Revoked:
    """A key that signs no more, and how far it is vouched for from outside."""

    verifier: str
    anchored_size: int
    log_size: int

    @property
    def vouched_for(self) -> str:
        """In words, how far what the key signed can be trusted without it."""
        if not self.anchored_size:
            return (
                "No outside time stamp vouches for what it signed; only receipts and checkpoints that others hold can."
            )
        return (
            f"What it signed up to record {self.anchored_size:,} is vouched for by an outside time stamp. "
            f"From there to record {self.log_size:,}, only receipts and checkpoints that others hold can vouch for it."
        )


def _sealer() -> Sealer:
    place = current_place()
    return Sealer(place.folder, place.passphrase)


def _keys_of(log_id: int) -> list[LedgerSigningKey]:
    known = select(LedgerSigningKey).where(LedgerSigningKey.log_id == log_id).order_by(LedgerSigningKey.id)
    return list(db.session.scalars(known))


def rotate_signing_key(*, again: bool = False) -> str | None:
    """Makes this year's signing key, and records it; None where this year's key is in use already.

    With ``again`` a further key is made in any case. The record is covered by the next checkpoint, which the old
    key and the new one both sign. Gives back the new verifier key.
    """
    place = current_place()
    now = clock.now()
    db.session.flush()
    head = lock_head(place.origin)
    rows = _keys_of(head.log_id)
    verifier = _unrecorded(place.origin, rows) or str(_sealer().rotate(place.origin, now.year, again=again))
    if verifier in [row.verifier for row in rows]:
        return None
    for row in rows:
        row.retired_at = row.retired_at or now
    db.session.add(LedgerSigningKey(log_id=head.log_id, verifier=verifier, created_at=now))
    append(kind=ROTATED, fields={"old": [row.verifier for row in rows], "new": verifier})
    return verifier


def _unrecorded(origin: str, rows: list[LedgerSigningKey]) -> str | None:
    """A key that was made and not recorded, because the process ended in between: it is taken, not another made."""
    known = {row.verifier for row in rows}
    left = [str(key) for key in _sealer().verifiers() if key.name == origin and str(key) not in known]
    return left[-1] if left else None


def revoke_signing_key(key_id: str, reason: str) -> Revoked:
    """Records that a key may be in other hands, and takes it from the sealer for good.

    ``key_id`` is the middle part of its verifier key (eight hex digits). What that key alone signed is trusted
    only up to the newest checkpoint that an outside authority stamped; the record says which size that is. Raises
    NotFound, Conflict (revoked already, or the only key), Invalid without a reason.
    """
    reason = _required_reason(reason)
    place = current_place()
    db.session.flush()
    head = lock_head(place.origin)
    row = next((row for row in _keys_of(head.log_id) if VerifierKey.parse(row.verifier).key_id.hex() == key_id), None)
    if row is None:
        raise NotFound(f"No key of this log has the id {key_id}. Look at: lms keys list")
    if row.revoked_at is not None:
        raise Conflict(f"The key {key_id} was revoked already, on {row.revoked_at:%Y-%m-%d %H:%M} UTC.")
    size = _anchored_size(head.log_id)
    _sealer().revoke(place.origin, VerifierKey.parse(row.verifier))
    row.revoked_at = clock.now()
    fields: dict[str, JsonValue] = {"verifier": row.verifier, "reason": reason}
    append(kind=REVOKED, fields={**fields, "anchored_size": size, "log_size": head.size})
    return Revoked(row.verifier, size, head.size)


def _required_reason(reason: str) -> str:
    reason = " ".join(reason.split())
    if not reason:
        raise Invalid("Give a reason: it goes on record, and somebody will ask in ten years.")
    if len(reason) > LONGEST_REASON:
        raise Invalid(f"Give a reason of at most {LONGEST_REASON} characters.")
    return reason


def _anchored_size(log_id: int) -> int:
    """The largest checkpoint that somebody outside stamped; 0 where none."""
    stamped = (
        select(func.max(LedgerCheckpoint.size))
        .join(LedgerAnchor, LedgerAnchor.checkpoint_id == LedgerCheckpoint.id)
        .where(LedgerCheckpoint.log_id == log_id, LedgerAnchor.token.is_not(None))
    )
    return db.session.scalar(stamped) or 0


def protect_signing_keys() -> list[str]:
    """Encrypts the key files that lie open; gives their names. See ``Keyring.protect``."""
    return _sealer().protect()


def open_origin() -> str:
    """The name of the log that is open in the database. Raises NotFound."""
    origin = db.session.scalar(select(LedgerLog.origin).where(LedgerLog.closed_at.is_(None)))
    if origin is None:
        raise NotFound("There is no open log in the database. Run: lms init")
    return origin


def next_origin(origin: str) -> str:
    """The name of the log that continues ``origin``: ``…/log``, then ``…/log-2``, ``…/log-3``."""
    stem, dash, number = origin.rpartition("-")
    if dash and number.isdigit() and len(number) < 6:
        return f"{stem}-{int(number) + 1}"
    return f"{origin}-2"


def continue_log(origin: str, reason: str) -> LedgerLog:
    """Opens the log ``origin`` in the place of one that no longer continues what was signed, and closes that one.

    For a database restored from an older backup. The new log's first record cites the last signed checkpoint of
    the old one, and what is left of the old one (size and root), so that nothing of either can be changed later.
    Raises Conflict where there is nothing to mend, or ``origin`` is taken; Invalid without a reason.
    """
    reason = _required_reason(reason)
    require_name(origin)
    old = db.session.scalar(select(LedgerLog).where(LedgerLog.closed_at.is_(None)))
    if old is None:
        raise NotFound("There is no open log in the database. Run: lms init")
    if db.session.scalar(select(LedgerLog.id).where(LedgerLog.origin == origin)) is not None:
        raise Conflict(f"There is a log {origin} already. Give the new one another name.")
    head = lock_head(old.origin)
    sealer = _sealer()
    state = sealer.state()
    if state is not None and state.origin == origin and not state.size:
        state = sealer.earlier(old.origin)  # A continuation that was begun, and cut off before its commit.
    if state is not None and _still_continues(head, state):
        raise Conflict(f"The log {old.origin} continues what was signed last. There is nothing to mend.")
    cited = state.note if state is not None else _newest_note(head.log_id)
    signed = state.size if state is not None else head.size
    kept: dict[str, JsonValue] = {
        "reason": reason,
        "continued_log": old.origin,
        "signed_size": signed,
        "kept_size": head.size,
        "kept_root": root_of(head.frontier).hex(),
        "old_verifiers": [str(key) for key in sealer.verifiers() if key.name == old.origin],
    }
    return open_log(origin, continues=cited, more=kept)


def _newest_note(log_id: int) -> str | None:
    newest = select(LedgerCheckpoint.note).where(LedgerCheckpoint.log_id == log_id)
    return db.session.scalar(newest.order_by(LedgerCheckpoint.size.desc()).limit(1))


def _still_continues(head: Head, state: Sealed) -> bool:
    if state.origin != head.origin:
        raise IntegrityFault(
            f"The sealer last signed the log {state.origin}, but the database's open log is {head.origin}. "
            "These two do not belong together: bring back the folder, or the database, that does."
        )
    root = root_of(head.frontier)
    if head.size < state.size:
        return False
    if state.size in {0, head.size}:
        return state.size == 0 or root == state.root
    try:
        hashes = consistency_hashes(head.log_id, state.size, head.size)
        verify_consistency(state.size, head.size, state.root, root, hashes)
    except ProofError:
        return False
    return True
