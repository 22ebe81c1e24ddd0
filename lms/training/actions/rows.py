"""What every action on one assignment begins with: its lock, and that it is still open."""

from __future__ import annotations

from datetime import datetime

from lms.db import db
from lms.errors import Conflict, NotAllowed
from lms.roster.models import Person
from lms.training.models import Assignment

CLOSED = "This training is already closed. Reload the page to see how it ended."


def hold(assignment: Assignment) -> None:
    """Locks the row and reads it afresh, so that what is decided next is decided on what is there.

    On SQLite the transaction itself is the lock (BEGIN IMMEDIATE).
    """
    db.session.flush()
    columns = [attribute.key for attribute in Assignment.__mapper__.column_attrs]
    db.session.refresh(assignment, columns, with_for_update=True)


def require_open(assignment: Assignment) -> None:
    """Raises Conflict once the assignment is closed."""
    if assignment.closed_at is not None:
        raise Conflict(CLOSED)


def close(assignment: Assignment, outcome: str, at: datetime) -> None:
    """Ends an open assignment. The caller holds its lock."""
    assignment.outcome, assignment.closed_at = outcome, at
    assignment.awaiting_witnesses = False
    db.session.flush()


def forbid_own(assignment: Assignment, by: Person | None) -> None:
    """Raises NotAllowed where somebody would decide on their own training."""
    if by is not None and by.id == assignment.person_id:
        raise NotAllowed("You cannot change your own training. Ask another training sergeant.")


def person_of(assignment: Assignment) -> Person:
    """The person, from the session's memory where it is there."""
    return db.session.get_one(Person, assignment.person_id)


def name_of(by: Person | None) -> str:
    """Who did it, as a record says it; what the worker does by the rules is the schedule's."""
    return "the schedule" if by is None else by.full_name
