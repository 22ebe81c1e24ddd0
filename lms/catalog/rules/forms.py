"""How the forms of the capstone are drawn from the bank when a course is published.

The forms are parallel: every clause that must be right is in each of them, the other units come in turn, so that
one form holds as many different units as it can and all forms together hold every unit equally often, and an item
is used again only where its unit has no unused one left. Drawing uses no chance: the same bank gives the same
forms, whatever the order of its files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Form:
    """One capstone form: the refs of its items in the order of the course's units."""

    ref: str
    items: tuple[str, ...]
    sha256: str = ""


class Drawable(Protocol):
    """What drawing needs to know of an item."""

    @property
    def ref(self) -> str:
        """The item's id."""

    @property
    def clause(self) -> str:
        """The clause that decides its key."""


class Unit(Protocol):
    """What drawing needs to know of a unit."""

    @property
    def ref(self) -> str:
        """The unit's id."""

    @property
    def clauses(self) -> tuple[str, ...]:
        """Its clauses."""


def draw_forms(
    items: Sequence[Drawable], units: Sequence[Unit], size: int, count: int, critical: Collection[str]
) -> tuple[Form, ...]:
    """Draws ``count`` forms of ``size`` items.

    A form is shorter only where the bank holds fewer items than ``size``; it then holds all of them.
    Raises ValueError where ``size`` leaves no room for every critical clause.
    """
    if size < len(critical):
        raise ValueError("A form must have room for every critical clause.")
    drawing = _Drawing(items, units, critical)
    return tuple(Form(f"form-{number}", drawing.form(size)) for number in range(1, count + 1))


class _Drawing:
    """The bank while forms are being drawn: how often each item was used, and whose turn it is."""

    def __init__(self, items: Sequence[Drawable], units: Sequence[Unit], critical: Collection[str]) -> None:
        self._units = list(units)
        self._bank = {
            unit.ref: sorted((i for i in items if i.clause in unit.clauses), key=lambda item: item.ref)
            for unit in units
        }
        self._critical = [clause for unit in units for clause in unit.clauses if clause in critical]
        self._used: Counter[str] = Counter()
        certain = {unit.ref for unit in units if set(unit.clauses) & set(critical)}
        self._first = _Turns([unit.ref for unit in units if unit.ref not in certain])
        self._again = _Turns([unit.ref for unit in units])

    def form(self, size: int) -> tuple[str, ...]:
        """Draws the next form."""
        chosen: list[Drawable] = []
        for clause in self._critical:
            self._take([i for held in self._bank.values() for i in held if i.clause == clause], chosen)
        self._fill(chosen, size, self._first)
        while len(chosen) < size and self._fill(chosen, size, self._again):
            pass
        order = {unit.ref: place for place, unit in enumerate(self._units)}
        place_of = {item.ref: order[unit] for unit, held in self._bank.items() for item in held}
        return tuple(sorted((item.ref for item in chosen), key=lambda ref: (place_of[ref], ref)))

    def _fill(self, chosen: list[Drawable], size: int, turns: _Turns) -> bool:
        """One round in which each unit gets one item at most; whether any could be added."""
        before = len(chosen)
        for unit in turns.round():
            if len(chosen) == size:
                break
            if self._take(self._bank[unit], chosen):
                turns.took(unit)
        return len(chosen) > before

    def _take(self, candidates: Sequence[Drawable], chosen: list[Drawable]) -> bool:
        """Adds the candidate that earlier forms used least, if one is not in this form yet."""
        held = {item.ref for item in chosen}
        clauses = Counter(item.clause for item in chosen)
        free = [item for item in candidates if item.ref not in held]
        if not free:
            return False
        item = min(free, key=lambda item: (self._used[item.ref], clauses[item.clause], item.ref))
        self._used[item.ref] += 1
        chosen.append(item)
        return True


class _Turns:
    """Units in turn: whoever had fewest turns is first, then the order of the course."""

    def __init__(self, units: Sequence[str]) -> None:
        self._order = {unit: place for place, unit in enumerate(units)}
        self._taken: Counter[str] = Counter()

    def round(self) -> Iterator[str]:
        """Every unit once, those with fewest turns first."""
        yield from sorted(self._order, key=lambda unit: (self._taken[unit], self._order[unit]))

    def took(self, unit: str) -> None:
        """Notes that the unit had its turn."""
        self._taken[unit] += 1
