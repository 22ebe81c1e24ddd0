"""What the ledger is told of training, and the check that the rows still say the same."""

from __future__ import annotations

from lms.training.evidence.checks import check_rows
from lms.training.evidence.fields import (
    ASSIGNMENT_SATISFIED,
    ASSIGNMENT_WAIVED,
    ASSIGNMENTS_CLOSED,
    EXTENSION_GRANTED,
    LESSON_COMPLETED,
    REQUIREMENT_SET,
    fields_of_assignment,
    fields_of_closing,
    fields_of_extension,
    fields_of_lesson,
    fields_of_requirement_version,
    fields_of_satisfied,
    fields_of_waiver,
)

__all__ = [
    "ASSIGNMENTS_CLOSED",
    "ASSIGNMENT_SATISFIED",
    "ASSIGNMENT_WAIVED",
    "EXTENSION_GRANTED",
    "LESSON_COMPLETED",
    "REQUIREMENT_SET",
    "check_rows",
    "fields_of_assignment",
    "fields_of_closing",
    "fields_of_extension",
    "fields_of_lesson",
    "fields_of_requirement_version",
    "fields_of_satisfied",
    "fields_of_waiver",
]
