"""One record of the ledger as HR opens it: fields, check, proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lms.errors import Conflict
from lms.ledger.checks import check_record
from lms.ledger.models import LedgerEntry
from lms.ledger.queries import get_entry, list_verifier_keys, prove_inclusion, read_disclosures
from lms.records.queries.attestations import Opened, open_checked


@dataclass(frozen=True, slots=True)
class LedgerRecord:
    """An entry with what it discloses."""

    entry: LedgerEntry
    opened: Opened


def subject_person(subject: str | None) -> int | None:
    """The person whom a record is about; None where it is about no person."""
    kind, _, number = (subject or "").partition(":")
    return int(number) if kind == "person" and number.isdigit() else None


def open_record(record_id: str) -> LedgerRecord:
    """A record and its check. Raises NotFound."""
    return LedgerRecord(get_entry(record_id), open_checked(check_record(record_id)))


def record_with_proof(record_id: str) -> dict[str, Any]:
    """Entry, disclosures and inclusion proof, in the form of a receipt (``lms.attestation.queries.proof_of_receipt``).

    ``inclusion_proof`` is None while no signed checkpoint covers the record. Raises NotFound, and IntegrityFault where
    it is not as recorded.
    """
    entry, disclosed = get_entry(record_id), read_disclosures(record_id)
    try:
        proof: str | None = prove_inclusion(record_id).text()
    except Conflict:
        proof = None
    return {
        "record_id": record_id,
        "position": entry.position,
        "leaf_sha256": entry.leaf_hash.hex(),
        "entry": entry.entry,
        "disclosures": list(disclosed.encoded),
        "proof_disclosure": disclosed.proof_encoded,
        "inclusion_proof": proof,
        "verifier_keys": list_verifier_keys(entry.log_id),
    }
