"""Writes a scenario's map as SVG: readable alone, by screen readers too, in light, in dark and on paper.

A rating is told by word, number, color and kind of line, so that no reader depends on color. The colors are those of
``theme.css``.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from lms.catalog.maps.order import Link
from lms.catalog.maps.place import Arrow, Box, Drawing, Point, lay_out
from lms.catalog.maps.plan import Plan, Room, Way, plan_of
from lms.catalog.maps.words import width_of, wrap
from lms.catalog.rules import Scenario

RATINGS = ("Harmful", "Off the mark", "Sound", "Best")
"""How the ratings 0 to 3 are worded."""
MARKS = {
    "start": "Start",
    "scene": "",
    "ending": "Ending",
    "dead-end": "Dead end",
    "stray": "No way leads here",
    "missing": "No such scene",
    "back": "Back to",
}
ROOM, LABEL, SIGN = 288, 184, 150
PAD, EDGE = 12, 24
NAME, STORY, SMALL = 13, 12.5, 12
"""Font sizes in pixels: a room's name, its story, and what stands at a choice."""
LEADING = 17
LEAST_WIDTH = 660
FAMILY = 'Arial, "Liberation Sans", Helvetica, "DejaVu Sans", sans-serif'

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 document may hold (section 2.2)."""

LIGHT = (
    "--p:#f7f8fa;--s:#ffffff;--i:#14213d;--q:#4b5872;--h:#717d94;--r0:#b42318;--r1:#8a6100;--r2:#1d4ed8;--r3:#17703f"
)
DARK = "--p:#10172a;--s:#182138;--i:#e8ecf5;--q:#aab5cb;--h:#7a88a6;--r0:#ff9a90;--r1:#e2b64d;--r2:#9dbaff;--r3:#62cf98"
STYLE = (
    f":root{{color-scheme:light dark;{LIGHT}}}"
    f"@media screen and (prefers-color-scheme:dark){{:root{{{DARK}}}}}"
    f"text{{font-family:{FAMILY};font-size:{STORY}px;fill:var(--i)}}"
    ".paper{fill:var(--p)}.box{fill:var(--s);stroke:var(--h);stroke-width:1}"
    ".start .box{stroke:var(--i);stroke-width:2.5}.ending .box{fill:var(--p);stroke:var(--i);stroke-width:1.5}"
    ".inner{fill:none;stroke:var(--i);stroke-width:1}"
    ".bad .box{fill:var(--p);stroke:var(--r0);stroke-width:2;stroke-dasharray:6 4}.bad .mark{fill:var(--r0)}"
    f".title{{font-size:20px;font-weight:700}}.name{{font-size:{NAME}px;font-weight:700}}"
    f".small{{font-size:{SMALL}px}}.mark,.rate{{font-size:{SMALL}px;font-weight:700}}.quiet{{fill:var(--q)}}"
    ".line{fill:none;stroke-width:2}.bar,.head{stroke:none}"
    + "".join(
        f".r{n} .line,.line.r{n}{{stroke:var(--r{n})}}.r{n} .bar,.r{n} .head{{fill:var(--r{n})}}"
        f".r{n} .rate,.rate.r{n}{{fill:var(--r{n})}}"
        for n in range(4)
    )
    + ".r0 .line,.line.r0{stroke-dasharray:2 4}.r1 .line,.line.r1{stroke-dasharray:8 5}"
    ".r3 .line,.line.r3{stroke-width:3.5}"
)
"""The style sheet of every map; a server that forbids inline style lets it through by its hash."""


@dataclass(frozen=True, slots=True)
class _Paragraphs:
    """The lines of each box, and how large it must be for them."""

    lines: dict[str, tuple[str, ...]]
    sizes: dict[str, tuple[int, int]]


def draw_scenario(scenario: Scenario) -> str:
    """The map of a scenario as an SVG document; the same scenario gives the same text, to the byte."""
    plan = plan_of(scenario)
    rooms, labels = _room_texts(plan), _label_texts(plan)
    drawing = lay_out(rooms.sizes, [Link(way.key, way.tail, way.head) for way in plan.ways], labels.sizes)
    width = max(drawing.width, LEAST_WIDTH) + 2 * EDGE
    head, below = _head(scenario, width)
    x, y = (width - drawing.width) // 2, below + EDGE
    height = y + drawing.height + EDGE
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
            f'role="graphics-document document" aria-labelledby="title desc">',
            f'<title id="title">{_say(scenario.title)}: map of the scenario</title>',
            f'<desc id="desc">{_say(_in_words(scenario, plan))}</desc>',
            f"<style>{STYLE}</style>",
            f'<rect class="paper" width="{width}" height="{height}"/>',
            *head,
            f'<g transform="translate({x} {y})">',
            *_body(plan, drawing, rooms, labels),
            "</g>",
            "</svg>",
            "",
        ]
    )


def _room_texts(plan: Plan) -> _Paragraphs:
    lines, sizes = {}, {}
    for room in plan.rooms:
        width = SIGN if room.is_sign else ROOM
        lines[room.key] = wrap(room.text, width - 2 * PAD, STORY) if room.text else ()
        names = len(wrap(room.ref, width - 2 * PAD, NAME * 1.1))
        marks = 1 if MARKS[room.kind] else 0
        sizes[room.key] = (width, 2 * PAD + LEADING * (names + marks + len(lines[room.key])))
    return _Paragraphs(lines, sizes)


def _label_texts(plan: Plan) -> _Paragraphs:
    lines = {way.key: wrap(way.choice.text, LABEL - 2 * PAD - 4, SMALL) for way in plan.ways}
    sizes = {key: (LABEL, 2 * PAD - 4 + LEADING * (2 + len(held))) for key, held in lines.items()}
    return _Paragraphs(lines, sizes)


def _in_words(scenario: Scenario, plan: Plan) -> str:
    endings = sum(scene.ending for scene in scenario.scenes.values())
    return (
        f"{len(scenario.scenes)} scenes, {len(plan.ways)} choices, {endings} endings. The story begins at "
        f"{scenario.start}. Boxes are scenes; arrows are choices, each with its rating from 0, harmful, to 3, best."
    )


def _head(scenario: Scenario, width: int) -> tuple[list[str], int]:
    """The title, the setting and the key of the ratings; and the y under them."""
    y = EDGE + 18
    drawn = []
    for line in wrap(scenario.title, width - 2 * EDGE, 22):
        drawn.append(_text(EDGE, y, line, "title"))
        y += 26
    for line in wrap(scenario.setting, min(width - 2 * EDGE, 760), STORY):
        drawn.append(_text(EDGE, y, line, "quiet"))
        y += LEADING
    y += 14
    x = EDGE
    for rating, word in enumerate(RATINGS):
        label = f"{rating} {word}"
        drawn.append(f'<path class="line r{rating}" d="M{x} {y - 4}h34"/>')
        drawn.append(_text(x + 42, y, label, f"rate r{rating}"))
        x += 42 + round(width_of(label, SMALL, bold=True)) + 28
    return drawn, y


def _body(plan: Plan, drawing: Drawing, rooms: _Paragraphs, labels: _Paragraphs) -> Iterable[str]:
    """Each room, then the ways out of it: the order in which a screen reader reads."""
    refs = {room.key: room.ref for room in plan.rooms}
    for room in plan.rooms:
        yield from _room(room, drawing.rooms[room.key], rooms.lines[room.key])
        for way in plan.ways:
            if way.tail == room.key:
                box, arrow = drawing.labels[way.key], drawing.arrows[way.key]
                yield from _way(way, refs[way.head], box, arrow, labels.lines[way.key])


def _room(room: Room, box: Box, lines: tuple[str, ...]) -> Iterable[str]:
    bad = room.kind in ("missing", "dead-end", "stray")
    yield f'<g class="room {room.kind}{" bad" if bad else ""}">'
    yield _rect(box, "box", round_by=14 if room.kind == "ending" else 4)
    if room.kind == "ending":
        yield _rect(Box(box.x + 4, box.y + 4, box.width - 8, box.height - 8), "inner", round_by=10)
    x, y = box.x + PAD, box.y + PAD + 11
    if MARKS[room.kind]:
        yield _text(x, y, MARKS[room.kind], "mark")
        y += LEADING
    for line in wrap(room.ref, box.width - 2 * PAD, NAME * 1.1):
        yield _text(x, y, line, "name")
        y += LEADING
    for line in lines:
        yield _text(x, y, line)
        y += LEADING
    yield "</g>"


def _way(way: Way, head: str, box: Box, arrow: Arrow, lines: tuple[str, ...]) -> Iterable[str]:
    choice = way.choice
    word = RATINGS[choice.rating]
    yield f'<g class="way r{choice.rating}">'
    yield f"<title>Choice {_say(choice.ref)}, rated {choice.rating}, {word.lower()}. Leads to {_say(head)}.</title>"
    yield f'<path class="line" d="{_path(arrow.before)}"/>'
    x, y = arrow.after[-1]
    yield f'<path class="line" d="{_path((*arrow.after[:-1], (x, y - 9)))}"/>'
    yield f'<path class="head" d="M{x} {y}l-6 -11h12z"/>'
    yield _rect(box, "box", round_by=4)
    yield f'<path class="bar" d="M{box.x} {box.y}h5v{box.height}h-5z"/>'
    x, y = box.x + PAD + 4, box.y + PAD + 9
    yield _text(x, y, f"{choice.rating} {word}", "rate")
    yield _text(x, y + LEADING, choice.clause, "small quiet")
    for number, line in enumerate(lines, start=2):
        yield _text(x, y + number * LEADING, line, "small")
    yield "</g>"


def _path(points: tuple[Point, ...]) -> str:
    """Straight down, and soft bends within a gap."""
    steps = [f"M{points[0][0]} {points[0][1]}"]
    for (x, y), (to_x, to_y) in itertools.pairwise(points):
        half = (y + to_y) // 2
        steps.append(f"V{to_y}" if x == to_x else f"C{x} {half} {to_x} {half} {to_x} {to_y}")
    return "".join(steps)


def _rect(box: Box, kind: str, *, round_by: int) -> str:
    place = f'x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}"'
    return f'<rect class="{kind}" {place} rx="{round_by}"/>'


def _text(x: int, y: int, line: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x}" y="{y}"{named}>{_say(line)}</text>'


def _say(text: str) -> str:
    return escape(NOT_XML.sub("", text), quote=False)
