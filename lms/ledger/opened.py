"""The disclosures of one record, opened and held against its entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select

from lms.errors import IntegrityFault
from lms.ledger.models import LedgerDisclosure, LedgerEntry, LedgerRecordKey
from lms.ledger.rules.entries import EntryError, leaf_of, parse, require_disclosed
from lms.ledger.rules.envelope import EnvelopeError, open_envelope

StoredRow = Row[LedgerEntry, bytes | None, bytes | None, bytes | None, datetime | None]


@dataclass(frozen=True, slots=True)
class Disclosed(Mapping[str, Any]):
    """Name and value of every field of a record that can still be read, in the order of recording."""

    values_by_name: dict[str, Any] = field(default_factory=dict)
    proof: dict[str, Any] | None = None
    """How the signer proved himself, such as ``{"method": "password", "says": …}``."""
    withheld: int = 0
    """Digests in the entry for which there is no disclosure."""
    destroyed_at: datetime | None = None
    """When the content was disposed of; None while it stands."""
    encoded: tuple[str, ...] = ()
    """The disclosures as stored, for receipts and bundles."""
    proof_encoded: str | None = None

    @property
    def destroyed(self) -> bool:
        """True once the content was disposed of."""
        return self.destroyed_at is not None

    def __getitem__(self, name: str) -> Any:
        return self.values_by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_by_name)

    def __len__(self) -> int:
        return len(self.values_by_name)


def stored_records() -> Select[LedgerEntry, bytes | None, bytes | None, bytes | None, datetime | None]:
    """Entries with nonce, sealed disclosures, key and date of destruction, in one statement.

    Always as the database has them now, never as the session remembers them.
    """
    return (
        select(
            LedgerEntry,
            LedgerDisclosure.nonce,
            LedgerDisclosure.sealed,
            LedgerRecordKey.key,
            LedgerRecordKey.destroyed_at,
        )
        .outerjoin(LedgerDisclosure, LedgerDisclosure.record_id == LedgerEntry.record_id)
        .outerjoin(LedgerRecordKey, LedgerRecordKey.record_id == LedgerEntry.record_id)
        .execution_options(populate_existing=True)
    )


def open_stored(row: StoredRow) -> Disclosed:
    """The disclosures of a stored record; EntryError or EnvelopeError where they are not as recorded."""
    stored, nonce, sealed, key, destroyed_at = row
    entry = parse(stored.entry)
    if nonce is None or sealed is None:
        raise EnvelopeError("The record's disclosures are missing from the database.")
    if key is None:
        if destroyed_at is None:
            raise EnvelopeError("The key of the record's disclosures is missing, and no disposal is noted.")
        return Disclosed(withheld=len(entry.digests), destroyed_at=destroyed_at)
    content = open_envelope(stored.record_id, key, nonce, sealed)
    withheld = require_disclosed(entry, content.fields, content.proof)
    if withheld or content.proof is None:
        raise EntryError(f"The stored disclosures are incomplete: {withheld} of the record's fields are missing.")
    return Disclosed(
        {item.name: item.value for item in content.fields},
        content.proof.value,
        encoded=tuple(item.encoded for item in content.fields),
        proof_encoded=content.proof.encoded,
    )


def require_opened(row: StoredRow) -> Disclosed:
    """The disclosures, for showing: IntegrityFault names the record where anything is not as recorded."""
    stored = row[0]
    try:
        if leaf_of(stored.entry) != stored.leaf_hash:
            raise EntryError("The entry's text is not the one that its leaf hash covers.")
        return open_stored(row)
    except ValueError as error:
        raise IntegrityFault(f"Record {stored.record_id} is not what was recorded: {error}") from error
