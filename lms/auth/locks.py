"""Slowing of guesses: failures counted by name in the database, for every process alike.

A name is counted whether or not an account has it, so that a lock says nothing about that.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy import Delete, delete, or_, select
from sqlalchemy.exc import IntegrityError

from lms import clock
from lms.auth import rules
from lms.auth.models import SignInLock
from lms.db import db
from lms.errors import Invalid


class TooManyTries(Invalid):
    """The name is locked for some minutes. An Invalid, so that a form shows it like a wrong password."""


log = structlog.get_logger(__name__)


def refuse_if_locked(name: str, *, field: str | None = None) -> None:
    """Raises TooManyTries with the minutes to wait where the name is locked."""
    _refuse(db.session.get(SignInLock, name), clock.now(), field)


def count_failure(name: str, *, field: str | None = None) -> None:
    """Counts one failure and locks the name where it was one too many. The caller commits.

    Raises TooManyTries where the name is locked already; such a try is not counted, so that a lock always ends.
    """
    now = clock.now()
    row = _row(name, now)
    _refuse(row, now, field)
    row.failures = rules.failures_now(row.failures, row.last_failed_at, now) + 1
    row.last_failed_at = now
    lasts = rules.lock_after(row.failures)
    row.locked_until = None if lasts is None else now + lasts
    db.session.flush()


def forgive(name: str) -> None:
    """Forgets the failures of a name, after a success."""
    db.session.execute(delete(SignInLock).where(SignInLock.name_hash == name))


def forgotten(now: datetime) -> Delete:
    """The statement that removes counts that no longer matter."""
    return delete(SignInLock).where(
        SignInLock.last_failed_at < now - rules.FORGIVEN_AFTER,
        or_(SignInLock.locked_until.is_(None), SignInLock.locked_until < now),
    )


def log_refusal(name: str, ip: str) -> None:
    """One line in the log for each refusal: the name's digest and the address, never what was typed."""
    log.warning("password_refused", name=name[:12], ip=ip)


def _row(name: str, now: datetime) -> SignInLock:
    """The name's row, locked against others who count at the same time; made where there is none."""
    query = select(SignInLock).where(SignInLock.name_hash == name).with_for_update()
    row = db.session.scalar(query)
    if row is not None:
        return row
    try:
        with db.session.begin_nested():
            db.session.add(SignInLock(name_hash=name, failures=0, last_failed_at=now))
    except IntegrityError:
        pass
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def _refuse(row: SignInLock | None, now: datetime, field: str | None) -> None:
    if row is not None and row.locked_until is not None and row.locked_until > now:
        minutes = rules.minutes_left(row.locked_until, now)
        unit = "minute" if minutes == 1 else "minutes"
        raise TooManyTries(f"There were too many wrong passwords. Wait {minutes} {unit}, then try again.", field=field)
