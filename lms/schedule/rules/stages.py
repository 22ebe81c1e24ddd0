"""Which notice about an assignment fits today, and the key that keeps it from being sent twice."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum


class Stage(StrEnum):
    """The notices about one assignment, in their order."""

    OPENS = "opens"
    DAYS_30 = "30_days"
    DAYS_7 = "7_days"
    TOMORROW = "due_tomorrow"
    OVERDUE = "overdue"


class NoReminder(StrEnum):
    """Why somebody is not reminded by hand today."""

    TODAY = "today"
    CLOSED = "closed"
    WITNESSES = "witnesses"
    ON_LEAVE = "on_leave"
    NOT_YET_OPEN = "not_yet_open"
    SEPARATED = "separated"


NO_REMINDER = {
    NoReminder.TODAY: "a reminder went out today already; the next may go out tomorrow",
    NoReminder.CLOSED: "the training is closed",
    NoReminder.WITNESSES: "nothing is left to do; the witnesses have to confirm",
    NoReminder.ON_LEAVE: "nothing is due while somebody is on leave",
    NoReminder.NOT_YET_OPEN: "the training is not open yet",
    NoReminder.SEPARATED: "no one is written to who no longer works here",
}
"""The same in words that go on after "because"."""

STAGES = tuple(Stage)
SUPERVISOR_STAGE = "overdue_supervisor"
REMINDER_STAGE = "reminder"
_DAYS_BEFORE = {Stage.TOMORROW: 1, Stage.DAYS_7: 7, Stage.DAYS_30: 30}


def stage_of(opens_on: date, due_on: date, today: date) -> Stage | None:
    """The newest notice that fits; None before the assignment opens.

    Only this one is sent, however many were missed. Where the window is so short that a notice would come on or
    before the day of opening, "opens" says it already.
    """
    if today < opens_on:
        return None
    if today > due_on:
        return Stage.OVERDUE
    for stage, days in _DAYS_BEFORE.items():
        begins = due_on - timedelta(days=days)
        if today >= begins > opens_on:
            return stage
    return Stage.OPENS


def dedupe_key(assignment_id: int, stage: str, due_on: date, original_due_on: date) -> str:
    """One key for each notice of each due date; that an assignment opens is told once, whatever moves later."""
    key = f"assignment:{assignment_id}:{stage}"
    return key if stage == Stage.OPENS or due_on == original_due_on else f"{key}:{due_on.isoformat()}"
