"""The outbox: letters written in the transaction of the change that they tell of."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import Base, UtcDateTime


class OutboxMessage(Base):
    """One letter to one person. ``dedupe_key`` makes a second copy of the same notice impossible.

    ``topic`` and ``topic_id`` say what the letter is about (``assignment`` and its id, say), so that
    eligibility can be asked again at the moment of sending by whoever owns the topic.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index("ix_outbox_message_waiting", "sent_at", "dropped_at", "not_before"),
        Index("ix_outbox_message_topic", "topic", "topic_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    dedupe_key: Mapped[str] = mapped_column(String(120), unique=True)
    topic: Mapped[str] = mapped_column(String(30))
    topic_id: Mapped[int | None] = mapped_column(Integer)
    stage: Mapped[str] = mapped_column(String(30))
    to_address: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    body_text: Mapped[str] = mapped_column(Text)
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    """The part before the ``@`` of the Message-ID (RFC 5322, 3.6.4); a second copy would show by it."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Set and committed before the letter is handed over, so that a crash never leads to a second copy."""
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dropped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was decided not to send: the person is no longer to be told, or every try failed."""
    failed: Mapped[bool] = mapped_column(Boolean, default=False)
    """With ``dropped_at``: the letter should have gone and did not, or nobody knows; somebody has to look."""
    confidential: Mapped[bool] = mapped_column(Boolean, default=False)
    """The body holds a secret, such as a one-time link: never shown, and emptied once sent or dropped."""
    outcome: Mapped[str] = mapped_column(Text, default="")
