"""What every write begins with: the locks, and who the record is about."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.orm import contains_eager

from lms.assessment.models import Attempt
from lms.db import db
from lms.errors import NotFound
from lms.roster.rules import subject_of
from lms.training.models import Assignment

__all__ = ["lock_assignment", "lock_attempt", "subject_of"]

_ASSIGNMENT = (
    select(Assignment)
    .where(Assignment.id == bindparam("assignment_id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
_ATTEMPT = (
    select(Attempt)
    .join(Attempt.assignment)
    .where(Attempt.id == bindparam("attempt_id"))
    .options(contains_eager(Attempt.assignment))
    .with_for_update(of=[Assignment, Attempt])
    .execution_options(populate_existing=True)
)
_OWN_ATTEMPT = _ATTEMPT.where(Attempt.person_id == bindparam("person_id"))


def lock_assignment(assignment_id: int) -> Assignment:
    """The assignment, locked and read afresh, so that what is decided next is decided on what is there.

    On SQLite the transaction itself is the lock (BEGIN IMMEDIATE). Raises NotFound.
    """
    assignment = db.session.scalar(_ASSIGNMENT, {"assignment_id": assignment_id})
    if assignment is None:
        raise NotFound("There is no such assignment.")
    return assignment


def lock_attempt(attempt_id: int) -> Attempt:
    """The attempt and its assignment, both locked and read afresh, so that it can be finished only once."""
    return db.session.scalars(_ATTEMPT, {"attempt_id": attempt_id}).one()


def lock_own_attempt(person_id: int, attempt_id: int) -> Attempt:
    """One's own attempt with its assignment, both locked. Raises NotFound for anybody else's."""
    attempt = db.session.scalar(_OWN_ATTEMPT, {"attempt_id": attempt_id, "person_id": person_id})
    if attempt is None:
        raise NotFound("There is no such set of questions among yours. Open it from My training.")
    return attempt
