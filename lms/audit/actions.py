"""Recording a look."""

from __future__ import annotations

from lms import clock
from lms.audit.models import RecordLook
from lms.db import db
from lms.errors import Invalid

SHORTEST_PURPOSE = 5


def begin_look(*, reader_id: int, subject_id: int | None, what: str, purpose: str) -> RecordLook:
    """Who looks at what, and why; not kept yet, because the ledger is told first (``keep_look``).

    Raises Invalid where no real purpose is stated; ``subject_id`` is None for an export over many people.
    """
    purpose = " ".join(purpose.split())
    if len(purpose) < SHORTEST_PURPOSE:
        raise Invalid("Say what you need these records for, such as the case or request number.", field="purpose")
    return RecordLook(
        reader_id=reader_id, subject_id=subject_id, what=what[:200], purpose=purpose, looked_at=clock.now()
    )


def keep_look(look: RecordLook, record_id: str) -> RecordLook:
    """Keeps a look together with the ledger record that says the same."""
    look.record_id = record_id
    db.session.add(look)
    db.session.flush()
    return look
