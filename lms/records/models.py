"""The table of bundles of evidence that were asked for."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.db import Base, UtcDateTime
from lms.ledger.models import BigId
from lms.roster.models import Person


class RecordBundle(Base):
    """One bundle: who asked for what and why, how far it is, and what left. The worker makes it."""

    __tablename__ = "record_bundle"
    __table_args__ = (Index("ix_record_bundle_state", "state", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    """Empty where it was made by the command of the server."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    since_on: Mapped[date | None] = mapped_column(Date)
    until_on: Mapped[date | None] = mapped_column(Date)
    zone: Mapped[str] = mapped_column(String(60))
    redaction: Mapped[str | None] = mapped_column(Text)
    """The redaction file, word for word."""
    purpose: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(10))
    """``waiting``, ``making``, ``ready``, ``refused``, ``removed`` (the file, after some days); ``taking`` and
    ``taken`` where the command of the server writes it to a place of its own."""
    tries: Mapped[int] = mapped_column(Integer, default=0)
    done: Mapped[int] = mapped_column(Integer, default=0)
    total: Mapped[int] = mapped_column(Integer, default=0)
    fault: Mapped[str | None] = mapped_column(Text)
    log: Mapped[str | None] = mapped_column(String(200))
    size: Mapped[int | None] = mapped_column(BigId)
    """The size of the checkpoint over which it is made; kept, so that a second try gives the same bytes."""
    count: Mapped[int | None] = mapped_column(Integer)
    withheld: Mapped[int | None] = mapped_column(Integer)
    bytes: Mapped[int | None] = mapped_column(BigId)
    sha256: Mapped[str | None] = mapped_column(String(64))
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    record_id: Mapped[str | None] = mapped_column(
        ForeignKey("ledger_entry.record_id", ondelete="RESTRICT"), unique=True
    )

    person: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[person_id])
