"""Reads about anchors: how it stands with each witness."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, func, select

from lms.db import db
from lms.ledger.models import LedgerAnchor, LedgerCheckpoint, LedgerEntry, LedgerLog
from lms.ledger.rules.anchoring import MAIL, RECORD_KIND, STAMP, Course


def _anchors(log_id: int, kind: str, witness: str) -> Select[LedgerAnchor]:
    return (
        select(LedgerAnchor)
        .join(LedgerCheckpoint, LedgerCheckpoint.id == LedgerAnchor.checkpoint_id)
        .where(LedgerCheckpoint.log_id == log_id, LedgerAnchor.kind == kind, LedgerAnchor.authority == witness)
        .order_by(LedgerCheckpoint.size.desc())
        .execution_options(populate_existing=True)
        .limit(1)
    )


def kept_row(log_id: int, kind: str, witness: str) -> LedgerAnchor | None:
    """The newest anchor that this witness gave."""
    return db.session.scalar(_anchors(log_id, kind, witness).where(LedgerAnchor.anchored_at.is_not(None)))


def pending_row(log_id: int, kind: str, witness: str) -> LedgerAnchor | None:
    """The newest try that has not led to an anchor."""
    return db.session.scalar(_anchors(log_id, kind, witness).where(LedgerAnchor.anchored_at.is_(None)))


def find_course(log_id: int, kind: str, witness: str) -> Course:
    """How it stands with one witness.

    A letter counts from the moment it is written: the outbox repeats its tries, and each checkpoint has its own.
    """
    if kind == MAIL:
        newest = db.session.scalar(_anchors(log_id, MAIL, witness))
        return Course() if newest is None else Course(_size(newest), newest.tried_at)
    kept, pending = kept_row(log_id, STAMP, witness), pending_row(log_id, STAMP, witness)
    size = 0 if kept is None else _size(kept)
    if pending is not None:
        return Course(size, pending.tried_at, pending.tries)
    return Course(size, None if kept is None else kept.tried_at)


def _size(row: LedgerAnchor) -> int:
    return db.session.get_one(LedgerCheckpoint, row.checkpoint_id).size


def has_news(log_id: int, size: int) -> bool:
    """Whether the log holds a record from position ``size`` on that is not itself about an anchor."""
    query = select(LedgerEntry.id).where(
        LedgerEntry.log_id == log_id, LedgerEntry.position >= size, LedgerEntry.kind != RECORD_KIND
    )
    return db.session.scalar(query.limit(1)) is not None


def count_news(log: LedgerLog, size: int) -> tuple[int, datetime | None]:
    """How many such records there are, and when the first of them was made."""
    beyond = (LedgerEntry.log_id == log.id, LedgerEntry.position >= size)
    own = select(func.count()).select_from(LedgerEntry).where(*beyond, LedgerEntry.kind == RECORD_KIND)
    first = select(LedgerEntry.at).where(*beyond, LedgerEntry.kind != RECORD_KIND).order_by(LedgerEntry.position)
    return max(0, log.size - size - (db.session.scalar(own) or 0)), db.session.scalar(first.limit(1))


def list_pending_letters(log_id: int, since: datetime, limit: int = 200) -> list[tuple[LedgerAnchor, int]]:
    """Letters (with the size of their checkpoint) of which it is not known yet that they went, newest first."""
    query = (
        select(LedgerAnchor, LedgerCheckpoint.size)
        .join(LedgerCheckpoint, LedgerCheckpoint.id == LedgerAnchor.checkpoint_id)
        .where(
            LedgerCheckpoint.log_id == log_id,
            LedgerAnchor.kind == MAIL,
            LedgerAnchor.anchored_at.is_(None),
            LedgerAnchor.tried_at >= since,
        )
        .order_by(LedgerCheckpoint.size.desc())
        .limit(limit)
    )
    return [(row[0], row[1]) for row in db.session.execute(query)]
