"""A requirement's rule: how its JSON is read, and whom it is for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lms.schedule.rules.spaced import SPACED_DAYS

BASES = ("hire", "calendar", "anniversary", "completion")
EARLY = ("counts", "ignored")
LONGEST_DAYS = 3650
_KEYS = frozenset({
    "basis", "starts_on", "due_days", "due", "opens", "window_days", "announce_days", "grace_days",
    "min_active_months", "early", "years", "audience", "days",
})  # fmt: skip
_AUDIENCE_KEYS = frozenset({"ranks", "unit_ids", "flags"})


class RuleError(ValueError):
    """A rule cannot be used; the sentence names the key and what it must be."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a requirement is for: everybody, or those who match every list that is not empty."""

    ranks: frozenset[str] = frozenset()
    unit_ids: frozenset[int] = frozenset()
    flags: frozenset[str] = frozenset()

    @property
    def is_everybody(self) -> bool:
        """True where the whole department is meant."""
        return not (self.ranks or self.unit_ids or self.flags)

    def includes(self, *, rank: str, unit_id: int, flags: Collection[str]) -> bool:
        """Whether somebody of this rank and unit, with these assignment flags, is meant."""
        return (
            (not self.ranks or rank in self.ranks)
            and (not self.unit_ids or unit_id in self.unit_ids)
            and (not self.flags or not self.flags.isdisjoint(flags))
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """The dates of a requirement.

    ``basis`` ``hire``: due ``due_days`` after service began (or after ``starts_on``, for those who were here
    before the requirement). ``calendar``: due every ``years`` on the month and day ``due``. ``anniversary``: due
    ``years`` after the last completion. An assignment opens ``window_days`` before it is due (or on the month
    and day ``opens`` of the due year) and is made ``announce_days`` before that. ``completion``: no assignment at
    all; spaced sets are offered so many ``days`` after each completion.
    """

    basis: str
    starts_on: date
    due_days: int = 30
    due: tuple[int, int] = (12, 31)
    opens: tuple[int, int] | None = None
    window_days: int = 90
    announce_days: int = 30
    grace_days: int = 14
    min_active_months: int = 0
    early: str = "ignored"
    years: int = 1
    days: tuple[int, ...] = SPACED_DAYS
    audience: Audience = field(default_factory=Audience)


def parse_rule(raw: Mapping[str, Any]) -> Rule:
    """Reads the JSON of ``RequirementVersion.rule``. Raises RuleError for anything that it does not know."""
    unknown = set(raw) - _KEYS
    if unknown:
        raise RuleError(f"The rule has unknown keys: {', '.join(sorted(unknown))}.")
    basis = _choice(raw, "basis", BASES)
    opens = raw.get("opens")
    return Rule(
        basis=basis,
        starts_on=_date(raw, "starts_on"),
        due_days=_number(raw, "due_days", 30, 1, LONGEST_DAYS),
        due=_month_day(raw.get("due", "12-31"), "due"),
        opens=None if opens is None else _month_day(opens, "opens"),
        window_days=_number(raw, "window_days", 90, 0, LONGEST_DAYS),
        announce_days=_number(raw, "announce_days", 30, 0, LONGEST_DAYS),
        grace_days=_number(raw, "grace_days", 14, 0, LONGEST_DAYS),
        min_active_months=_number(raw, "min_active_months", 0, 0, 120),
        early=_choice(raw, "early", EARLY, "ignored"),
        years=_number(raw, "years", 1, 1, 10),
        days=_days(raw.get("days", SPACED_DAYS)),
        audience=parse_audience(raw.get("audience", {})),
    )


def _choice(raw: Mapping[str, Any], key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
    value = raw.get(key, default)
    if value not in allowed:
        raise RuleError(f"{key} must be one of {', '.join(allowed)}; it is {value!r}.")
    return str(value)


def _number(raw: Mapping[str, Any], key: str, default: int, low: int, high: int) -> int:
    value = raw.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise RuleError(f"{key} must be a whole number from {low} to {high}; it is {value!r}.")
    return value


def _days(value: object) -> tuple[int, ...]:
    """Whole numbers of days, each more than the one before."""
    days = tuple(value) if isinstance(value, list | tuple) else ()
    whole = all(isinstance(day, int) and not isinstance(day, bool) and 0 < day <= LONGEST_DAYS for day in days)
    if not days or not whole or list(days) != sorted(set(days)):
        raise RuleError(f"days must be whole numbers, each more than the one before; it is {value!r}.")
    return days


def _date(raw: Mapping[str, Any], key: str) -> date:
    try:
        return date.fromisoformat(raw[key])
    except (KeyError, TypeError, ValueError) as error:
        raise RuleError(f"{key} must be a date such as 2026-01-01; it is {raw.get(key)!r}.") from error


def _month_day(value: object, key: str) -> tuple[int, int]:
    """``MM-DD``. 29 February is refused: it is not in every year."""
    try:
        day = date.fromisoformat(f"2001-{value}")
    except ValueError as error:
        raise RuleError(f"{key} must be a month and a day such as 12-31; it is {value!r}.") from error
    return day.month, day.day


def parse_audience(raw: object) -> Audience:
    """Reads the part of a rule that says whom it is for. Raises RuleError."""
    if not isinstance(raw, Mapping) or set(raw) - _AUDIENCE_KEYS:
        raise RuleError("audience may name ranks, unit_ids and flags, each a list.")
    lists = {key: raw.get(key, []) for key in _AUDIENCE_KEYS}
    if any(not isinstance(value, list | tuple) for value in lists.values()):
        raise RuleError("audience may name ranks, unit_ids and flags, each a list.")
    return Audience(
        ranks=frozenset(map(str, lists["ranks"])),
        unit_ids=frozenset(map(int, lists["unit_ids"])),
        flags=frozenset(map(str, lists["flags"])),
    )
