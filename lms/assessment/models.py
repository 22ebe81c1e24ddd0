"""Tables of assessment: scenario runs and their choices, attempts and their answers, unlocked attempts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.db import Base, UtcDateTime
from lms.training.models import Assignment


class ScenarioRun(Base):
    """One person's way through one scenario for an assignment. The first way is the recorded one."""

    __tablename__ = "scenario_run"
    __table_args__ = (UniqueConstraint("assignment_id", "scenario_ref"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id", ondelete="RESTRICT"))
    course_version_id: Mapped[int] = mapped_column(ForeignKey("course_version.id", ondelete="RESTRICT"))
    module_ref: Mapped[str] = mapped_column(String(20))
    scenario_ref: Mapped[str] = mapped_column(String(80))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    assignment: Mapped[Assignment] = relationship(lazy="raise")


class ScenarioChoice(Base):
    """One choice made in a run, with what was on the page. Each is a ledger record of its own."""

    __tablename__ = "scenario_choice"
    __table_args__ = (UniqueConstraint("run_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("scenario_run.id", ondelete="RESTRICT"))
    position: Mapped[int] = mapped_column(Integer)
    scene_ref: Mapped[str] = mapped_column(String(80))
    choice_ref: Mapped[str] = mapped_column(String(80))
    clause: Mapped[str] = mapped_column(String(30))
    rating: Mapped[int] = mapped_column(Integer)
    chosen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    record_id: Mapped[str] = mapped_column(ForeignKey("ledger_entry.record_id", ondelete="RESTRICT"), unique=True)


class Attempt(Base):
    """One sitting of questions: a module's quiz, a capstone form, practice on missed clauses, or a spaced set."""

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("assignment_id", "module_ref", "kind", "number"),
        Index("ix_attempt_finished_at", "finished_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id", ondelete="RESTRICT"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    course_version_id: Mapped[int] = mapped_column(ForeignKey("course_version.id", ondelete="RESTRICT"))
    module_ref: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20))
    """module, capstone, remediation or spaced."""
    number: Mapped[int] = mapped_column(Integer)
    form_ref: Mapped[str] = mapped_column(String(80), default="")
    presented: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """In the order shown: {"item": ref, "sha256": of the item, "options": [option ids in the order shown]}."""
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    correct: Mapped[int | None] = mapped_column(Integer)
    total: Mapped[int] = mapped_column(Integer)
    passed: Mapped[bool | None] = mapped_column(Boolean)
    missed: Mapped[list[str] | None] = mapped_column(JSON)
    """Clauses of the wrong answers."""
    record_id: Mapped[str | None] = mapped_column(
        ForeignKey("ledger_entry.record_id", ondelete="RESTRICT"), unique=True
    )

    assignment: Mapped[Assignment] = relationship(lazy="raise")


class Answer(Base):
    """One answer, saved as given. The unique place makes a double click harmless."""

    __tablename__ = "answer"
    __table_args__ = (UniqueConstraint("attempt_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id", ondelete="RESTRICT"))
    position: Mapped[int] = mapped_column(Integer)
    item_ref: Mapped[str] = mapped_column(String(80))
    option_ref: Mapped[str] = mapped_column(String(20))
    correct: Mapped[bool] = mapped_column(Boolean)
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AttemptUnlock(Base):
    """The conversation with the training sergeant after two failed capstones, which opens one more attempt."""

    __tablename__ = "attempt_unlock"

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id", ondelete="RESTRICT"), index=True)
    note: Mapped[str] = mapped_column(Text)
    unlocked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    unlocked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    record_id: Mapped[str] = mapped_column(ForeignKey("ledger_entry.record_id", ondelete="RESTRICT"), unique=True)
