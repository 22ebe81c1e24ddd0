"""When a spaced set is offered: about 30, 120 and 240 days after a completion.

Practice that comes back in growing steps is kept longer than the same practice at once (Adesope 2017, g ≈ 0.51).
A set is an offer: it opens, it waits, and where nobody takes it, it goes away without a trace.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

SPACED_DAYS = (30, 120, 240)


@dataclass(frozen=True, slots=True)
class SetPlan:
    """A set to be offered: which one after the completion, and its first and last day."""

    number: int
    opens_on: date
    closes_on: date


def due_set(
    completed_on: date, made: Collection[int], today: date, days: Sequence[int] = SPACED_DAYS
) -> SetPlan | None:
    """The set that fits today and was not offered yet; None where there is none.

    A set stays until the day before the next one opens; the last one stays as long as the one before it. What went
    by while nobody ran the schedule is not made up for: only the newest set is offered.
    """
    for number, plan in enumerate(_plans(completed_on, days), start=1):
        if plan.opens_on <= today <= plan.closes_on:
            return plan if number not in made else None
    return None


def longest_days(days: Sequence[int] = SPACED_DAYS) -> int:
    """After so many days no set of a completion is offered any more."""
    return (_plans(date.min, days)[-1].closes_on - date.min).days


def _plans(completed_on: date, days: Sequence[int]) -> list[SetPlan]:
    gap = days[-1] - (days[-2] if len(days) > 1 else 0)
    ends = [*days[1:], days[-1] + gap]
    return [
        SetPlan(number, completed_on + timedelta(days=first), completed_on + timedelta(days=end - 1))
        for number, (first, end) in enumerate(zip(days, ends, strict=True), start=1)
    ]
