"""Changes of attestation: reading what changed, signing, declining, witnessing, answering."""

from __future__ import annotations

from lms.attestation.actions.answering import answer_question
from lms.attestation.actions.drafting import clean_drafts, forget_drafts, keep_draft
from lms.attestation.actions.preparing import forget_expired, prepare_signature, sign_prepared
from lms.attestation.actions.reading import confirm_changes, open_changes
from lms.attestation.actions.signing import Sheet, decline_attestation, prepare_sheet, sign_attestation
from lms.attestation.actions.witnessing import confirm_witness, name_witness, refuse_witness, require_colleague

__all__ = [
    "Sheet",
    "answer_question",
    "clean_drafts",
    "confirm_changes",
    "confirm_witness",
    "decline_attestation",
    "forget_drafts",
    "forget_expired",
    "keep_draft",
    "name_witness",
    "open_changes",
    "prepare_sheet",
    "prepare_signature",
    "refuse_witness",
    "require_colleague",
    "sign_attestation",
    "sign_prepared",
]
