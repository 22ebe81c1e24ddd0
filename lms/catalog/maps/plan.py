"""The rooms and ways of a scenario, always without a circle, so that they can be drawn in layers.

A scenario that is still being written may lead nowhere, back to an earlier scene, or leave scenes that no choice
leads to. None of that is hidden: a choice whose scene is missing, or is one that the story has already been through,
leads to a small sign that says so.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lms.catalog.rules import Choice, Scenario, Scene

Kind = Literal["start", "scene", "ending", "dead-end", "stray", "missing", "back"]
TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True, slots=True)
class Room:
    """One box of the map. ``missing`` and ``back`` are signs: they stand for no scene of their own."""

    key: str
    ref: str
    kind: Kind
    text: str

    @property
    def is_sign(self) -> bool:
        """Whether this only points somewhere else."""
        return self.kind in ("missing", "back")


@dataclass(frozen=True, slots=True)
class Way:
    """One choice, from the room ``tail`` to the room ``head``; both are keys."""

    key: str
    tail: str
    head: str
    choice: Choice


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be drawn, in the order in which the story meets it."""

    rooms: tuple[Room, ...]
    ways: tuple[Way, ...]


def plan_of(scenario: Scenario) -> Plan:
    """The rooms and ways of a scenario, from its start; scenes that no way leads to come last."""
    scenes = scenario.scenes
    order, closing = _walk(scenario)
    reached = {choice.next for scene in scenes.values() for choice in scene.choices}
    rooms = [
        Room(ref, ref, _kind(scenes[ref], start=ref == scenario.start, reached=ref in reached), plain(scenes[ref]))
        for ref in order
    ]
    ways = []
    for ref in order:
        for number, choice in enumerate(scenes[ref].choices):
            key = f"{ref}/{number}"
            head = choice.next
            if head not in scenes or key in closing:
                head = f"{key}/sign"
                rooms.append(Room(head, choice.next, "back" if choice.next in scenes else "missing", ""))
            ways.append(Way(key, ref, head, choice))
    return Plan(tuple(rooms), tuple(ways))


def plain(scene: Scene) -> str:
    """The scene's story as one paragraph without markup."""
    return " ".join(html.unescape(TAG.sub(" ", scene.html or scene.text)).split())


def _kind(scene: Scene, *, start: bool, reached: bool) -> Kind:
    if start:
        return "start"
    if not reached:
        return "stray"
    if scene.ending:
        return "ending"
    return "scene" if scene.choices else "dead-end"


def _walk(scenario: Scenario) -> tuple[list[str], frozenset[str]]:
    """Every scene in the order of a walk in depth, and the keys of the choices that would close a circle."""
    scenes = scenario.scenes
    closing: set[str] = set()
    done: dict[str, None] = {}
    met: dict[str, None] = {}
    for first in [scenario.start, *scenes]:
        if first not in scenes or first in met:
            continue
        met[first] = None
        stack: list[tuple[str, Iterator[tuple[int, Choice]]]] = [(first, iter(enumerate(scenes[first].choices)))]
        while stack:
            ref, ahead = stack[-1]
            number, choice = next(ahead, (-1, None))
            if choice is None:
                done[ref] = None
                stack.pop()
            elif choice.next in met:
                if choice.next not in done:
                    closing.add(f"{ref}/{number}")
            elif choice.next in scenes:
                met[choice.next] = None
                stack.append((choice.next, iter(enumerate(scenes[choice.next].choices))))
    return list(met), frozenset(closing)
