"""What the ledger is told of looks at records and of exports, and the check that the rows still say the same."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from lms.audit.models import RecordLook
from lms.ledger.compare import compare_rows, missing_rows, unrecorded_rows
from lms.ledger.rules.disclosures import JsonValue, timestamp
from lms.ledger.verify import Fault

LOOKED = "records.looked_at"
EXPORTED = "records.exported"


def fields_of_look(look: RecordLook) -> dict[str, JsonValue]:
    """Who looked, at whose records, what for and when. Names are added when it is recorded."""
    return {
        "reader_id": look.reader_id,
        "person_id": look.subject_id,
        "seen": look.what,
        "purpose": look.purpose,
        "looked_at": timestamp(look.looked_at),
    }


def check_rows() -> Iterator[Fault]:
    """Every look that was changed, removed, or slipped in without its record; an export is a look, too."""
    yield from compare_rows(
        select(RecordLook), RecordLook.id, lambda row: (f"look {row.id}", row.record_id, fields_of_look(row))
    )
    for kind in (LOOKED, EXPORTED):
        yield from missing_rows(kind, select(RecordLook.record_id))
    yield from unrecorded_rows(select(RecordLook.id, RecordLook.record_id), (LOOKED, EXPORTED), "look")
