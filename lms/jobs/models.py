"""What the worker did: one row a run, so that every job can show its last run and outcome."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import Base, UtcDateTime


class JobRun(Base):
    """One run of one job."""

    __tablename__ = "job_run"
    __table_args__ = (Index("ix_job_run_name_started_at", "name", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(Text, default="")
    failed: Mapped[bool] = mapped_column(default=False)
