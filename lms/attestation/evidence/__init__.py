"""What the ledger is told of attestations, and the check that the rows still say the same."""

from __future__ import annotations

from lms.attestation.evidence.checks import check_rows
from lms.attestation.evidence.fields import (
    DECLINED,
    QUESTION_ANSWERED,
    SIGNED,
    WITNESS_CONFIRMED,
    WITNESS_NAMED,
    WITNESS_REFUSED,
    fields_of_answer,
    fields_of_attestation,
    fields_of_decline,
    fields_of_naming,
    fields_of_page,
    fields_of_witness,
    proof_of,
)

__all__ = [
    "DECLINED",
    "QUESTION_ANSWERED",
    "SIGNED",
    "WITNESS_CONFIRMED",
    "WITNESS_NAMED",
    "WITNESS_REFUSED",
    "check_rows",
    "fields_of_answer",
    "fields_of_attestation",
    "fields_of_decline",
    "fields_of_naming",
    "fields_of_page",
    "fields_of_witness",
    "proof_of",
]
