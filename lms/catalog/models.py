"""Tables of the catalog: courses, their immutable published versions, and the parts of each."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.db import Base, UtcDateTime
from lms.policy.models import PolicyVersion


class Course(Base):
    """A course, such as the training on SOP 110."""

    __tablename__ = "course"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)


class CourseVersion(Base):
    """One published state of a course. ``sha256`` is over the canonical list of its parts and their hashes.

    Content that was replaced may come back as a version of its own, so that a hash may stand here twice.
    """

    __tablename__ = "course_version"
    __table_args__ = (UniqueConstraint("course_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="RESTRICT"))
    number: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(200))
    policy_version_id: Mapped[int] = mapped_column(ForeignKey("policy_version.id", ondelete="RESTRICT"))
    sha256: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    record_id: Mapped[str] = mapped_column(ForeignKey("ledger_entry.record_id", ondelete="RESTRICT"), unique=True)

    course: Mapped[Course] = relationship(lazy="raise")
    policy_version: Mapped[PolicyVersion] = relationship(lazy="raise")


class ContentPart(Base):
    """One part of a version: ``course``, ``module``, ``lesson``, ``scenario``, ``item`` or ``form``."""

    __tablename__ = "content_part"
    __table_args__ = (UniqueConstraint("course_version_id", "kind", "ref"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_version_id: Mapped[int] = mapped_column(ForeignKey("course_version.id", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(String(20))
    ref: Mapped[str] = mapped_column(String(120))
    position: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(Text)
    """RFC 8785 JSON of the part."""
