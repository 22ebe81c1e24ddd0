"""Pure decisions about anchors: when to ask, when to ask again, and whether an answer's time can be kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from lms.ledger.rules.brackets import SKEW

RECORD_KIND = "ledger.anchored"
"""Records of this kind alone never call for an anchor, or anchoring would anchor itself for ever."""
STAMP = "rfc3161"
MAIL = "mail"
EVERY = timedelta(hours=1)
"""How often a witness is asked while there is something new."""
_PAUSES = (
    timedelta(minutes=10),
    timedelta(minutes=20),
    timedelta(minutes=40),
    timedelta(hours=1),
    timedelta(hours=2),
)
LONGEST_PAUSE = timedelta(hours=4)
"""An authority that fails is asked again for ever, but no more often than this in the end."""


@dataclass(frozen=True, slots=True)
class Course:
    """How it stands with one witness: what it has, and the tries since."""

    anchored_size: int = 0
    asked_at: datetime | None = None
    """When it was last asked, whether it answered or not."""
    failed_tries: int = 0


def pause_after(failed_tries: int) -> timedelta:
    """How long to wait after so many tries that failed one after another; the usual hour after none."""
    if failed_tries <= 0:
        return EVERY
    return _PAUSES[failed_tries - 1] if failed_tries <= len(_PAUSES) else LONGEST_PAUSE


def next_ask(course: Course) -> datetime | None:
    """The moment from which the witness may be asked again; None: at once."""
    return None if course.asked_at is None else course.asked_at + pause_after(course.failed_tries)


def is_due(course: Course, now: datetime, news: bool) -> bool:
    """Whether to ask now. ``news``: there are records beyond its anchor that are not themselves about anchors.

    A try that lies in the future (the clock went back) holds nothing up.
    """
    if not news:
        return False
    again = next_ask(course)
    return again is None or again <= now or (course.asked_at is not None and course.asked_at > now)


def clock_fault(stamped_at: datetime, sealed_at: datetime) -> str | None:
    """Why a stamp's time cannot stand for this sealing, or None. It brackets records only while the two agree.

    A stamp that comes late would date records, added between sealing and stamp, before a checkpoint without
    them; one that comes early says that this machine's clock is ahead.
    """
    apart = stamped_at - sealed_at
    if abs(apart) <= SKEW:
        return None
    way = "ahead of" if apart > timedelta(0) else "behind"
    return (
        f"The authority's clock is {_minutes(abs(apart))} {way} this machine's, so the stamp was not kept. "
        "Set this machine's clock right (a time service such as NTP)."
    )


def _minutes(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{minutes // 60} hours" if minutes < 48 * 60 else f"{minutes // 1440} days"
