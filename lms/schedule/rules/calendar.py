"""Days given back after a leave, and the hour at which letters leave."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def give_back(due_on: date, leave_start: date, leave_end: date, opens_on: date | None = None) -> date:
    """The due date after a leave (both its dates are days away).

    Leave stops the clock: the days that remained when it began (or when the assignment opened, if that was
    later) remain on the day after it. A leave that ended before the assignment opened, or that began after it
    was due, changes nothing.
    """
    began = leave_start if opens_on is None else max(leave_start, opens_on)
    if began > due_on or leave_end < began:
        return due_on
    return due_on + timedelta(days=(leave_end - began).days + 1)


def local_time(day: date, hour: int, zone: str) -> datetime:
    """The moment of ``hour`` o'clock on a local date; in a gap of daylight saving time, an hour later."""
    return datetime.combine(day, time(hour), tzinfo=ZoneInfo(zone))
