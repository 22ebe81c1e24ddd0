"""One completion satisfies several assignments; that it does is a record of its own for each of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lms.db import db
from lms.ledger.actions import append
from lms.roster.queries import is_on_leave
from lms.training import evidence, rules
from lms.training.actions.rows import close, person_of
from lms.training.local import local_date
from lms.training.models import Assignment
from lms.training.overlap import candidate_of, course_texts, finished_of

BATCH = 200


def satisfy_also(done: Assignment, at: datetime) -> list[Assignment]:
    """Closes this person's other open assignments of the same course for which the completion counts.

    A course that was gone through but not signed leaves the others unsigned, too. One that waits for witnesses,
    whose clock stands still for leave, or that this path does not cover, stays open. Each is recorded.
    """
    others = db.session.scalars(
        select(Assignment)
        .where(
            Assignment.person_id == done.person_id,
            Assignment.course_id == done.course_id,
            Assignment.id != done.id,
            Assignment.closed_at.is_(None),
        )
        .order_by(Assignment.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if not others:
        return []
    done_on = local_date(at)
    finished = finished_of(done, done_on, course_texts(done.course_id), at)
    away = is_on_leave(done.person_id, done_on)
    chosen = frozenset(rules.satisfied_of(finished, [candidate_of(other, paused=away) for other in others]))
    satisfied = [other for other in others if other.id in chosen]
    for other in satisfied:
        close(other, "satisfied" if done.outcome == "completed" else "declined", at)
        other.satisfied_by_id = done.id
        record_satisfied(other, done)
    db.session.flush()
    return satisfied


def record_satisfied(assignment: Assignment, done: Assignment) -> None:
    """Writes the record that one assignment was met by another's completion; both rows say so already."""
    person = person_of(assignment)
    fields = evidence.fields_of_satisfied(assignment, done)
    appended = append(
        kind=evidence.ASSIGNMENT_SATISFIED,
        subject=person.subject,
        fields={**fields, "name": person.full_name, "badge": person.badge},
    )
    assignment.closed_record_id = appended.record_id


def record_satisfied_before() -> int:
    """Writes the records of assignments that were satisfied before such records were kept; says how many.

    For the upgrade that adds them, once: later a row without its record is a fault, and must not be given one.
    """
    count = 0
    while rows := db.session.scalars(
        select(Assignment)
        .where(Assignment.satisfied_by_id.is_not(None), Assignment.closed_record_id.is_(None))
        .options(joinedload(Assignment.satisfied_by))
        .order_by(Assignment.id)
        .limit(BATCH)
    ).all():
        for row in rows:
            if row.satisfied_by is not None:
                record_satisfied(row, row.satisfied_by)
        db.session.flush()
        count += len(rows)
    return count
