"""Recording a look."""

from __future__ import annotations

from lms import clock
from lms.audit.models import RecordLook
from lms.db import db
from lms.errors import Invalid

SHORTEST_PURPOSE = 5


def record_look(*, reader_id: int, subject_id: int | None, what: str, purpose: str) -> RecordLook:
    """Records who looks at what, and why.

    Raises Invalid where no real purpose is stated; ``subject_id`` is None for an export over many people.
    """
    purpose = " ".join(purpose.split())
    if len(purpose) < SHORTEST_PURPOSE:
        raise Invalid("Say what you need these records for, such as the case or request number.", field="purpose")
    look = RecordLook(
        reader_id=reader_id, subject_id=subject_id, what=what[:200], purpose=purpose, looked_at=clock.now()
    )
    db.session.add(look)
    db.session.flush()
    return look
