"""Work in an assignment: steps are opened and done, the capstone is passed or gone through again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from lms import clock
from lms.catalog.models import CourseVersion
from lms.db import db
from lms.ledger.actions import append
from lms.training import evidence
from lms.training.actions.rows import hold, person_of, require_open
from lms.training.models import Assignment, StepProgress
from lms.training.rules import LESSON

# Built once: every scenario, lesson and set of questions begins and ends with it.
_STEP = select(StepProgress).where(
    StepProgress.assignment_id == bindparam("assignment_id"),
    StepProgress.module_ref == bindparam("module_ref"),
    StepProgress.step == bindparam("step"),
)


def open_step(assignment: Assignment, module_ref: str, step: str, course_version_id: int) -> StepProgress:
    """Notes that a step was opened; the first time counts. Raises Conflict once the assignment is closed."""
    hold(assignment)
    found = _find_step(assignment, module_ref, step)
    if found is not None:
        return found
    require_open(assignment)
    now = clock.now()
    assignment.started_at = assignment.started_at or now
    progress = StepProgress(
        assignment_id=assignment.id,
        module_ref=module_ref,
        step=step,
        course_version_id=course_version_id,
        opened_at=now,
    )
    db.session.add(progress)
    db.session.flush()
    return progress


def complete_step(
    assignment: Assignment,
    module_ref: str,
    step: str,
    course_version_id: int,
    record_id: str | None = None,
    *,
    at: datetime | None = None,
) -> StepProgress:
    """Marks a step as done; a second time changes nothing. A lesson becomes a ledger record of its own.

    ``record_id`` is the record that proves any other step, and ``at`` the time that it tells of. Raises Conflict once
    the assignment is closed.
    """
    progress = open_step(assignment, module_ref, step, course_version_id)
    if progress.done_at is not None:
        return progress
    require_open(assignment)
    if step != LESSON:
        progress.done_at, progress.record_id = at or clock.now(), record_id
        db.session.flush()
        return progress
    progress.done_at = clock.now()
    version = db.session.get_one(CourseVersion, progress.course_version_id)
    person = person_of(assignment)
    appended = append(
        kind=evidence.LESSON_COMPLETED,
        subject=person.subject,
        fields={
            **evidence.fields_of_lesson(progress, assignment, version),
            "name": person.full_name,
            "badge": person.badge,
        },
    )
    progress.record_id = appended.record_id
    db.session.flush()
    return progress


def record_capstone_result(
    assignment: Assignment,
    *,
    passed: bool,
    missed: Sequence[str],
    record_id: str,
    summary: Mapping[str, Any],
    at: datetime | None = None,
) -> None:
    """Keeps the first passed capstone; after a failed one, the missed clauses stand between it and the next.

    ``summary`` is the result in short (score, total, form, course_version_id), and ``at`` the time that the record
    tells of. Raises Conflict once closed.
    """
    hold(assignment)
    require_open(assignment)
    if assignment.capstone_passed_at is not None:
        return
    if passed:
        assignment.capstone_passed_at = at or clock.now()
        assignment.capstone_record_id = record_id
        assignment.capstone_summary = dict(summary)
    assignment.remediation = [] if passed else list(missed)
    db.session.flush()


def clear_remediation(assignment: Assignment, clauses: Collection[str] | None = None) -> None:
    """Notes that missed clauses were gone through again: these, or all of them."""
    hold(assignment)
    gone = assignment.remediation if clauses is None else clauses
    assignment.remediation = [clause for clause in assignment.remediation if clause not in gone]
    db.session.flush()


def _find_step(assignment: Assignment, module_ref: str, step: str) -> StepProgress | None:
    return db.session.scalar(_STEP, {"assignment_id": assignment.id, "module_ref": module_ref, "step": step})
