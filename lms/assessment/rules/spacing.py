"""Which five questions a spaced set asks: from the person's weakest clauses, and not lately seen.

How weak a clause is follows from the person's own first answers on it, and on nothing else:

    (1 + faded wrong answers) / (2 + all faded answers)

An answer fades: after ``HALF_LIFE_DAYS`` it counts half, after twice as many a quarter. So a clause that was never
asked is at one half; a wrong answer lifts it, a right one lowers it, and time brings it back to one half, as memory
goes. The formula is that of a fair guess before anything is known (Laplace's rule of succession).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from lms.catalog.rules import Item
from lms.policy.rules import clause_sort_key

SET_SIZE = 5
HALF_LIFE_DAYS = 120
LATELY_DAYS = 45
"""An item seen in so many days is asked only where there is no other."""


@dataclass(frozen=True, slots=True)
class Given:
    """One answer of the past. ``first`` is True for a first attempt, which alone says something of the clause."""

    item: str
    correct: bool
    answered_on: date
    first: bool


def weakness(answers: Iterable[tuple[bool, date]], today: date) -> float:
    """From 0 (strong) to 1 (weak); one half where nothing is known. Each answer: whether right, and when."""
    wrong = every = 0.0
    for correct, answered_on in answers:
        weight = 0.5 ** (max(0, (today - answered_on).days) / HALF_LIFE_DAYS)
        every += weight
        wrong += 0.0 if correct else weight
    return (1 + wrong) / (2 + every)


def pick_set(items: Sequence[Item], given: Iterable[Given], today: date, size: int = SET_SIZE) -> tuple[Item, ...]:
    """Up to ``size`` items, weakest clause first, one of each clause before a second of any.

    Clauses that are equally weak come in the order of the policy. Within a clause the item seen longest ago comes
    first, and one never seen before any other; items seen lately come only where too few others are left.
    """
    clauses = {item.ref: item.clause for item in items}
    known: defaultdict[str, list[tuple[bool, date]]] = defaultdict(list)
    seen: dict[str, date] = {}
    for answer in given:
        seen[answer.item] = max(answer.answered_on, seen.get(answer.item, date.min))
        if answer.first and answer.item in clauses:
            known[clauses[answer.item]].append((answer.correct, answer.answered_on))
    order = sorted(
        set(clauses.values()),
        key=lambda clause: (-round(weakness(known[clause], today), 9), clause_sort_key(clause)),
    )
    picked: list[Item] = []
    for lately in (False, True):
        groups = [
            sorted(
                (i for i in items if i.clause == clause and _is_late(seen.get(i.ref), today) == lately),
                key=lambda item: (seen.get(item.ref, date.min), item.ref),
            )
            for clause in order
        ]
        for turn in range(max(map(len, groups), default=0)):
            picked += [group[turn] for group in groups if turn < len(group)]
    return tuple(picked[:size])


def _is_late(seen_on: date | None, today: date) -> bool:
    return seen_on is not None and (today - seen_on).days < LATELY_DAYS
