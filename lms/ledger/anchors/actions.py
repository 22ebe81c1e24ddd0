"""Writes about anchors: claim a try, keep what came, note what went wrong, and the account of letters.

Nothing here commits. A run goes: seal, claim every witness that is due, commit; ask, with no transaction open;
keep or note each answer in a transaction of its own, commit. Whoever dies in between leaves a claimed try, which
is repeated after its pause; a token that was lost with it is asked for again, and costs nothing.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, cast

from sqlalchemy import CursorResult, select, update

from lms import clock
from lms.db import db
from lms.errors import Conflict
from lms.ledger.actions import append, seal_checkpoint
from lms.ledger.anchors.authorities import load_authorities
from lms.ledger.anchors.courses import find_course, has_news, pending_row
from lms.ledger.models import LedgerAnchor, LedgerCheckpoint
from lms.ledger.queries import get_log, newest_checkpoint
from lms.ledger.rules.anchoring import MAIL, RECORD_KIND, STAMP, clock_fault, is_due
from lms.ledger.rules.disclosures import timestamp
from lms.ledger.rules.stamps import StampError

LONGEST_ERROR = 500


class ClockError(StampError):
    """A stamp that is good, but whose time cannot stand for this sealing."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """A checkpoint that covers every record there was at ``sealed_at``; plain values, for use outside a transaction."""

    checkpoint_id: int
    origin: str
    size: int
    root: bytes
    note: str
    sealed_at: datetime


def due_witnesses(kind: str, witnesses: tuple[str, ...], now: datetime) -> list[str]:
    """Those of the configured witnesses that are to be asked now."""
    log_id = get_log().id
    due = list[str]()
    for witness in witnesses:
        course = find_course(log_id, kind, witness)
        if is_due(course, now, has_news(log_id, course.anchored_size)):
            due.append(witness)
    return due


def seal_fresh() -> Fresh:
    """Seals the log as it stands now, or finds that the newest checkpoint covers it whole.

    Only such a checkpoint may be stamped: a record that was added after an older one, and before its stamp,
    would seem to be dated too early. Raises what ``seal_checkpoint`` raises.
    """
    checkpoint = seal_checkpoint() or newest_checkpoint()
    if checkpoint is None:
        raise Conflict("There is no checkpoint to anchor yet.")
    return Fresh(checkpoint.id, get_log().origin, checkpoint.size, checkpoint.root, checkpoint.note, clock.now())


def claim_stamps(fresh: Fresh, authorities: list[str], now: datetime) -> None:
    """Notes a try for each authority before it is asked. A row that an earlier try left moves on to ``fresh``."""
    for authority in authorities:
        row = pending_row(get_log().id, STAMP, authority)
        if row is None:
            row = LedgerAnchor(checkpoint_id=fresh.checkpoint_id, kind=STAMP, authority=authority, tries=0)
            db.session.add(row)
        row.checkpoint_id, row.tries, row.tried_at = fresh.checkpoint_id, row.tries + 1, now
    db.session.flush()


def keep_stamp(fresh: Fresh, authority: str, answer: bytes) -> None:
    """Stores an authority's answer and records it. Raises StampError, or ClockError, where it cannot be kept.

    A stamp that somebody else's run kept meanwhile stays, and this one is let go.
    """
    token, _worth = load_authorities().verify(answer, fresh.note, authority)
    fault = clock_fault(token.stamped_at, fresh.sealed_at)
    if fault is not None:
        raise ClockError(fault)
    kept = _changed(
        update(LedgerAnchor)
        .where(*_open_row(fresh.checkpoint_id, STAMP, authority))
        .values(token=answer, anchored_at=token.stamped_at, last_error=None)
    )
    if kept:
        _record(
            fresh,
            STAMP,
            authority,
            stamped_at=token.stamped_at,
            serial=token.serial,
            token_sha256=sha256(answer).hexdigest(),
        )


def note_failure(fresh: Fresh, authority: str, error: str) -> None:
    """Keeps why an authority gave no stamp."""
    _changed(
        update(LedgerAnchor)
        .where(*_open_row(fresh.checkpoint_id, STAMP, authority))
        .values(last_error=error[:LONGEST_ERROR])
    )


def begin_letter(fresh: Fresh, address: str, now: datetime, error: str | None = None) -> None:
    """Keeps account of a letter with the checkpoint, in the transaction that puts it into the outbox.

    ``error``: why this letter can never count as an anchor (no mail server is set).
    """
    known = select(LedgerAnchor.id).where(
        LedgerAnchor.checkpoint_id == fresh.checkpoint_id, LedgerAnchor.kind == MAIL, LedgerAnchor.authority == address
    )
    if db.session.scalar(known) is None:
        db.session.add(
            LedgerAnchor(
                checkpoint_id=fresh.checkpoint_id, kind=MAIL, authority=address, tries=0, tried_at=now, last_error=error
            )
        )
        db.session.flush()


def keep_letter(anchor_id: int, sent_at: datetime, message_id: str) -> None:
    """The mail server took the letter: stores that and records it; nothing where it is recorded already."""
    kept = _changed(
        update(LedgerAnchor)
        .where(LedgerAnchor.id == anchor_id, LedgerAnchor.anchored_at.is_(None))
        .values(anchored_at=sent_at, last_error=None)
    )
    if kept:
        row = db.session.get_one(LedgerAnchor, anchor_id)
        checkpoint = db.session.get_one(LedgerCheckpoint, row.checkpoint_id)
        fresh = Fresh(
            checkpoint.id, get_log().origin, checkpoint.size, checkpoint.root, checkpoint.note, checkpoint.signed_at
        )
        _record(fresh, MAIL, row.authority, stamped_at=sent_at, serial=message_id, token_sha256=None)


def note_letter(anchor_id: int, tries: int, error: str | None) -> None:
    """Keeps how the letter's delivery stands."""
    _changed(
        update(LedgerAnchor)
        .where(LedgerAnchor.id == anchor_id, LedgerAnchor.anchored_at.is_(None))
        .values(tries=tries, last_error=None if error is None else error[:LONGEST_ERROR])
    )


def _record(
    fresh: Fresh, kind: str, authority: str, *, stamped_at: datetime, serial: str, token_sha256: str | None
) -> None:
    append(
        kind=RECORD_KIND,
        fields={
            "kind": kind,
            "authority": authority,
            "checkpoint_size": fresh.size,
            "checkpoint_root": base64.b64encode(fresh.root).decode(),
            "checkpoint_sha256": sha256(fresh.note.encode()).hexdigest(),
            "stamped_at": timestamp(stamped_at),
            "serial": serial,
            "token_sha256": token_sha256,
        },
    )


def _open_row(checkpoint_id: int, kind: str, authority: str) -> list[Any]:
    return [
        LedgerAnchor.checkpoint_id == checkpoint_id,
        LedgerAnchor.kind == kind,
        LedgerAnchor.authority == authority,
        LedgerAnchor.anchored_at.is_(None),
    ]


def _changed(statement: Any) -> bool:
    """Runs an update past the identity map; whether it found its row."""
    options = {"synchronize_session": False, "populate_existing": True}
    result = cast(CursorResult[Any], db.session.execute(statement.execution_options(**options)))
    db.session.expire_all()
    return result.rowcount > 0
