"""Which layer each thing stands in, and in what order, so that few lines cross.

The layers and the sweeps of medians are those of Sugiyama, Tagawa and Toda (1981), with the swapping of neighbors of
Gansner, Koutsofios, North and Vo (1993). Every tie is broken by the order that was given, never by chance.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, field

SWEEPS = 24


@dataclass(frozen=True, slots=True)
class Link:
    """A way from one room to another; the keys of all rooms and links differ."""

    key: str
    tail: str
    head: str


@dataclass(slots=True)
class Layers:
    """Rooms in even layers, the labels of ways in odd ones, and bends where a long way goes through a layer.

    ``rows`` are the layers from the top, each from left to right. ``above`` and ``below`` name the neighbors in the
    layers beside; ``chains`` name what each link passes: its tail, its label, any bends, its head.
    """

    rows: list[list[str]]
    above: dict[str, list[str]] = field(default_factory=dict)
    below: dict[str, list[str]] = field(default_factory=dict)
    chains: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def crossings(self) -> int:
        """How many pairs of lines cross."""
        return sum(self._between(upper, lower) for upper, lower in zip(self.rows, self.rows[1:], strict=False))

    def _between(self, upper: list[str], lower: list[str]) -> int:
        place = {key: number for number, key in enumerate(lower)}
        count = 0
        met: list[int] = []
        for key in upper:
            ends = sorted(place[other] for other in self.below[key])
            count += sum(len(met) - bisect_right(met, end) for end in ends)
            for end in ends:
                insort(met, end)
        return count


def put_in_layers(rooms: Sequence[str], links: Sequence[Link]) -> Layers:
    """Layers for rooms and the links between them, which must not form a circle, in an order with few crossings."""
    layers = _first_order(rooms, links, _depths(rooms, links))
    best, fewest = [list(row) for row in layers.rows], layers.crossings
    for sweep in range(SWEEPS):
        if not fewest:
            break
        _sweep(layers, down=sweep % 2 == 0)
        _swap_neighbors(layers)
        if (count := layers.crossings) < fewest:
            best, fewest = [list(row) for row in layers.rows], count
    layers.rows = best
    return layers


def _depths(rooms: Sequence[str], links: Sequence[Link]) -> dict[str, int]:
    """The most ways that lie before each room."""
    depth = dict.fromkeys(rooms, 0)
    waiting = dict.fromkeys(rooms, 0)
    leaving: dict[str, list[str]] = {room: [] for room in rooms}
    for link in links:
        waiting[link.head] += 1
        leaving[link.tail].append(link.head)
    ready = [room for room in rooms if not waiting[room]]
    for room in ready:
        for head in leaving[room]:
            depth[head] = max(depth[head], depth[room] + 1)
            waiting[head] -= 1
            if not waiting[head]:
                ready.append(head)
    return depth


def _first_order(rooms: Sequence[str], links: Sequence[Link], depth: dict[str, int]) -> Layers:
    """The order of a walk in depth: a tree comes out of it without a crossing."""
    layers = Layers([[] for _ in range(2 * max(depth.values(), default=0) + 1)])
    leaving: dict[str, list[Link]] = {room: [] for room in rooms}
    for link in links:
        leaving[link.tail].append(link)
    heads = {link.head for link in links}
    for room in rooms:
        layers.above[room], layers.below[room] = [], []
    met: set[str] = set()
    stack = [room for room in reversed(rooms) if room not in heads]
    while stack:
        room = stack.pop()
        if room in met:
            continue
        met.add(room)
        layers.rows[2 * depth[room]].append(room)
        for link in leaving[room]:
            _add_chain(layers, link, depth)
        stack.extend(link.head for link in reversed(leaving[room]))
    return layers


def _add_chain(layers: Layers, link: Link, depth: dict[str, int]) -> None:
    first = 2 * depth[link.tail] + 1
    between = [link.key, *(f"{link.key}~{layer}" for layer in range(first + 1, 2 * depth[link.head]))]
    for layer, key in enumerate(between, start=first):
        layers.rows[layer].append(key)
        layers.above[key], layers.below[key] = [], []
    chain = (link.tail, *between, link.head)
    for upper, lower in itertools.pairwise(chain):
        layers.below[upper].append(lower)
        layers.above[lower].append(upper)
    layers.chains[link.key] = chain


def _sweep(layers: Layers, *, down: bool) -> None:
    rows = layers.rows if down else layers.rows[::-1]
    beside = layers.above if down else layers.below
    for fixed, row in itertools.pairwise(rows):
        place = {key: number for number, key in enumerate(fixed)}
        wanted = {}
        for number, key in enumerate(row):
            seen = sorted(place[other] for other in beside[key])
            wanted[key] = (_median(seen), number) if seen else (float(number), number)
        row.sort(key=wanted.__getitem__)


def _median(places: list[int]) -> float:
    """The middle; of an even number, the middle of the two in the middle."""
    half = len(places) // 2
    return float(places[half]) if len(places) % 2 else (places[half - 1] + places[half]) / 2


def _swap_neighbors(layers: Layers) -> None:
    """Swaps two things that stand beside each other wherever that leaves fewer crossings."""
    better = True
    while better:
        better = False
        for number, row in enumerate(layers.rows):
            beside = []
            if number:
                beside.append((_places(layers.rows[number - 1]), layers.above))
            if number + 1 < len(layers.rows):
                beside.append((_places(layers.rows[number + 1]), layers.below))
            for left in range(len(row) - 1):
                one, two = row[left], row[left + 1]
                kept = swapped = 0
                for place, links in beside:
                    ones, twos = [place[key] for key in links[one]], [place[key] for key in links[two]]
                    kept += sum(a > b for a in ones for b in twos)
                    swapped += sum(a < b for a in ones for b in twos)
                if swapped < kept:
                    row[left], row[left + 1] = two, one
                    better = True


def _places(row: list[str]) -> dict[str, int]:
    return {key: number for number, key in enumerate(row)}
