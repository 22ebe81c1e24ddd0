"""Tables of training: requirements and their versions, assignments, progress, extensions and waivers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.catalog.models import Course, CourseVersion
from lms.db import Base, UtcDateTime
from lms.roster.models import Person


class Requirement(Base):
    """This course, for this audience, on this cadence. What it says stands in its versions."""

    __tablename__ = "requirement"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="RESTRICT"))
    active: Mapped[bool] = mapped_column(Boolean, default=True)

    course: Mapped[Course] = relationship(lazy="raise")


class RequirementVersion(Base):
    """One state of a requirement's rule; assignments name the version that made them."""

    __tablename__ = "requirement_version"
    __table_args__ = (UniqueConstraint("requirement_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    requirement_id: Mapped[int] = mapped_column(ForeignKey("requirement.id", ondelete="RESTRICT"))
    number: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(200))
    cadence: Mapped[str] = mapped_column(String(20))
    """on_hire, annual, biennial, on_change or spaced."""
    path: Mapped[str] = mapped_column(String(20))
    """full (every module), test_out (capstone first), refresher (what changed, capstone, signature) or spaced."""
    rule: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Dates and audience, as ``lms.schedule.rules`` reads them."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    record_id: Mapped[str] = mapped_column(ForeignKey("ledger_entry.record_id", ondelete="RESTRICT"), unique=True)

    requirement: Mapped[Requirement] = relationship(lazy="raise")


class Assignment(Base):
    """One person's obligation for one cycle, with its dates frozen when it was made.

    ``due_on`` moves only by an extension or by leave given back; ``original_due_on`` never moves, and the
    next cycle counts from it. The state (open, overdue, …) is derived from these columns and never stored.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        UniqueConstraint("person_id", "requirement_id", "cycle"),
        CheckConstraint("opens_on <= due_on AND due_on <= grace_until", name="dates_in_order"),
        CheckConstraint("outcome IN ('completed', 'declined', 'waived', 'separated', 'satisfied')", name="outcome"),
        CheckConstraint("(closed_at IS NULL) = (outcome IS NULL)", name="closed_with_outcome"),
        Index("ix_assignment_open", "closed_at", "due_on"),
        Index("ix_assignment_requirement_id_cycle", "requirement_id", "cycle"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    requirement_id: Mapped[int] = mapped_column(ForeignKey("requirement.id", ondelete="RESTRICT"))
    requirement_version_id: Mapped[int] = mapped_column(ForeignKey("requirement_version.id", ondelete="RESTRICT"))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="RESTRICT"))
    cycle: Mapped[str] = mapped_column(String(30))
    """Name of the cycle within the requirement: ``2026``, ``hire-2024-03-01``, ``2026-05-14``."""
    title: Mapped[str] = mapped_column(String(200))
    path: Mapped[str] = mapped_column(String(20))
    opens_on: Mapped[date] = mapped_column(Date)
    counts_from_on: Mapped[date] = mapped_column(
        Date, default=lambda context: context.get_current_parameters()["opens_on"]
    )
    """First date on which a completion of the course counts for this cycle: the day it opens, or earlier
    where the requirement lets an early completion count (``early: counts``, or the minimum active period)."""
    original_due_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date] = mapped_column(Date)
    grace_until: Mapped[date] = mapped_column(Date)
    valid_through: Mapped[date | None] = mapped_column(Date)
    why: Mapped[str] = mapped_column(Text)
    """One true sentence that answers "why this date?"."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(String(20))
    satisfied_by_id: Mapped[int | None] = mapped_column(ForeignKey("assignment.id", ondelete="RESTRICT"))
    """The assignment whose completion met this one, too (``satisfied``, or ``declined`` where it was not signed)."""
    closed_record_id: Mapped[str | None] = mapped_column(
        ForeignKey("ledger_entry.record_id", ondelete="RESTRICT"), index=True
    )
    """The record that ended it: of its signature or decline, or the one that says which assignment satisfied it.
    A waiver and a separation have their records elsewhere."""

    capstone_passed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    capstone_record_id: Mapped[str | None] = mapped_column(ForeignKey("ledger_entry.record_id", ondelete="RESTRICT"))
    capstone_summary: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """The passed result in short: score, total, form, course_version_id. The record holds all of it."""
    remediation: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Clauses that the last failed capstone missed and that are not yet gone through again."""
    awaiting_witnesses: Mapped[bool] = mapped_column(Boolean, default=False)
    """True from the moment the person declines to sign until both witnesses have confirmed."""

    person: Mapped[Person] = relationship(lazy="raise")
    requirement_version: Mapped[RequirementVersion] = relationship(lazy="raise")
    satisfied_by: Mapped[Assignment | None] = relationship(remote_side="Assignment.id", lazy="raise")


class StepProgress(Base):
    """One step of one module within an assignment: a lesson, a scenario, the questions.

    ``step`` is ``lesson``, ``scenario:SLUG`` or ``questions``.
    """

    __tablename__ = "step_progress"
    __table_args__ = (UniqueConstraint("assignment_id", "module_ref", "step"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id", ondelete="RESTRICT"))
    module_ref: Mapped[str] = mapped_column(String(20))
    step: Mapped[str] = mapped_column(String(80))
    course_version_id: Mapped[int] = mapped_column(ForeignKey("course_version.id", ondelete="RESTRICT"))
    """The version that was on the page when the step was opened."""
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    record_id: Mapped[str | None] = mapped_column(ForeignKey("ledger_entry.record_id", ondelete="RESTRICT"))

    assignment: Mapped[Assignment] = relationship(lazy="raise")
    course_version: Mapped[CourseVersion] = relationship(lazy="raise")


class Extension(Base):
    """Another due date for one assignment, and why. ``kind`` is extension, leave (days given back) or correction."""

    __tablename__ = "extension"

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id", ondelete="RESTRICT"), index=True)
    kind: Mapped[str] = mapped_column(String(20), default="extension")
    from_on: Mapped[date] = mapped_column(Date)
    until_on: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(Text)
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    record_id: Mapped[str] = mapped_column(ForeignKey("ledger_entry.record_id", ondelete="RESTRICT"), unique=True)

    assignment: Mapped[Assignment] = relationship(lazy="raise")


class Waiver(Base):
    """An assignment that need not be done, why, and who approved it."""

    __tablename__ = "waiver"

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id", ondelete="RESTRICT"), unique=True)
    reason: Mapped[str] = mapped_column(Text)
    approved_by_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    approved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    record_id: Mapped[str] = mapped_column(ForeignKey("ledger_entry.record_id", ondelete="RESTRICT"), unique=True)

    assignment: Mapped[Assignment] = relationship(lazy="raise")


class SpacedSet(Base):
    """Five questions offered some time after a completion (``assignment``). Never graded, never due.

    It stands on *My training* from ``opens_on`` to ``closes_on``, both frozen, unless it was finished; then
    ``record_id`` names the record of its answers.
    """

    __tablename__ = "spaced_set"
    __table_args__ = (
        UniqueConstraint("assignment_id", "number"),
        Index("ix_spaced_set_person_id_closes_on", "person_id", "closes_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id", ondelete="RESTRICT"))
    requirement_version_id: Mapped[int] = mapped_column(ForeignKey("requirement_version.id", ondelete="RESTRICT"))
    number: Mapped[int] = mapped_column(Integer)
    """Which of the sets after one completion: 1, 2, 3."""
    opens_on: Mapped[date] = mapped_column(Date)
    closes_on: Mapped[date] = mapped_column(Date)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    record_id: Mapped[str | None] = mapped_column(
        ForeignKey("ledger_entry.record_id", ondelete="RESTRICT"), unique=True
    )
