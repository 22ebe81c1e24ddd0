"""Reads of the looks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from lms.audit.models import RecordLook
from lms.audit.rules import LOOK_LASTS
from lms.db import db


def list_looks_at(subject_id: int, limit: int = 200) -> Sequence[RecordLook]:
    """Looks at a person's records, newest first."""
    return db.session.scalars(
        select(RecordLook)
        .where(RecordLook.subject_id == subject_id)
        .order_by(RecordLook.looked_at.desc(), RecordLook.id.desc())
        .limit(limit)
    ).all()


def find_open_look(reader_id: int, subject_id: int, now: datetime) -> RecordLook | None:
    """The look that opens the subject's records to the reader now, if there is one."""
    return db.session.scalar(
        select(RecordLook)
        .where(
            RecordLook.reader_id == reader_id,
            RecordLook.subject_id == subject_id,
            RecordLook.looked_at >= now - LOOK_LASTS,
        )
        .order_by(RecordLook.looked_at.desc())
        .limit(1)
    )
