"""The state of an assignment, derived from its dates and never stored (domain.md, "Rules")."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

DUE_SOON_DAYS = 30
"""An open assignment is "due soon" from this many days before its due date."""

PATHS = ("full", "test_out", "refresher", "spaced")
"""``spaced`` is the path of a requirement that makes no assignments: sets are offered after any completion."""
_COVERS = {
    "full": frozenset(PATHS),
    "refresher": frozenset({"refresher", "test_out", "spaced"}),
    "test_out": frozenset({"test_out", "spaced"}),
}


class State(StrEnum):
    """What a page says of an assignment."""

    NOT_YET_OPEN = "not_yet_open"
    OPEN = "open"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    DELINQUENT = "delinquent"
    AWAITING_WITNESSES = "awaiting_witnesses"
    ON_LEAVE = "on_leave"
    COMPLETED = "completed"
    DECLINED = "declined"
    WAIVED = "waived"
    SEPARATED = "separated"


CLOSED_STATES = frozenset({State.COMPLETED, State.DECLINED, State.WAIVED, State.SEPARATED})
_BY_OUTCOME = {
    "completed": State.COMPLETED,
    "satisfied": State.COMPLETED,
    "declined": State.DECLINED,
    "waived": State.WAIVED,
    "separated": State.SEPARATED,
}


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates that an assignment is made with. ``counts_from_on`` None means from the day that it opens."""

    opens_on: date
    due_on: date
    grace_until: date
    valid_through: date | None = None
    counts_from_on: date | None = None


@dataclass(frozen=True, slots=True)
class AssignmentDates:
    """What the state of an assignment follows from. All dates are inclusive local dates of the department."""

    opens_on: date
    due_on: date
    grace_until: date
    outcome: str | None = None
    awaiting_witnesses: bool = False


def state_of(dates: AssignmentDates, today: date, on_leave: bool = False, separated: bool = False) -> State:
    """The one state on ``today``.

    How it ended beats everything; then what the person cannot change (separated, witnesses, leave); then the
    dates. ``lms.training.queries.state_expression`` says the same in SQL; a test holds the two together.
    """
    if dates.outcome is not None:
        return _BY_OUTCOME[dates.outcome]
    if separated:
        return State.SEPARATED
    if dates.awaiting_witnesses:
        return State.AWAITING_WITNESSES
    if on_leave:
        return State.ON_LEAVE
    if today > dates.grace_until:
        return State.DELINQUENT
    if today > dates.due_on:
        return State.OVERDUE
    if today < dates.opens_on:
        return State.NOT_YET_OPEN
    return State.DUE_SOON if (dates.due_on - today).days <= DUE_SOON_DAYS else State.OPEN


def why_not_workable(dates: AssignmentDates, counts_from_on: date, today: date) -> str | None:
    """Why nothing can be done in an assignment today, in a sentence for the person; None where it can.

    Work may begin before the window opens only on days from which a completion already counts.
    """
    if dates.outcome is not None:
        return "This training is closed. You can still read it, and your record shows how it ended."
    if dates.awaiting_witnesses:
        return "You declined to sign. Two witnesses confirm that; nothing more is left for you to do here."
    if today < dates.opens_on and today < counts_from_on:
        return "This training is not open yet. Work done now would not count, so it cannot be started."
    return None


def covers(done_path: str, other_path: str) -> bool:
    """Whether going through a course on one path is at least what the other path asks.

    The full course covers everything. A refresher (what changed, capstone, signature) covers a test-out; a
    test-out shows nothing of what changed, so it covers only another test-out.
    """
    return other_path in _COVERS[done_path]
