"""Times away are recorded, ended, and cancelled before they begin."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from lms.db import db
from lms.errors import Conflict, Invalid
from lms.ledger.actions import append
from lms.roster import evidence, queries, rules
from lms.roster.actions.rows import hold
from lms.roster.models import Leave, Person


def record_leave(
    person: Person, *, kind: str, starts_on: date, ends_on: date | None, note: str = "", by: Person | None
) -> Leave:
    """Records a time away. Raises Invalid for an unknown kind, dates out of order or an overlap."""
    if kind not in rules.LEAVE_KINDS:
        raise Invalid("Choose one of the kinds of leave in the list.", field="kind")
    if ends_on is not None and ends_on < starts_on:
        raise Invalid("The last day away is before the first.", field="ends_on")
    _require_year(person, starts_on, ends_on)
    hold(person)
    for other in queries.list_leaves(person.id):
        if (ends_on is None or other.starts_on <= ends_on) and (other.ends_on is None or starts_on <= other.ends_on):
            raise Invalid("This overlaps a leave that is already recorded. End that one first.", field="starts_on")
    leave = Leave(person_id=person.id, kind=kind, starts_on=starts_on, ends_on=ends_on, note=note)
    db.session.add(leave)
    db.session.flush()
    append(
        kind="roster.leave_recorded",
        subject=person.subject,
        fields=evidence.fields_of_leave(person, leave, by),
    )
    return leave


def _require_year(person: Person, starts_on: date, ends_on: date | None) -> None:
    """Refuses what can only be a slip of the pen: a leave before service, or one that goes on for decades."""
    if starts_on < person.hired_on:
        raise Invalid("The first day away is before the hire date. Check the year.", field="starts_on")
    if ends_on is not None and ends_on - starts_on > rules.LONGEST_LEAVE:
        raise Invalid("A leave of more than ten years? Check the year.", field="ends_on")


def end_leave(person: Person, leave: Leave, ends_on: date, by: Person | None) -> None:
    """Sets the last day away. Raises Invalid where it is before the first, Conflict where days were given back."""
    db.session.refresh(leave, ["starts_on", "ends_on", "applied_at"], with_for_update=True)
    if leave.applied_at is not None:
        raise Conflict("The days of this leave were already given back. Record another leave instead.")
    if ends_on < leave.starts_on:
        raise Invalid("The last day away is before the first.", field="ends_on")
    leave.ends_on = ends_on
    db.session.flush()
    append(
        kind="roster.leave_ended",
        subject=person.subject,
        fields=evidence.fields_of_leave(person, leave, by),
    )


def return_from_leave(person: Person, back_on: date, by: Person | None) -> Leave:
    """Ends the leave that would still run on ``back_on``, the first day back at work.

    Raises Conflict where no leave is running then, or its days were given back already.
    """
    running = [
        leave
        for leave in queries.list_leaves(person.id)
        if leave.starts_on < back_on and (leave.ends_on is None or leave.ends_on >= back_on)
    ]
    if not running:
        raise Conflict("No leave that began before that day is still running on it. Check the date.")
    end_leave(person, running[-1], back_on - timedelta(days=1), by)
    return running[-1]


def cancel_leave(person: Person, leave_id: int, today: date, by: Person | None) -> Leave:
    """Takes a planned leave back before it begins, and records that; the row goes, both records stay.

    ``today`` is the department's day. Raises Conflict where the leave has begun or is cancelled already.
    """
    hold(person)
    leave = db.session.scalar(select(Leave).where(Leave.id == leave_id, Leave.person_id == person.id).with_for_update())
    if leave is None:
        raise Conflict("This leave is not planned any more. Look at the page again.")
    if leave.starts_on <= today:
        raise Conflict("This leave has begun, so it cannot be cancelled. Record the return instead.")
    fields = evidence.fields_of_leave(person, leave, by)
    db.session.delete(leave)
    db.session.flush()
    append(kind=evidence.LEAVE_CANCELLED, subject=person.subject, fields=fields)
    return leave
