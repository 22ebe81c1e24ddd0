"""The one source of time.

Every action asks this module, so that tests and the demonstration's history can run under a simulated clock.
Times are timezone-aware UTC with microseconds; dates are local dates of the department.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_simulated: ContextVar[datetime | None] = ContextVar("simulated_now", default=None)
_ONE = timedelta(microseconds=1)


def now() -> datetime:
    """The current time, UTC and aware."""
    return _simulated.get() or datetime.now(UTC)


def today(zone: str) -> date:
    """The current local date in the IANA time zone ``zone``."""
    return now().astimezone(ZoneInfo(zone)).date()


def local_date(moment: datetime, zone: str) -> date:
    """The local date of a UTC ``moment`` in the IANA time zone ``zone``."""
    return moment.astimezone(ZoneInfo(zone)).date()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Runs the block as if it were ``moment`` (aware)."""
    if moment.tzinfo is None:
        raise ValueError("A simulated clock needs an aware time.")
    token = _simulated.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _simulated.reset(token)


def tick() -> None:
    """Moves a simulated clock on by one microsecond, so that two acts never share a time; real time moves itself."""
    moment = _simulated.get()
    if moment is not None:
        _simulated.set(moment + _ONE)
