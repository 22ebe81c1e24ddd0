"""Tables of the policy: documents, their published versions, and the clauses of each."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, Date, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.db import Base, UtcDateTime


class PolicyDocument(Base):
    """A policy of the department, such as SOP 110."""

    __tablename__ = "policy_document"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    number: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(200))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))


class PolicyVersion(Base):
    """One published text of a policy. Immutable: ``sha256`` is over ``canonical``.

    A text that was replaced may come back as a version of its own, so that a hash may stand here twice.
    """

    __tablename__ = "policy_version"
    __table_args__ = (UniqueConstraint("document_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("policy_document.id", ondelete="RESTRICT"))
    number: Mapped[int] = mapped_column(Integer)
    effective_on: Mapped[date] = mapped_column(Date)
    revised_on: Mapped[date] = mapped_column(Date)
    review_months: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    canonical: Mapped[str] = mapped_column(Text)
    """RFC 8785 JSON: front matter, headings and clauses in order."""
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    record_id: Mapped[str] = mapped_column(ForeignKey("ledger_entry.record_id", ondelete="RESTRICT"), unique=True)

    document: Mapped[PolicyDocument] = relationship(lazy="raise")


class Clause(Base):
    """One clause of one version, verbatim, under its stable id (``ref``)."""

    __tablename__ = "clause"
    __table_args__ = (UniqueConstraint("version_id", "ref"), UniqueConstraint("version_id", "position"))

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("policy_version.id", ondelete="RESTRICT"))
    ref: Mapped[str] = mapped_column(String(30))
    position: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(Text)
    taught: Mapped[bool] = mapped_column(Boolean)


class PolicyReview(Base):
    """A review of a policy that falls due, is flagged once, and is closed by a decision."""

    __tablename__ = "policy_review"
    __table_args__ = (UniqueConstraint("version_id", "due_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("policy_version.id", ondelete="RESTRICT"))
    due_on: Mapped[date] = mapped_column(Date)
    flagged_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(String(30))
    record_id: Mapped[str] = mapped_column(ForeignKey("ledger_entry.record_id", ondelete="RESTRICT"), unique=True)
