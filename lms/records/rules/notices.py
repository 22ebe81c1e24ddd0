"""Pure decisions of a notice: what a person stood under on one day, and whether he was current.

A notice answers the question of a court or an arbitrator: on this date, what did this officer have notice of?
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lms.training.rules import AssignmentDates, State, state_of

LATE = frozenset({State.OVERDUE, State.DELINQUENT})


@dataclass(frozen=True, slots=True)
class Moved:
    """One change of a due date, in the order in which they were made."""

    until_on: date


@dataclass(frozen=True, slots=True)
class Obligation:
    """An assignment with what was known of it on the day asked for.

    ``closed_on`` and ``awaiting_since`` are local dates or None; ``moves`` holds only what was granted by then.
    """

    title: str
    opens_on: date
    original_due_on: date
    grace: timedelta
    """How long after the due date the grace ends."""
    valid_through: date | None
    moves: tuple[Moved, ...] = ()
    outcome: str | None = None
    closed_on: date | None = None
    awaiting_since: date | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How an assignment stood on the day, by which due date."""

    state: State
    due_on: date


@dataclass(frozen=True, slots=True)
class Currency:
    """Whether the person was current, in a word and in a sentence. ``result`` is ok, bad or waiting."""

    result: str
    title: str
    says: str


def stood(obligation: Obligation, on: date, *, on_leave: bool = False, separated: bool = False) -> Standing:
    """The state on a day in the past, from what was known on that day."""
    due_on = obligation.moves[-1].until_on if obligation.moves else obligation.original_due_on
    closed = obligation.closed_on is not None and obligation.closed_on <= on
    awaiting = obligation.awaiting_since is not None and obligation.awaiting_since <= on
    dates = AssignmentDates(
        opens_on=min(obligation.opens_on, due_on),
        due_on=due_on,
        grace_until=due_on + obligation.grace,
        outcome=obligation.outcome if closed else None,
        awaiting_witnesses=awaiting,
    )
    return Standing(state_of(dates, on, on_leave, separated), due_on)


def currency(obligations: Sequence[Obligation], on: date, *, on_leave: bool, separated: bool) -> Currency:
    """Current means: a completion was in force on that day, and nothing was past its due date."""
    if separated:
        return Currency("waiting", "Not in service", f"The person was not in service on {_day(on)}.")
    standings = [(item, stood(item, on, on_leave=on_leave)) for item in obligations]
    late = [(item, standing) for item, standing in standings if standing.state in LATE]
    if late:
        item, standing = min(late, key=lambda pair: pair[1].due_on)
        return Currency(
            "bad", "Not current", f"“{item.title}” was due on {_day(standing.due_on)} and was not done by {_day(on)}."
        )
    done = [
        item
        for item, standing in standings
        if standing.state in {State.COMPLETED, State.DECLINED} and _in_force(item, on)
    ]
    if not done:
        return Currency(
            "waiting",
            "No training in force",
            f"No completed training was in force on {_day(on)}, and none was past its due date.",
        )
    newest = max(done, key=lambda item: item.closed_on or date.min)
    until = "" if newest.valid_through is None else f", which is good through {_day(newest.valid_through)}"
    done_on = "" if newest.closed_on is None else f" on {_day(newest.closed_on)}"
    leave = " The person was on leave that day." if on_leave else ""
    return Currency(
        "ok", "Current", f"Finished “{newest.title}”{done_on}{until}. Nothing was past its due date.{leave}"
    )


def _in_force(item: Obligation, on: date) -> bool:
    return item.valid_through is None or on <= item.valid_through


def _day(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"
