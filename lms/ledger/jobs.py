"""What the worker does for the ledger."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from lms.db import db
from lms.ledger.actions import seal_checkpoint
from lms.ledger.models import LedgerSigningKey
from lms.ledger.operating import rotate_signing_key


def seal_ledger_job(now: datetime) -> str:
    """Makes a new year's signing key, then signs a checkpoint over what is new; nothing where nothing is."""
    newest = db.session.scalar(
        select(LedgerSigningKey.created_at).order_by(LedgerSigningKey.created_at.desc()).limit(1)
    )
    rotated = newest is not None and newest.year < now.year and rotate_signing_key() is not None
    db.session.commit()
    checkpoint = seal_checkpoint()
    said = "nothing new" if checkpoint is None else f"signed {checkpoint.size} records"
    db.session.commit()
    return f"new signing key, {said}" if rotated else said
