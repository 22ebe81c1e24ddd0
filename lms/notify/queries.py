"""Reads of the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select

from lms.db import db
from lms.errors import NotFound
from lms.notify.models import OutboxMessage
from lms.notify.rules import State


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """Which letters to list; what is None does not narrow."""

    state: State | None = None
    topic: str | None = None
    topic_id: int | None = None
    stage: str | None = None
    person_id: int | None = None
    since: datetime | None = None


ALL = MessageFilter()


def state_is(state: State) -> ColumnElement[bool]:
    """SQL condition; the same decision as ``rules.state_of``."""
    sent, dropped = OutboxMessage.sent_at.is_not(None), OutboxMessage.dropped_at.is_not(None)
    claimed, pending = OutboxMessage.claimed_at.is_not(None), and_(~sent, ~dropped)
    return {
        State.SENT: sent,
        State.DROPPED: and_(~sent, dropped, ~OutboxMessage.failed),
        State.FAILED: and_(~sent, dropped, OutboxMessage.failed),
        State.SENDING: and_(pending, claimed),
        State.RETRYING: and_(pending, ~claimed, OutboxMessage.tries > 0),
        State.WAITING: and_(pending, ~claimed, OutboxMessage.tries == 0),
    }[state]


def list_messages(filters: MessageFilter = ALL, *, limit: int = 50, offset: int = 0) -> Sequence[OutboxMessage]:
    """Letters, newest first. Never show ``body_text`` of a confidential one."""
    return db.session.scalars(
        select(OutboxMessage)
        .where(*_conditions(filters))
        .order_by(OutboxMessage.created_at.desc(), OutboxMessage.id.desc())
        .limit(limit)
        .offset(offset)
    ).all()


def count_messages(filters: MessageFilter = ALL) -> int:
    """How many letters the filter finds."""
    return db.session.scalar(select(func.count()).select_from(OutboxMessage).where(*_conditions(filters))) or 0


def list_failed(*, since: datetime | None = None, limit: int = 50) -> Sequence[OutboxMessage]:
    """Letters that should have gone and did not, or may not have, newest first."""
    return list_messages(MessageFilter(state=State.FAILED, since=since), limit=limit)


def count_failed(*, since: datetime | None = None) -> int:
    """How many ``list_failed`` would find."""
    return count_messages(MessageFilter(state=State.FAILED, since=since))


def get_message(message_id: int) -> OutboxMessage:
    """By its row id. Raises NotFound."""
    message = db.session.get(OutboxMessage, message_id)
    if message is None:
        raise NotFound("There is no such letter.")
    return message


def find_message(dedupe_key: str) -> OutboxMessage | None:
    """By the key that makes a second copy impossible."""
    return db.session.scalar(select(OutboxMessage).where(OutboxMessage.dedupe_key == dedupe_key))


def list_due_ids(now: datetime, limit: int) -> Sequence[int]:
    """Letters to send now, those that wait longest first."""
    return db.session.scalars(
        select(OutboxMessage.id)
        .where(
            OutboxMessage.sent_at.is_(None),
            OutboxMessage.dropped_at.is_(None),
            OutboxMessage.claimed_at.is_(None),
            OutboxMessage.not_before <= now,
        )
        .order_by(OutboxMessage.not_before, OutboxMessage.id)
        .limit(limit)
    ).all()


def _conditions(filters: MessageFilter) -> list[ColumnElement[bool]]:
    conditions = [] if filters.state is None else [state_is(filters.state)]
    for column, wanted in (
        (OutboxMessage.topic, filters.topic),
        (OutboxMessage.topic_id, filters.topic_id),
        (OutboxMessage.stage, filters.stage),
        (OutboxMessage.person_id, filters.person_id),
    ):
        if wanted is not None:
            conditions.append(column == wanted)
    if filters.since is not None:
        conditions.append(OutboxMessage.created_at >= filters.since)
    return conditions
