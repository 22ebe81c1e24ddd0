"""What the ledger is told of training, and the comparison of training's rows with what it was told.

Names are recorded as of then and never compared: people marry, and a name in a record stays as it was.
Everything that follows from the row alone is compared.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from lms.catalog.models import CourseVersion
from lms.db import db
from lms.ledger.compare import Described, compare_rows, missing_rows
from lms.ledger.models import LedgerEntry
from lms.ledger.rules.disclosures import JsonValue, timestamp
from lms.ledger.verify import Fault
from lms.training.models import Assignment, Extension, Requirement, RequirementVersion, StepProgress, Waiver
from lms.training.rules import LESSON

REQUIREMENT_SET = "training.requirement_set"
EXTENSION_GRANTED = "training.extension_granted"
ASSIGNMENT_WAIVED = "training.assignment_waived"
LESSON_COMPLETED = "training.lesson_completed"

Fields = dict[str, JsonValue]


def fields_of_requirement_version(version: RequirementVersion, requirement: Requirement) -> Fields:
    """One state of a requirement: what it asks of whom and when."""
    return {
        "requirement": requirement.slug,
        "course_id": requirement.course_id,
        "number": version.number,
        "title": version.title,
        "cadence": version.cadence,
        "path": version.path,
        "rule": version.rule,
        "set_by_id": version.created_by_id,
        "set_at": timestamp(version.created_at),
    }


def fields_of_assignment(assignment: Assignment) -> Fields:
    """Which obligation a record is about."""
    return {
        "assignment_id": assignment.id,
        "assignment": assignment.title,
        "cycle": assignment.cycle,
        "person_id": assignment.person_id,
    }


def fields_of_extension(extension: Extension, assignment: Assignment) -> Fields:
    """A later due date. The reason of days given back names no leave: its kind is for HR alone."""
    return {
        **fields_of_assignment(assignment),
        "kind": extension.kind,
        "from_on": extension.from_on.isoformat(),
        "until_on": extension.until_on.isoformat(),
        "reason": extension.reason,
        "granted_by_id": extension.granted_by_id,
        "granted_at": timestamp(extension.granted_at),
    }


def fields_of_waiver(waiver: Waiver, assignment: Assignment) -> Fields:
    """An assignment that need not be done."""
    return {
        **fields_of_assignment(assignment),
        "due_on": assignment.due_on.isoformat(),
        "reason": waiver.reason,
        "approved_by_id": waiver.approved_by_id,
        "approved_at": timestamp(waiver.approved_at),
    }


def fields_of_lesson(step: StepProgress, assignment: Assignment, version: CourseVersion) -> Fields:
    """A lesson that was gone through, and the exact text of the course that was on the page."""
    return {
        **fields_of_assignment(assignment),
        "module": step.module_ref,
        "course_version_id": step.course_version_id,
        "course_number": version.number,
        "course_sha256": version.sha256,
        "opened_at": timestamp(step.opened_at),
        "done_at": None if step.done_at is None else timestamp(step.done_at),
    }


def check_rows() -> Iterator[Fault]:
    """Every difference between training's rows and the ledger, row by row, in flat memory."""
    yield from compare_rows(
        select(RequirementVersion).options(joinedload(RequirementVersion.requirement)),
        RequirementVersion.id,
        _describe_requirement,
    )
    yield from compare_rows(
        select(Extension).options(joinedload(Extension.assignment)), Extension.id, _describe_extension
    )
    yield from compare_rows(select(Waiver).options(joinedload(Waiver.assignment)), Waiver.id, _describe_waiver)
    yield from compare_rows(
        select(StepProgress)
        .where(StepProgress.step == LESSON, StepProgress.record_id.is_not(None))
        .options(joinedload(StepProgress.assignment), joinedload(StepProgress.course_version)),
        StepProgress.id,
        _describe_lesson,
    )
    yield from missing_rows(REQUIREMENT_SET, select(RequirementVersion.record_id))
    yield from missing_rows(EXTENSION_GRANTED, select(Extension.record_id))
    yield from missing_rows(ASSIGNMENT_WAIVED, select(Waiver.record_id))
    recorded = select(StepProgress.record_id).where(StepProgress.record_id.is_not(None))
    yield from missing_rows(LESSON_COMPLETED, recorded)
    yield from _lessons_without_record()
    yield from _due_dates_without_extension()
    yield from _waived_without_waiver()


def _describe_requirement(row: RequirementVersion) -> Described:
    what = f"requirement {row.requirement.slug}, version {row.number}"
    return what, row.record_id, fields_of_requirement_version(row, row.requirement)


def _describe_extension(row: Extension) -> Described:
    return f"extension {row.id}", row.record_id, fields_of_extension(row, row.assignment)


def _describe_waiver(row: Waiver) -> Described:
    return f"waiver {row.id}", row.record_id, fields_of_waiver(row, row.assignment)


def _describe_lesson(row: StepProgress) -> Described:
    what = f"assignment {row.assignment_id}, lesson of module {row.module_ref}"
    return what, row.record_id, fields_of_lesson(row, row.assignment, row.course_version)


def _lessons_without_record() -> Iterator[Fault]:
    """Lessons marked as done for which the ledger has no such record."""
    rows = db.session.execute(
        select(StepProgress.assignment_id, StepProgress.module_ref)
        .outerjoin(LedgerEntry, LedgerEntry.record_id == StepProgress.record_id)
        .where(
            StepProgress.step == LESSON,
            StepProgress.done_at.is_not(None),
            or_(LedgerEntry.id.is_(None), LedgerEntry.kind != LESSON_COMPLETED),
        )
        .order_by(StepProgress.id)
    )
    for assignment_id, module_ref in rows:
        where = f"assignment {assignment_id}, lesson of module {module_ref}: done_at"
        yield Fault(None, None, where, "is set, but the ledger has no record of it")


def _due_dates_without_extension() -> Iterator[Fault]:
    """Assignments whose due date is neither the original one nor that of the last extension."""
    last = (
        select(Extension.assignment_id, func.max(Extension.id).label("id")).group_by(Extension.assignment_id).subquery()
    )
    rows = db.session.execute(
        select(Assignment.id)
        .outerjoin(last, last.c.assignment_id == Assignment.id)
        .outerjoin(Extension, Extension.id == last.c.id)
        .where(Assignment.due_on != func.coalesce(Extension.until_on, Assignment.original_due_on))
        .order_by(Assignment.id)
    )
    for (assignment_id,) in rows:
        where = f"assignment {assignment_id}: due_on"
        yield Fault(None, None, where, "is neither the original due date nor that of an extension on record")


def _waived_without_waiver() -> Iterator[Fault]:
    rows = db.session.scalars(
        select(Assignment.id)
        .outerjoin(Waiver, Waiver.assignment_id == Assignment.id)
        .where(Assignment.outcome == "waived", Waiver.id.is_(None))
        .order_by(Assignment.id)
    )
    for assignment_id in rows:
        yield Fault(None, None, f"assignment {assignment_id}: outcome", "is waived, but nobody waived it")
