"""Pure decisions of reporting: what is current, how states are grouped, and the curve toward the due date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lms.dates import add_years
from lms.training.rules import State

LATE = frozenset({State.OVERDUE, State.DELINQUENT})
TO_DO = frozenset({State.OPEN, State.DUE_SOON, *LATE, State.AWAITING_WITNESSES})
DONE = frozenset({State.COMPLETED, State.DECLINED})
REMINDABLE = TO_DO - {State.AWAITING_WITNESSES}
"""States in which a reminder reaches somebody who can act on it."""
COUNTED = TO_DO | DONE
"""What a share of completion is taken of: nobody on leave, waived, or whose window has not opened."""

GROUPS: Mapping[str, tuple[str, frozenset[State]]] = {
    "late": ("Overdue or delinquent", LATE),
    "to_do": ("Not completed yet", TO_DO),
    "done": ("Completed, signed or not", DONE),
    "counted": ("Completed or not completed yet", COUNTED),
}
STATE_WORDS: Mapping[State, str] = {
    State.DELINQUENT: "Delinquent",
    State.OVERDUE: "Overdue",
    State.DUE_SOON: "Due soon",
    State.OPEN: "Open",
    State.AWAITING_WITNESSES: "Awaiting witnesses",
    State.ON_LEAVE: "On leave",
    State.NOT_YET_OPEN: "Not yet open",
    State.COMPLETED: "Completed",
    State.DECLINED: "Completed, unsigned",
    State.WAIVED: "Waived",
    State.SEPARATED: "Separated",
}
"""Every state in its words, most urgent first; the order by which lists sort."""

FIGURES = (
    State.DELINQUENT,
    State.OVERDUE,
    State.DUE_SOON,
    State.OPEN,
    State.AWAITING_WITNESSES,
    State.COMPLETED,
    State.DECLINED,
)
"""What *Today* shows large: together exactly what a share of completion is taken of (COUNTED)."""

WEEKS_AFTER = 4
MOST_WEEKS = 30


@dataclass(frozen=True, slots=True)
class Scope:
    """The day that a report is made for, and the moment from which closed assignments still count as current."""

    today: date
    since: datetime


@dataclass(frozen=True, slots=True)
class UnitShare:
    """How much of a unit's training is done. ``done`` and ``counted`` are numbers of assignments."""

    unit_id: int
    name: str
    done: int
    counted: int


@dataclass(frozen=True, slots=True)
class Counts:
    """All current assignments by state, and by unit."""

    by_state: Mapping[State, int]
    units: tuple[UnitShare, ...]

    def of(self, states: Iterable[State]) -> int:
        """How many are in any of ``states``."""
        return sum(self.by_state[state] for state in states)

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.by_state.values())


@dataclass(frozen=True, slots=True)
class Cycle:
    """One round of a requirement with a due date that is the same for everybody."""

    requirement_id: int
    name: str
    title: str
    opens_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class Curve:
    """Completion by week, in whole percent rounded down; None for a week that has not ended yet."""

    title: str
    labels: tuple[str, ...]
    series: tuple[tuple[str, tuple[int | None, ...]], ...]
    due_index: int


def current_scope(today: date, zone: str) -> Scope:
    """The scope of a report of ``today``: back to the beginning of the same date a year before, local time."""
    return Scope(today, start_of_day(add_years(today, -1), zone))


def start_of_day(day: date, zone: str) -> datetime:
    """The moment at which a local day begins."""
    return datetime.combine(day, time.min, ZoneInfo(zone))


def states_named(name: str) -> frozenset[State]:
    """The states that a filter value stands for: a group, one state, or none for anything else."""
    if name in GROUPS:
        return GROUPS[name][1]
    return frozenset(state for state in State if state.value == name)


def tally(rows: Iterable[tuple[int, str, str, int]]) -> Counts:
    """Adds up rows of (unit id, unit name, state, number)."""
    by_state = dict.fromkeys(STATE_WORDS, 0)
    names: dict[int, str] = {}
    done: dict[int, int] = {}
    counted: dict[int, int] = {}
    for unit_id, name, text, number in rows:
        state = State(text)
        by_state[state] += number
        if state in COUNTED:
            names[unit_id] = name
            counted[unit_id] = counted.get(unit_id, 0) + number
            done[unit_id] = done.get(unit_id, 0) + (number if state in DONE else 0)
    units = sorted(names, key=lambda key: names[key].casefold())
    return Counts(by_state, tuple(UnitShare(key, names[key], done[key], counted[key]) for key in units))


def days_between(due_on: date, today: date) -> tuple[int | None, int | None]:
    """Days late and days left, one of them None; due today is 0 days left."""
    days = (due_on - today).days
    return (-days, None) if days < 0 else (None, days)


def week_ends(cycle: Cycle) -> tuple[date, ...]:
    """The last days of the weeks on the curve, counted from the due date so that two years can be laid together."""
    before = min(MOST_WEEKS, -(-(cycle.due_on - cycle.opens_on).days // 7))
    return tuple(cycle.due_on + timedelta(weeks=week) for week in range(-before, WEEKS_AFTER + 1))


def draw_curve(cycles: Sequence[Cycle], counts: Mapping[str, Sequence[int]], today: date) -> Curve:
    """The newest cycle beside the one before it, week for week before the due date.

    ``counts`` holds for each cycle's name how many were done by the end of each of its weeks, then how many there are.
    """
    newest = cycles[0]
    ends = week_ends(newest)
    due = ends.index(newest.due_on)
    series = []
    for cycle in cycles:
        own_ends = week_ends(cycle)
        *done, total = counts[cycle.name]
        shift = own_ends.index(cycle.due_on) - due
        known = {
            place: 100 * number // total
            for place, (end, number) in enumerate(zip(own_ends, done, strict=True))
            if end < today and total
        }
        series.append((cycle.name, tuple(known.get(place + shift) for place in range(len(ends)))))
    labels = tuple(f"{end:%b} {end.day}" for end in ends)
    return Curve(newest.title, labels, tuple(series), due)
