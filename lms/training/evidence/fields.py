"""What the ledger is told of training: each row as the fields of its record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from lms.catalog.models import CourseVersion
from lms.ledger.rules.disclosures import JsonValue, timestamp
from lms.training import rules
from lms.training.models import Assignment, Extension, Requirement, RequirementVersion, StepProgress, Waiver

REQUIREMENT_SET = "training.requirement_set"
EXTENSION_GRANTED = "training.extension_granted"
ASSIGNMENT_WAIVED = "training.assignment_waived"
LESSON_COMPLETED = "training.lesson_completed"
ASSIGNMENTS_CLOSED = "training.assignments_closed"
ASSIGNMENT_SATISFIED = "training.assignment_satisfied"

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
        "active": requirement.active,
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


def fields_of_closing(assignment_ids: Sequence[int], at: datetime) -> Fields:
    """Open assignments that were closed because the person left."""
    return {"assignment_ids": sorted(assignment_ids), "outcome": "separated", "closed_at": timestamp(at)}


def fields_of_satisfied(assignment: Assignment, done: Assignment) -> Fields:
    """An assignment that another one's completion met: which one, by which record, and from when it counted."""
    closed_at = assignment.closed_at
    return {
        **fields_of_assignment(assignment),
        "course_id": assignment.course_id,
        "due_on": assignment.due_on.isoformat(),
        "counts_from_on": assignment.counts_from_on.isoformat(),
        "outcome": assignment.outcome,
        "closed_at": None if closed_at is None else timestamp(closed_at),
        "satisfied_by_id": done.id,
        "satisfied_by": done.title,
        "satisfied_by_cycle": done.cycle,
        "completion_record_id": done.closed_record_id,
        "reason": rules.satisfied_reason(done.id, done.closed_record_id),
    }
