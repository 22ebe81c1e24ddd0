"""Where everything stands: boxes that never overlap, and lines that never run through a box.

All measures are whole pixels; y grows downward. Within a layer, boxes stand with their tops on one line. A line leaves
its box straight down to the foot of the layer, bends only in the gap between two layers, and goes straight through any
layer that it only passes, in a lane of its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lms.catalog.maps.order import Layers, Link, put_in_layers

BESIDE = 20
"""The least room between two boxes of a layer."""
UNDER_ROOMS, UNDER_LABELS = 36, 60
"""The height of the gap under a layer of rooms, and under a layer of labels, where arrows end."""
LANE = 14
ROUNDS = 16

Point = tuple[int, int]
Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle by its upper left corner."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The x of the right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The y of the lower edge."""
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Arrow:
    """A way: ``before`` leads from its room to its label, ``after`` from the label to the other room.

    Both run downward. From each point to the next the line is straight down, or bends within one gap.
    """

    before: tuple[Point, ...]
    after: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything in its place; nothing lies outside ``width`` and ``height``."""

    width: int
    height: int
    rooms: Mapping[str, Box]
    labels: Mapping[str, Box]
    arrows: Mapping[str, Arrow]
    crossings: int


def lay_out(rooms: Mapping[str, Size], links: Sequence[Link], labels: Mapping[str, Size]) -> Drawing:
    """Places rooms (sizes by key) and links with their labels (sizes by the link's key); links form no circle."""
    layers = put_in_layers(list(rooms), links)
    sizes = {**rooms, **labels}
    widths = {key: sizes[key][0] if key in sizes else LANE for row in layers.rows for key in row}
    middles = _middles(layers, widths)
    tops, feet = _heights(layers, sizes)
    left = min((middles[key] - widths[key] / 2 for key in widths), default=0.0)
    boxes = {
        key: Box(round(middles[key] - left - sizes[key][0] / 2), tops[number], *sizes[key])
        for number, row in enumerate(layers.rows)
        for key in row
        if key in sizes
    }
    lanes = {key: round(middles[key] - left) for key in widths}
    router = _Router(layers, boxes, lanes, tops, feet)
    return Drawing(
        width=max((max(lanes[key] + LANE, boxes[key].right if key in boxes else 0) for key in widths), default=0),
        height=max((box.bottom for box in boxes.values()), default=0),
        rooms={key: boxes[key] for key in rooms},
        labels={key: boxes[key] for key in labels},
        arrows={link.key: router.arrow(link.key) for link in links},
        crossings=layers.crossings,
    )


def _heights(layers: Layers, sizes: Mapping[str, Size]) -> tuple[list[int], list[int]]:
    """The y of the head and of the foot of each layer."""
    tops, feet = [], []
    y = 0
    for number, row in enumerate(layers.rows):
        tops.append(y)
        feet.append(y + max((sizes[key][1] for key in row if key in sizes), default=0))
        y = feet[-1] + (UNDER_LABELS if number % 2 else UNDER_ROOMS)
    return tops, feet


def _middles(layers: Layers, widths: Mapping[str, int]) -> dict[str, float]:
    """The x of the middle of each thing: as near as may be to its neighbors above and below, in the order given."""
    middles: dict[str, float] = {}
    for row in layers.rows:
        x = 0.0
        for key in row:
            middles[key] = x + widths[key] / 2
            x += widths[key] + BESIDE
    rounds = [(layers.above,), (layers.below,)] * ROUNDS + [(layers.above, layers.below)] * 4
    for number, sides in enumerate(rounds):
        for row in layers.rows if number % 2 == 0 else layers.rows[::-1]:
            wanted = [_wanted(key, sides, middles) for key in row]
            middles.update(zip(row, _spread([widths[key] for key in row], wanted), strict=True))
    return middles


def _wanted(key: str, sides: tuple[dict[str, list[str]], ...], middles: dict[str, float]) -> tuple[float, float]:
    """Where a thing would best stand, and how much that counts: long straight lines count most."""
    pulls = [(middles[other], _weight(key, other)) for side in sides for other in side[key]]
    if not pulls:
        return middles[key], 0.1
    total = sum(weight for _, weight in pulls)
    return sum(x * weight for x, weight in pulls) / total, total


def _weight(one: str, two: str) -> float:
    return {0: 1.0, 1: 2.0, 2: 8.0}[("~" in one) + ("~" in two)]


def _spread(widths: list[int], wanted: list[tuple[float, float]]) -> list[float]:
    """The places nearest to the wanted ones (least squares) at which nothing overlaps and the order stays.

    With the widths taken off, this is isotonic regression, solved by pooling neighbors (Ayer and others, 1955).
    """
    offsets = [0.0]
    for left, right in itertools.pairwise(widths):
        offsets.append(offsets[-1] + (left + right) / 2 + BESIDE)
    pools: list[tuple[float, float, int]] = []
    for (x, weight), offset in zip(wanted, offsets, strict=True):
        mean, total, count = x - offset, weight, 1
        while pools and pools[-1][0] > mean:
            other, others, many = pools.pop()
            mean = (mean * total + other * others) / (total + others)
            total, count = total + others, count + many
        pools.append((mean, total, count))
    flat = [mean for mean, _, count in pools for _ in range(count)]
    return [mean + offset for mean, offset in zip(flat, offsets, strict=True)]


@dataclass(frozen=True, slots=True)
class _Router:
    """Draws the lines between boxes that stand."""

    layers: Layers
    boxes: Mapping[str, Box]
    lanes: Mapping[str, int]
    tops: list[int]
    feet: list[int]

    def arrow(self, key: str) -> Arrow:
        chain = self.layers.chains[key]
        tail, head, label = self.boxes[chain[0]], self.boxes[chain[-1]], self.boxes[key]
        first = self.tops.index(tail.y)
        leaves = self._door(tail, self.layers.below[chain[0]], chain[1])
        middle = label.x + label.width // 2
        before = [(leaves, tail.bottom), (leaves, self.feet[first]), (middle, label.y)]
        after = [(middle, label.bottom), (middle, self.feet[first + 1])]
        for layer, bend in enumerate(chain[2:-1], start=first + 2):
            after += [(self.lanes[bend], self.tops[layer]), (self.lanes[bend], self.feet[layer])]
        after.append((self._door(head, self.layers.above[chain[-1]], chain[-2]), head.y))
        return Arrow(_without_stops(before), _without_stops(after))

    def _door(self, box: Box, beside: list[str], key: str) -> int:
        """Where on a room's edge a line stands: the doors are spread in the order of where the lines come from."""
        order = sorted(beside, key=lambda other: (self.lanes[other], beside.index(other)))
        return box.x + round(box.width * (order.index(key) + 1) / (len(order) + 1))


def _without_stops(points: list[Point]) -> tuple[Point, ...]:
    return tuple(point for number, point in enumerate(points) if number == 0 or point != points[number - 1])
