"""What the schedule needs to know of one person, as frozen facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Completion:
    """The course was gone through, signed or not: on which date, path and cadence."""

    done_on: date
    path: str
    cadence: str


@dataclass(frozen=True, slots=True)
class Past:
    """An assignment of this requirement that exists. ``due_on`` is the date with all extensions.

    ``done_on`` is the local date on which it ended as completed, declined or satisfied; ``outcome`` is None while
    it is open.
    """

    cycle: str
    opens_on: date
    original_due_on: date
    due_on: date
    outcome: str | None = None
    done_on: date | None = None


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """One person and one requirement. ``known_since`` is the day on which the roster first had the person."""

    service_began_on: date
    known_since: date
    rehired: bool = False
    history: tuple[Past, ...] = ()
    completions: tuple[Completion, ...] = ()

    def has(self, cycle: str) -> bool:
        """Whether an assignment of this cycle exists, however it ended."""
        return any(past.cycle == cycle for past in self.history)
