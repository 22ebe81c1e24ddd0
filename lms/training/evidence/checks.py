"""The comparison of training's rows with what the ledger was told of them.

Names are recorded as of then and never compared: people marry, and a name in a record stays as it was.
Everything that follows from the row alone is compared. Of an assignment that is its due date and how it ended; the
attestations, scenarios and questions that end or prove the rest are compared by the features that own them. When a
step or an assignment was opened or begun is not evidence: it only says that a page was shown.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Nullable, func, or_, select
from sqlalchemy.orm import joinedload

from lms.catalog.evidence import altered_versions
from lms.db import db
from lms.ledger.compare import Described, Resting, compare_rows, missing_rows, unrecorded_rows
from lms.ledger.models import LedgerEntry
from lms.ledger.queries import iter_disclosed
from lms.ledger.rules.disclosures import timestamp
from lms.ledger.verify import Fault
from lms.training.evidence.fields import (
    ASSIGNMENT_SATISFIED,
    ASSIGNMENT_WAIVED,
    ASSIGNMENTS_CLOSED,
    EXTENSION_GRANTED,
    LESSON_COMPLETED,
    REQUIREMENT_SET,
    fields_of_extension,
    fields_of_lesson,
    fields_of_requirement_version,
    fields_of_satisfied,
    fields_of_waiver,
)
from lms.training.models import Assignment, Extension, RequirementVersion, StepProgress, Waiver
from lms.training.rules import LESSON


def check_rows() -> Iterator[Fault]:
    """Every difference between training's rows and the ledger, row by row, in flat memory."""
    newest = dict(
        db.session.execute(
            select(RequirementVersion.requirement_id, func.max(RequirementVersion.number)).group_by(
                RequirementVersion.requirement_id
            )
        ).all()
    )
    yield from compare_rows(
        select(RequirementVersion).options(joinedload(RequirementVersion.requirement)),
        RequirementVersion.id,
        lambda row: _describe_requirement(row, row.number == newest[row.requirement_id]),
    )
    yield from compare_rows(
        select(Extension).options(joinedload(Extension.assignment)), Extension.id, _describe_extension
    )
    yield from compare_rows(select(Waiver).options(joinedload(Waiver.assignment)), Waiver.id, _describe_waiver)
    yield from _check_lessons()
    yield from missing_rows(REQUIREMENT_SET, select(RequirementVersion.record_id))
    yield from missing_rows(EXTENSION_GRANTED, select(Extension.record_id))
    yield from missing_rows(ASSIGNMENT_WAIVED, select(Waiver.record_id))
    recorded = select(StepProgress.record_id).where(StepProgress.record_id.is_not(None))
    yield from missing_rows(LESSON_COMPLETED, recorded)
    yield from _lessons_without_record()
    yield from _due_dates_without_extension()
    yield from _waived_without_waiver()
    yield from _check_separated()
    yield from _check_satisfied()


def _check_lessons() -> Iterator[Fault]:
    altered = Resting(altered_versions())

    def describe(row: StepProgress) -> Described:
        fields = fields_of_lesson(row, row.assignment, row.course_version)
        if altered.on(row.course_version_id, "lesson"):
            del fields["course_number"], fields["course_sha256"]
        return f"assignment {row.assignment_id}, lesson of module {row.module_ref}", row.record_id, fields

    yield from compare_rows(
        select(StepProgress)
        .where(StepProgress.step == LESSON, StepProgress.record_id.is_not(None))
        .options(joinedload(StepProgress.assignment), joinedload(StepProgress.course_version)),
        StepProgress.id,
        describe,
    )
    yield from altered.faults()


def _describe_requirement(row: RequirementVersion, newest: bool) -> Described:
    fields = fields_of_requirement_version(row, row.requirement)
    if not newest:
        # Whether a requirement is in force is said by its newest version alone.
        del fields["active"]
    return f"requirement {row.requirement.slug}, version {row.number}", row.record_id, fields


def _describe_extension(row: Extension) -> Described:
    return f"extension {row.id}", row.record_id, fields_of_extension(row, row.assignment)


def _describe_waiver(row: Waiver) -> Described:
    return f"waiver {row.id}", row.record_id, fields_of_waiver(row, row.assignment)


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
    rows = db.session.execute(
        select(Assignment.id, Assignment.outcome, Assignment.closed_at, Nullable(Waiver))
        .outerjoin(Waiver, Waiver.assignment_id == Assignment.id)
        .where(or_(Assignment.outcome == "waived", Waiver.id.is_not(None)))
        .order_by(Assignment.id)
    )
    for assignment_id, outcome, closed_at, waiver in rows:
        name = f"assignment {assignment_id}"
        if waiver is None:
            yield Fault(None, None, f"{name}: outcome", "is waived, but nobody waived it")
        elif outcome != "waived":
            what = f"is {outcome}, but the ledger says that it was waived"
            yield Fault(waiver.record_id, None, f"{name}: outcome", what)
        elif closed_at != waiver.approved_at:
            yield Fault(waiver.record_id, None, f"{name}: closed_at", "is not when it was waived")


def _check_separated() -> Iterator[Fault]:
    """Assignments closed because the person left, both ways."""
    recorded: dict[int, tuple[LedgerEntry, str]] = {}
    for entry, disclosed in iter_disclosed([ASSIGNMENTS_CLOSED], strict=False):
        if not disclosed.destroyed:
            recorded |= dict.fromkeys(disclosed["assignment_ids"], (entry, disclosed["closed_at"]))
    rows = db.session.execute(
        select(Assignment.id, Assignment.person_id, Assignment.closed_at)
        .where(Assignment.outcome == "separated")
        .order_by(Assignment.id)
    )
    for assignment_id, person_id, closed_at in rows:
        name = f"assignment {assignment_id}"
        found = recorded.pop(assignment_id, None)
        if found is None or found[0].subject != f"person:{person_id}":
            what = "is separated, but the ledger has no record that it was closed"
            yield Fault(None, None, f"{name}: outcome", what)
        elif closed_at is None or timestamp(closed_at) != found[1]:
            yield Fault(found[0].record_id, found[0].position, f"{name}: closed_at", "differs from the ledger record")
    for assignment_id, (entry, _) in sorted(recorded.items()):
        what = "is not what the ledger says: it was closed because the person left"
        yield Fault(entry.record_id, entry.position, f"assignment {assignment_id}: outcome", what)


def _check_satisfied() -> Iterator[Fault]:
    """Assignments that another one's completion met: each with its record, and each record with its row.

    Whether that other one was completed, and when, is held against its attestation (``lms.attestation.evidence``).
    """
    satisfied = Assignment.satisfied_by_id.is_not(None)
    yield from compare_rows(
        select(Assignment).where(satisfied).options(joinedload(Assignment.satisfied_by)),
        Assignment.id,
        _describe_satisfied,
        record_id=Assignment.closed_record_id,
    )
    rows = select(Assignment.id, Assignment.closed_record_id).where(satisfied).order_by(Assignment.id)
    yield from unrecorded_rows(rows, [ASSIGNMENT_SATISFIED], "assignment")
    named = select(Assignment.closed_record_id).where(satisfied, Assignment.closed_record_id.is_not(None))
    yield from missing_rows(ASSIGNMENT_SATISFIED, named)


def _describe_satisfied(row: Assignment) -> Described:
    if row.satisfied_by is None:
        raise LookupError("it names no assignment that satisfies it")
    return f"assignment {row.id}", row.closed_record_id, fields_of_satisfied(row, row.satisfied_by)
