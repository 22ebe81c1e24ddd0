"""The rows of an export of attestations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from lms.attestation.models import Attestation, Witness
from lms.attestation.queries import attestations_between, list_witnesses_of
from lms.db import db
from lms.ledger.models import LedgerEntry
from lms.ledger.rules.proofs import fingerprint

BATCH = 500


@dataclass(frozen=True, slots=True)
class ExportRow:
    """An attestation with its record's fingerprint and, for a decline, its witnesses."""

    attestation: Attestation
    fingerprint: str
    witnesses: tuple[Witness, ...]


def iter_attestations(since: datetime, until: datetime) -> Iterator[ExportRow]:
    """Attestations from ``since`` (inclusive) to ``until`` (exclusive), oldest first; three statements a batch."""
    statement = attestations_between(since, until).limit(BATCH)
    offset = 0
    while rows := db.session.scalars(statement.offset(offset)).all():
        leaves = db.session.execute(
            select(LedgerEntry.record_id, LedgerEntry.leaf_hash).where(
                LedgerEntry.record_id.in_([row.record_id for row in rows])
            )
        )
        prints = {record_id: fingerprint(leaf) for record_id, leaf in leaves}
        witnesses = list_witnesses_of([row.id for row in rows if row.outcome == "declined"])
        for row in rows:
            yield ExportRow(row, prints[row.record_id], tuple(witnesses.get(row.id, ())))
        if len(rows) < BATCH:
            return
        offset += BATCH
