"""Changes of the outbox: putting a letter in, and delivering what is due.

``deliver`` commits on its own, unlike every other action, because a letter cannot be taken back: it must be
known to be on its way *before* it leaves. Each letter goes claim → commit → send → mark → commit. Whoever
dies in between leaves a claimed letter behind, which is never sent again (at most once); after an hour it is
reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import uuid4

import structlog
from sqlalchemy import CursorResult, Update, case, update
from sqlalchemy.exc import IntegrityError

from lms import clock
from lms.db import db
from lms.notify import queries, rules
from lms.notify.failures import DeliveryFailure, TemporaryFailure, UncertainFailure, Unreachable
from lms.notify.models import OutboxMessage
from lms.notify.rules import Parcel
from lms.notify.transport import Transport

log = structlog.get_logger(__name__)

Eligible = Mapping[str, Callable[[OutboxMessage], str | None]]
"""Per topic, its owner's answer at the moment of sending: why not to send, or None. Others are sent."""
REMOVED = "(This letter held a one-time link, which is not kept.)"


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one run of ``deliver`` did. ``failed`` counts failed tries, also those that will be repeated."""

    sent: int = 0
    dropped: int = 0
    failed: int = 0

    def __str__(self) -> str:
        return f"{self.sent} sent, {self.dropped} dropped, {self.failed} failed"


def enqueue(
    *,
    person_id: int | None,
    to_address: str,
    topic: str,
    topic_id: int | None,
    stage: str,
    subject: str,
    body_text: str,
    dedupe_key: str,
    not_before: datetime | None = None,
    confidential: bool = False,
) -> OutboxMessage | None:
    """Puts a letter into the outbox, in the caller's transaction. None where the key was used before.

    A line break in the subject becomes a space. An address that cannot be used does not stop the caller's change:
    the letter is kept as failed, where the training sergeant sees it. ``confidential`` is for a body with a secret.
    """
    if queries.find_message(dedupe_key) is not None:
        return None
    now = clock.now()
    message = OutboxMessage(
        person_id=person_id,
        dedupe_key=dedupe_key,
        topic=topic,
        topic_id=topic_id,
        stage=stage,
        to_address=rules.header_text(to_address)[:254],
        subject=rules.header_text(subject),
        body_text=body_text,
        message_id=f"rollcall.{uuid4().hex}",
        created_at=now,
        not_before=not_before or now,
        confidential=confidential,
    )
    if not rules.sound_address(to_address):
        message.dropped_at, message.failed = now, True
        message.outcome = "This is not an email address. Correct it on the roster."
        message.body_text = REMOVED if confidential else body_text
    try:
        with db.session.begin_nested():
            db.session.add(message)
    except IntegrityError:
        return None
    return message


def deliver(*, transport: Transport, eligible: Eligible, now: datetime, limit: int = 200) -> Delivered:
    """Sends up to ``limit`` letters that are due; safe to run in several processes at once.

    Stops early where the mail server cannot be reached, since every other letter would fail as well.
    """
    _give_up_uncertain(now)
    ids = queries.list_due_ids(now, limit)
    db.session.rollback()
    sent = dropped = failed = 0
    try:
        for message_id in ids:
            parcel = _claim(message_id, eligible, now)
            if parcel is None:
                continue
            if isinstance(parcel, str):
                dropped += 1
                continue
            failure = _try(transport, parcel)
            gone_on = _settle(message_id, failure, now)
            sent += failure is None
            failed += failure is not None
            dropped += failure is not None and not gone_on
            if isinstance(failure, Unreachable):
                break
    finally:
        transport.close()
    return Delivered(sent, dropped, failed)


def _claim(message_id: int, eligible: Eligible, now: datetime) -> Parcel | str | None:
    """Takes the letter for this process and commits that.

    Gives the parcel to send, the reason why it was dropped, or None where another process has it.
    """
    if not _changed(
        update(OutboxMessage)
        .where(
            OutboxMessage.id == message_id,
            OutboxMessage.claimed_at.is_(None),
            OutboxMessage.sent_at.is_(None),
            OutboxMessage.dropped_at.is_(None),
        )
        .values(claimed_at=now, tries=OutboxMessage.tries + 1)
    ):
        db.session.rollback()
        return None
    message = queries.get_message(message_id)
    asks = eligible.get(message.topic)
    reason = None if asks is None else asks(message)
    if reason is not None:
        _drop(message_id, reason, now, failed=False)
        db.session.commit()
        return reason
    parcel = Parcel(
        message.to_address,
        message.subject,
        message.body_text,
        message.message_id,
        created_at=message.created_at,
    )
    db.session.commit()
    return parcel


def _try(transport: Transport, parcel: Parcel) -> DeliveryFailure | None:
    """Sends, with no transaction open. A fault of the program leaves the letter's fate unknown."""
    try:
        transport.send(parcel)
    except DeliveryFailure as failure:
        return failure
    except Exception as error:
        log.exception("delivery_fault", message_id=parcel.message_id)
        return UncertainFailure(f"{type(error).__name__} in the program")
    return None


def _settle(message_id: int, failure: DeliveryFailure | None, now: datetime) -> bool:
    """Keeps the outcome and commits it. True where the letter was sent or will be tried again."""
    if failure is None:
        _changed(
            update(OutboxMessage)
            .where(OutboxMessage.id == message_id)
            .values(sent_at=clock.now(), outcome="Sent.", body_text=_body_kept())
        )
        db.session.commit()
        return True
    tries = queries.get_message(message_id).tries
    pause = rules.pause_after(tries) if isinstance(failure, TemporaryFailure) else None
    if pause is not None:
        _changed(
            update(OutboxMessage)
            .where(OutboxMessage.id == message_id)
            .values(claimed_at=None, not_before=now + pause, outcome=f"Try {tries} of {rules.TRIES}: {failure}")
        )
    elif isinstance(failure, UncertainFailure):
        _drop(message_id, f"{rules.MAY_HAVE_BEEN_SENT} ({failure})", now, failed=True)
    elif isinstance(failure, TemporaryFailure):
        _drop(message_id, f"Given up after {tries} tries: {failure}", now, failed=True)
    else:
        _drop(message_id, str(failure), now, failed=True)
    db.session.commit()
    return pause is not None


def _give_up_uncertain(now: datetime) -> None:
    """Reports letters that somebody claimed and never settled: a process died while it sent them."""
    _changed(
        update(OutboxMessage)
        .where(
            OutboxMessage.sent_at.is_(None),
            OutboxMessage.dropped_at.is_(None),
            OutboxMessage.claimed_at < now - rules.UNCERTAIN_AFTER,
        )
        .values(dropped_at=now, failed=True, outcome=rules.MAY_HAVE_BEEN_SENT, body_text=_body_kept())
    )
    db.session.commit()


def _drop(message_id: int, outcome: str, now: datetime, *, failed: bool) -> None:
    _changed(
        update(OutboxMessage)
        .where(OutboxMessage.id == message_id)
        .values(dropped_at=now, failed=failed, outcome=outcome, body_text=_body_kept())
    )


def _body_kept() -> Any:
    """The body as it stays once a letter is done with: a secret does not."""
    return case((OutboxMessage.confidential, REMOVED), else_=OutboxMessage.body_text)


def _changed(statement: Update) -> bool:
    """Runs an update past the identity map; whether it found its row."""
    options = {"synchronize_session": False, "populate_existing": True}
    result = cast(CursorResult[Any], db.session.execute(statement.execution_options(**options)))
    db.session.expire_all()
    return result.rowcount > 0
