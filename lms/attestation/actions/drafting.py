"""What somebody typed before a refused signature or decline: kept until they sign or decline, or for a month.

A draft is no evidence: the ledger knows nothing of it, and nobody but its writer is ever shown it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select

from lms import clock
from lms.attestation.models import SigningDraft
from lms.attestation.queries import find_draft
from lms.attestation.rules import DRAFT_KEPT_FOR, LONGEST_DRAFT
from lms.db import db
from lms.training.models import Assignment


def keep_draft(assignment: Assignment, act: str, typed: Mapping[str, str]) -> None:
    """Keeps what was typed on the page of ``act`` (sign or decline), in place of what was kept before."""
    now = clock.now()
    open_now = db.session.scalar(
        select(Assignment.id)
        .where(Assignment.id == assignment.id, Assignment.closed_at.is_(None), Assignment.awaiting_witnesses.is_(False))
        .with_for_update()
    )
    if open_now is None:
        return  # Signed or declined meanwhile, in another tab: there is nothing left to go on with.
    draft = find_draft(assignment.id, act)
    if draft is None:
        draft = SigningDraft(assignment_id=assignment.id, act=act)
        db.session.add(draft)
    draft.typed = {name: text[:LONGEST_DRAFT] for name, text in typed.items()}
    draft.saved_at = now
    db.session.flush()


def clean_drafts(now: datetime) -> int:
    """Removes what was typed longer ago than a draft is kept; says how many drafts went."""
    old = delete(SigningDraft).where(SigningDraft.saved_at < now - DRAFT_KEPT_FOR)
    return len(db.session.scalars(old.returning(SigningDraft.id)).all())


def forget_drafts(assignment_id: int) -> None:
    """Removes what was typed, once the person has signed or declined."""
    db.session.execute(delete(SigningDraft).where(SigningDraft.assignment_id == assignment_id))
