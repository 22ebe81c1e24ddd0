"""The conversation with the training sergeant, which opens one more capstone attempt."""

from __future__ import annotations

from lms import clock
from lms.assessment import evidence, queries
from lms.assessment.actions.locks import lock_assignment, subject_of
from lms.assessment.models import AttemptUnlock
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.ledger.actions import append
from lms.roster.models import Person
from lms.training.models import Assignment


def unlock_attempt(assignment: Assignment, note: str, by: Person) -> AttemptUnlock:
    """Opens one more capstone attempt after a conversation, with a note of what was talked about.

    Raises Invalid without a note, NotAllowed for one's own attempt, Conflict where no attempt waits for it.
    """
    assignment = lock_assignment(assignment.id)
    if not note.strip():
        raise Invalid("Write in a sentence what you went through together.", field="note")
    if assignment.person_id == by.id:
        raise NotAllowed("You cannot open an attempt for yourself. Ask another training sergeant.")
    if not queries.needs_conversation(assignment):
        raise Conflict("No attempt waits for a conversation. Reload the page to see where this officer stands.")
    unlock = AttemptUnlock(
        assignment_id=assignment.id, note=note.strip(), unlocked_by_id=by.id, unlocked_at=clock.now()
    )
    unlock.record_id = append(
        kind=evidence.ATTEMPT_UNLOCKED,
        fields={
            **evidence.fields_of_unlock(unlock),
            "unlocked_by": by.full_name,
            "unlocked_by_badge": by.badge,
        },
        subject=subject_of(assignment.person_id),
    ).record_id
    db.session.add(unlock)
    db.session.flush()
    return unlock
