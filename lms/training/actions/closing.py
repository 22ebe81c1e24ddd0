"""How assignments end: completed or declined, waived, closed when somebody leaves."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import update

from lms import clock
from lms.db import db
from lms.errors import Invalid
from lms.ledger.actions import append
from lms.roster.models import Person
from lms.training import evidence
from lms.training.actions.rows import close, forbid_own, hold, name_of, person_of, require_open
from lms.training.actions.satisfying import satisfy_also
from lms.training.models import Assignment, Waiver


def mark_awaiting_witnesses(assignment: Assignment) -> None:
    """The person declined to sign; nothing more is asked of them while two witnesses confirm it."""
    hold(assignment)
    require_open(assignment)
    assignment.awaiting_witnesses = True
    db.session.flush()


def complete_assignment(
    assignment: Assignment, outcome: str, at: datetime, record_id: str | None = None
) -> list[Assignment]:
    """Closes an assignment as ``completed`` or ``declined``; gives back the others that this also satisfies.

    ``record_id`` is the record of the signature or decline. Raises Conflict where it is closed already.
    """
    if outcome not in ("completed", "declined"):
        raise ValueError(outcome)
    hold(assignment)
    require_open(assignment)
    assignment.closed_record_id = record_id
    close(assignment, outcome, at)
    return satisfy_also(assignment, at)


def waive_assignment(assignment: Assignment, reason: str, by: Person) -> Waiver:
    """Closes an assignment that need not be done.

    Raises Invalid without a reason, NotAllowed for one's own, Conflict once it is closed.
    """
    forbid_own(assignment, by)
    hold(assignment)
    require_open(assignment)
    if not reason.strip():
        raise Invalid("Give the reason. It is kept with the record.", field="reason")
    waiver = Waiver(assignment_id=assignment.id, reason=reason.strip(), approved_by_id=by.id, approved_at=clock.now())
    person = person_of(assignment)
    fields = evidence.fields_of_waiver(waiver, assignment)
    appended = append(
        kind=evidence.ASSIGNMENT_WAIVED,
        subject=person.subject,
        fields={**fields, "name": person.full_name, "badge": person.badge, "approved_by": name_of(by)},
    )
    waiver.record_id = appended.record_id
    db.session.add(waiver)
    close(assignment, "waived", waiver.approved_at)
    db.session.flush()
    return waiver


def close_separated(person_id: int, at: datetime, *, opened_by: date | None = None) -> int:
    """Closes the open assignments of somebody who left; the records stay. Says how many there were.

    With ``opened_by`` only those that opened by that date, for somebody who has come back since. One ledger record
    says which they were.
    """
    closed = db.session.scalars(
        update(Assignment)
        .where(
            Assignment.person_id == person_id,
            Assignment.closed_at.is_(None),
            Assignment.opens_on <= (opened_by or date.max),
        )
        .values(closed_at=at, outcome="separated", awaiting_witnesses=False)
        .returning(Assignment.id)
        .execution_options(synchronize_session="fetch")
    ).all()
    if closed:
        person = db.session.get_one(Person, person_id)
        append(
            kind=evidence.ASSIGNMENTS_CLOSED,
            subject=person.subject,
            fields={**evidence.fields_of_closing(closed, at), "name": person.full_name, "badge": person.badge},
        )
    return len(closed)
