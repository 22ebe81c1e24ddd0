"""What the ledger is told of choices and attempts, and whether the rows still say the same."""

from __future__ import annotations

from lms.assessment.evidence.checks import check_rows
from lms.assessment.evidence.fields import (
    ATTEMPT_FINISHED,
    ATTEMPT_UNLOCKED,
    CHOICE_MADE,
    fields_of_attempt,
    fields_of_choice,
    fields_of_unlock,
)

__all__ = [
    "ATTEMPT_FINISHED",
    "ATTEMPT_UNLOCKED",
    "CHOICE_MADE",
    "check_rows",
    "fields_of_attempt",
    "fields_of_choice",
    "fields_of_unlock",
]
