"""Tables of attestation: signed and declined statements, witnesses, questions asked at signing."""

from __future__ import annotations

from datetime import date, datetime

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

from lms.catalog.models import CourseVersion
from lms.db import Base, UtcDateTime
from lms.policy.models import PolicyVersion
from lms.roster.models import Person
from lms.training.models import Assignment


class Attestation(Base):
    """What a person signed, or declined to sign, exactly as shown. One for each assignment, never changed."""

    __tablename__ = "attestation"
    __table_args__ = (
        CheckConstraint("outcome IN ('signed', 'declined')", name="outcome"),
        Index("ix_attestation_attested_at", "attested_at"),
        Index("ix_attestation_person_id_attested_at", "person_id", "attested_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id", ondelete="RESTRICT"), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    policy_version_id: Mapped[int] = mapped_column(ForeignKey("policy_version.id", ondelete="RESTRICT"))
    course_version_id: Mapped[int] = mapped_column(ForeignKey("course_version.id", ondelete="RESTRICT"))
    outcome: Mapped[str] = mapped_column(String(20))
    statement: Mapped[str] = mapped_column(Text)
    training_named: Mapped[str] = mapped_column(Text)
    """The training named below the statement, as shown."""
    printed_name: Mapped[str] = mapped_column(String(170))
    badge: Mapped[str] = mapped_column(String(20))
    method: Mapped[str] = mapped_column(String(30))
    """How the person proved who they were: password, password_totp, passkey; for a decline, session."""
    on_duty: Mapped[bool] = mapped_column(Boolean)
    reservation: Mapped[str] = mapped_column(Text, default="")
    """The question or reservation written beside the signature, or the reason given for declining."""
    score: Mapped[int] = mapped_column(Integer)
    score_total: Mapped[int] = mapped_column(Integer)
    capstone_record_id: Mapped[str] = mapped_column(ForeignKey("ledger_entry.record_id", ondelete="RESTRICT"))
    attested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    idempotency_key: Mapped[str] = mapped_column(String(64), unique=True)
    record_id: Mapped[str] = mapped_column(ForeignKey("ledger_entry.record_id", ondelete="RESTRICT"), unique=True)

    person: Mapped[Person] = relationship(lazy="raise")
    assignment: Mapped[Assignment] = relationship(lazy="raise")
    policy_version: Mapped[PolicyVersion] = relationship(lazy="raise")
    course_version: Mapped[CourseVersion] = relationship(lazy="raise")


class PolicyReading(Base):
    """What changed in the policy since the last signature, read and confirmed; one for each text in an assignment.

    ``since`` is the signature that the text was compared with; None where the person had never signed.
    """

    __tablename__ = "policy_reading"
    __table_args__ = (UniqueConstraint("assignment_id", "policy_version_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id", ondelete="RESTRICT"))
    policy_version_id: Mapped[int] = mapped_column(ForeignKey("policy_version.id", ondelete="RESTRICT"))
    since_id: Mapped[int | None] = mapped_column(ForeignKey("attestation.id", ondelete="RESTRICT"))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    record_id: Mapped[str] = mapped_column(ForeignKey("ledger_entry.record_id", ondelete="RESTRICT"), unique=True)

    assignment: Mapped[Assignment] = relationship(lazy="raise")
    policy_version: Mapped[PolicyVersion] = relationship(lazy="raise")
    since: Mapped[Attestation | None] = relationship(lazy="raise")


class Witness(Base):
    """One of the two people who confirm, each from their own sign-in, that a person declined to sign."""

    __tablename__ = "witness"
    __table_args__ = (UniqueConstraint("attestation_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attestation_id: Mapped[int] = mapped_column(ForeignKey("attestation.id", ondelete="RESTRICT"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    named_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    record_id: Mapped[str | None] = mapped_column(
        ForeignKey("ledger_entry.record_id", ondelete="RESTRICT"), unique=True
    )

    attestation: Mapped[Attestation] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise")


class SigningQuestion(Base):
    """A question or reservation from a signature, on its way to an answer by the training sergeant."""

    __tablename__ = "signing_question"

    id: Mapped[int] = mapped_column(primary_key=True)
    attestation_id: Mapped[int] = mapped_column(ForeignKey("attestation.id", ondelete="RESTRICT"), unique=True)
    text: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer_by: Mapped[date] = mapped_column(Date)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    answer: Mapped[str] = mapped_column(Text, default="")
    record_id: Mapped[str | None] = mapped_column(
        ForeignKey("ledger_entry.record_id", ondelete="RESTRICT"), unique=True
    )

    attestation: Mapped[Attestation] = relationship(lazy="raise")


class SigningDraft(Base):
    """What a person typed on the page of an act (sign, decline) that was refused. Never a password, never evidence."""

    __tablename__ = "signing_draft"
    __table_args__ = (UniqueConstraint("assignment_id", "act"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id", ondelete="RESTRICT"))
    act: Mapped[str] = mapped_column(String(10))
    typed: Mapped[dict[str, str]] = mapped_column(JSON)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PreparedSignature(Base):
    """A record that waits for a passkey's signature; one for each assignment, for a few minutes. Never evidence."""

    __tablename__ = "prepared_signature"

    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id", ondelete="RESTRICT"), primary_key=True)
    content: Mapped[str] = mapped_column(Text)
    """The text of ``lms.ledger.actions.Prepared``."""
    prepared_at: Mapped[datetime] = mapped_column(UtcDateTime)
