"""Due dates that move."""

from __future__ import annotations

from datetime import date, timedelta

from lms import clock
from lms.db import db
from lms.errors import Invalid
from lms.ledger.actions import append
from lms.roster.models import Person
from lms.training import evidence
from lms.training.actions.rows import forbid_own, hold, name_of, person_of, require_open
from lms.training.local import local_date
from lms.training.models import Assignment, Extension

CORRECTION = "correction"
LONGEST_EXTENSION = timedelta(days=731)
"""A slip in the year must not move a date out of everybody's sight; leave given back may be longer."""


def extend_assignment(
    assignment: Assignment, until_on: date, reason: str, by: Person | None, *, kind: str = "extension"
) -> Extension:
    """Moves the due date and the grace after it. The original date, and so the next cycle, stays.

    ``kind`` is ``extension``, or ``leave`` for days given back. An extension made by mistake is corrected by
    another with an earlier date; that one is kept as a ``correction``, with a record and a reason of its own.
    Raises Invalid where the date cannot be or no reason is given, NotAllowed for one's own, Conflict once the
    assignment is closed.
    """
    forbid_own(assignment, by)
    hold(assignment)
    require_open(assignment)
    if kind == "extension":
        _require_possible(assignment, until_on)
    elif until_on <= assignment.due_on:
        raise Invalid("The new due date must be after the current one.", field="until_on")
    if not reason.strip():
        raise Invalid("Give the reason. It is kept with the record.", field="reason")
    if until_on < assignment.due_on:
        kind = CORRECTION
    extension = Extension(
        assignment_id=assignment.id,
        kind=kind,
        from_on=assignment.due_on,
        until_on=until_on,
        reason=reason.strip(),
        granted_by_id=None if by is None else by.id,
        granted_at=clock.now(),
    )
    person = person_of(assignment)
    fields = evidence.fields_of_extension(extension, assignment)
    appended = append(
        kind=evidence.EXTENSION_GRANTED,
        subject=person.subject,
        fields={**fields, "name": person.full_name, "badge": person.badge, "granted_by": name_of(by)},
    )
    extension.record_id = appended.record_id
    assignment.grace_until += until_on - assignment.due_on
    assignment.due_on = until_on
    db.session.add(extension)
    db.session.flush()
    return extension


def _require_possible(assignment: Assignment, until_on: date) -> None:
    """A date that somebody may choose: another one, not past, not before the first, not out of sight."""
    if until_on == assignment.due_on:
        raise Invalid("This is the due date already. Choose another one.", field="until_on")
    if until_on < assignment.original_due_on:
        raise Invalid("The new due date cannot be before the first one, which the rule set.", field="until_on")
    if until_on < local_date(clock.now()):
        raise Invalid("The new due date cannot be in the past. Choose today or a later day.", field="until_on")
    if until_on > assignment.original_due_on + LONGEST_EXTENSION:
        raise Invalid("Choose a date within two years of the original due date. Check the year.", field="until_on")
