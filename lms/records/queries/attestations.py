"""One attestation in full: what its records disclose, and the check of each record step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lms.attestation.models import Attestation, SigningQuestion, Witness
from lms.attestation.queries import find_question_of, get_attestation, list_witnesses
from lms.errors import IntegrityFault
from lms.ledger.checks import RecordCheck, check_records
from lms.ledger.queries import Disclosed, read_disclosures
from lms.records.queries.kept import check_all
from lms.records.rules import CheckLine, check_line


@dataclass(frozen=True, slots=True)
class Opened:
    """A ledger record: its fields where they are what was recorded, else none and the fault."""

    check: RecordCheck
    line: CheckLine
    fields: Disclosed
    fault: str | None


@dataclass(frozen=True, slots=True)
class AttestationFile:
    """All that HR reads of one attestation. ``witness_checks`` is by record id."""

    attestation: Attestation
    record: Opened
    capstone: Opened
    witnesses: Sequence[Witness]
    witness_checks: dict[str, CheckLine]
    question: SigningQuestion | None


def attestation_file(attestation_id: int) -> AttestationFile:
    """Everything about an attestation, checked anew. Raises NotFound."""
    row = get_attestation(attestation_id)
    own, capstone = check_records([row.record_id, row.capstone_record_id])
    witnesses = list_witnesses(row.id)
    return AttestationFile(
        attestation=row,
        record=open_checked(own),
        capstone=open_checked(capstone),
        witnesses=witnesses,
        witness_checks=check_all([witness.record_id for witness in witnesses if witness.record_id]),
        question=find_question_of(row.id),
    )


def open_checked(check: RecordCheck) -> Opened:
    """A checked record with its fields; the fault in their place where they are not what was recorded."""
    fault: str | None = None
    fields = Disclosed()
    try:
        fields = read_disclosures(check.record_id)
    except IntegrityFault as error:
        fault = error.message
    return Opened(check, check_line(check), fields, fault)
