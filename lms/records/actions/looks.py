"""The writes of HR's desk: a look at a person's record, and the note that records left in an export."""

from __future__ import annotations

from datetime import date

from lms.audit.actions import begin_look, keep_look
from lms.audit.models import RecordLook
from lms.errors import Invalid
from lms.ledger.actions import Appended, append
from lms.records import evidence
from lms.records.rules import period_fault
from lms.roster.models import Person


def look_at(reader: Person, subject: Person, purpose: str) -> RecordLook:
    """Opens a person's record to the reader for one shift. Raises Invalid without a real purpose."""
    look = begin_look(reader_id=reader.id, subject_id=subject.id, what="The person's record", purpose=purpose)
    appended = append(
        kind=evidence.LOOKED,
        subject=subject.subject,
        fields={**evidence.fields_of_look(look), "reader": reader.full_name, "reader_badge": reader.badge},
    )
    return keep_look(look, appended.record_id)


def record_export(by: Person, *, since_on: date, until_on: date, purpose: str, count: int, sha256: str) -> Appended:
    """Records that attestations of a period left in a file with this SHA-256: who, what for, how many.

    Raises Invalid where the period is none or no real purpose is stated; then no file may leave.
    """
    fault = period_fault(since_on, until_on)
    if fault is not None:
        raise Invalid(fault, field="until_on")
    look = begin_look(
        reader_id=by.id,
        subject_id=None,
        what=f"Export of {count} attestations, {since_on.isoformat()} to {until_on.isoformat()}",
        purpose=purpose,
    )
    appended = append(
        kind=evidence.EXPORTED,
        fields={
            **evidence.fields_of_look(look),
            "what": "attestations",
            "since_on": since_on.isoformat(),
            "until_on": until_on.isoformat(),
            "count": count,
            "sha256": sha256,
            "exported_by": by.full_name,
            "exported_by_badge": by.badge,
        },
    )
    keep_look(look, appended.record_id)
    return appended
