"""What the ledger is told of looks at records and of exports, and the check that the rows still say the same."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from sqlalchemy import select, union

from lms.audit.models import RecordLook
from lms.ledger.compare import compare_rows, missing_rows, unrecorded_rows
from lms.ledger.rules.disclosures import JsonValue, timestamp
from lms.ledger.verify import Fault
from lms.records.models import RecordBundle

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


def selected_in_words(bundle: RecordBundle) -> str:
    """What a bundle is about, without a name."""
    if bundle.person_id is not None:
        return "one person"
    return f"{bundle.since_on} to {bundle.until_on}"


def fields_of_bundle(bundle: RecordBundle) -> dict[str, JsonValue]:
    """What left in a bundle: of which selection, over which checkpoint, and the SHA-256 of the file."""
    return {
        "what": "bundle",
        "bundle_id": bundle.id,
        "selected": selected_in_words(bundle),
        "since_on": None if bundle.since_on is None else bundle.since_on.isoformat(),
        "until_on": None if bundle.until_on is None else bundle.until_on.isoformat(),
        "log": bundle.log,
        "checkpoint_size": bundle.size,
        "count": bundle.count,
        "withheld_fields": bundle.withheld,
        "redaction_sha256": None if bundle.redaction is None else sha256(bundle.redaction.encode()).hexdigest(),
        "sha256": bundle.sha256,
        "bytes": bundle.bytes,
    }


def check_rows() -> Iterator[Fault]:
    """Every look or bundle that was changed, removed, or slipped in without its record; an export is a look, too.

    A bundle that the command of the server made is no look, since nobody is named; its own row stands for it.
    """
    left = RecordBundle.record_id.is_not(None)
    yield from compare_rows(
        select(RecordBundle).where(left),
        RecordBundle.id,
        lambda row: (f"bundle {row.id}", row.record_id, fields_of_bundle(row)),
    )
    yield from missing_rows(LOOKED, select(RecordLook.record_id))
    either = union(select(RecordLook.record_id), select(RecordBundle.record_id).where(left)).subquery()
    yield from missing_rows(EXPORTED, select(either.c.record_id))
    yield from compare_rows(
        select(RecordLook), RecordLook.id, lambda row: (f"look {row.id}", row.record_id, fields_of_look(row))
    )
    yield from unrecorded_rows(select(RecordLook.id, RecordLook.record_id), (LOOKED, EXPORTED), "look")
