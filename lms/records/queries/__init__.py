"""Reads of records: all that is kept about a person, one attestation in full, and the rows of an export."""

from __future__ import annotations

from lms.records.queries.attestations import AttestationFile, Opened, attestation_file
from lms.records.queries.bundles import find_fetchable, list_bundles
from lms.records.queries.exports import ExportRow, iter_attestations
from lms.records.queries.kept import (
    KeptAssignment,
    KeptAttestation,
    KeptRecord,
    LookLine,
    RoleChange,
    ToldStory,
    iter_ledger_records,
    kept_record,
    list_looks,
    list_stories,
)
from lms.records.queries.ledger import LedgerRecord, open_record, record_with_proof, subject_person
from lms.records.queries.notices import Notice, find_notice, list_clauses_ever

__all__ = [
    "AttestationFile",
    "ExportRow",
    "KeptAssignment",
    "KeptAttestation",
    "KeptRecord",
    "LedgerRecord",
    "LookLine",
    "Notice",
    "Opened",
    "RoleChange",
    "ToldStory",
    "attestation_file",
    "find_fetchable",
    "find_notice",
    "iter_attestations",
    "iter_ledger_records",
    "kept_record",
    "list_bundles",
    "list_clauses_ever",
    "list_looks",
    "list_stories",
    "open_record",
    "record_with_proof",
    "subject_person",
]
