"""Who looked at whose records, for what purpose."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import Base, UtcDateTime


class RecordLook(Base):
    """One look at a person's records (or an export over many), with the purpose the reader stated."""

    __tablename__ = "record_look"
    __table_args__ = (Index("ix_record_look_subject_id_looked_at", "subject_id", "looked_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reader_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    """Whose records; empty for an export over a period."""
    what: Mapped[str] = mapped_column(String(200))
    purpose: Mapped[str] = mapped_column(Text)
    looked_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    record_id: Mapped[str] = mapped_column(ForeignKey("ledger_entry.record_id", ondelete="RESTRICT"), unique=True)
    """The look's own ledger record, or that of the export that it was for."""
