"""What must hold within one scenario: every scene can be reached, every way ends, and choosing makes a difference."""

from __future__ import annotations

from collections.abc import Callable

from lms.catalog.content.schema import ScenarioShape, SceneShape

Report = Callable[[tuple[str | int, ...], str], None]
"""Takes a place inside the scenario and a sentence."""

BEST = 3
LEAST_ENDINGS = 2
LEAST_DEPTH = 2
CHOICES = range(2, 5)


def check_scenario(scenario: ScenarioShape, report: Report) -> None:
    """Reports everything that is wrong with the scenario's graph."""
    places: dict[str, int] = {}
    for place, scene in enumerate(scenario.scenes):
        if scene.id in places:
            report(("scenes", place, "id"), f"The scene id {scene.id} is used twice in this scenario.")
        places.setdefault(scene.id, place)
        _check_scene(scene, place, report)
    if scenario.start not in places:
        report(("start",), f"There is no scene {scenario.start}.")
    dangling = _check_links(scenario, places, report)
    _check_clauses(scenario, report)
    endings = sum(scene.ending for scene in scenario.scenes)
    if endings < LEAST_ENDINGS:
        report((), f"A scenario needs at least two endings; this one has {endings}.")
    if not dangling and scenario.start in places:
        _check_ways(scenario, places, report)


def _check_scene(scene: SceneShape, place: int, report: Report) -> None:
    here = ("scenes", place)
    if scene.ending:
        if scene.choices:
            report((*here, "choices"), "An ending has no choices.")
        return
    if not scene.choices:
        report(here, f"Dead end: scene {scene.id} has no choices and is not an ending.")
        return
    if len(scene.choices) not in CHOICES:
        report((*here, "choices"), f"A scene has two to four choices; this one has {len(scene.choices)}.")
    seen: set[str] = set()
    for number, choice in enumerate(scene.choices):
        if choice.id in seen:
            report((*here, "choices", number, "id"), f"The choice id {choice.id} is used twice in this scene.")
        seen.add(choice.id)


def _check_links(scenario: ScenarioShape, places: dict[str, int], report: Report) -> bool:
    dangling = False
    for place, scene in enumerate(scenario.scenes):
        for number, choice in enumerate(scene.choices):
            if choice.next not in places:
                dangling = True
                report(("scenes", place, "choices", number, "next"), f"There is no scene {choice.next}.")
    return dangling


def _check_clauses(scenario: ScenarioShape, report: Report) -> None:
    met: set[str] = set()
    for place, scene in enumerate(scenario.scenes):
        for number, choice in enumerate(scene.choices):
            met.add(choice.clause)
            if choice.clause not in scenario.clauses:
                where = ("scenes", place, "choices", number, "clause")
                report(where, f"Clause {choice.clause} is not in the scenario's list of clauses.")
    for number, clause in enumerate(scenario.clauses):
        if clause not in met:
            report(("clauses", number), f"No choice of this scenario meets clause {clause}.")


def _check_ways(scenario: ScenarioShape, places: dict[str, int], report: Report) -> None:
    scenes = {scene.id: scene for scene in scenario.scenes}
    order, circle = _ordered(scenes, scenario.start)
    for scene in scenario.scenes:
        if scene.id not in order:
            report(("scenes", places[scene.id]), f"No way leads to scene {scene.id}.")
    if circle is not None:
        report(("scenes", places[circle]), f"A choice leads back to scene {circle}: the story goes in a circle.")
        return
    if not any(len({choice.next for choice in scenes[ref].choices}) > 1 for ref in order):
        report((), "Every way through this scenario is the same: let choices lead to different scenes.")
    if _shortest_detour(scenes, order) < LEAST_DEPTH:
        report((), "A way other than the best one ends after a single decision. It needs at least two.")


def _ordered(scenes: dict[str, SceneShape], start: str) -> tuple[list[str], str | None]:
    """The scenes that can be reached, each before those it leads to, and a scene that closes a circle, if any."""
    finished: dict[str, None] = {}
    open_now: set[str] = {start}
    stack = [(start, iter([choice.next for choice in scenes[start].choices]))]
    circle = None
    while stack:
        ref, ahead = stack[-1]
        following = next(ahead, None)
        if following is None:
            finished[ref] = None
            open_now.discard(ref)
            stack.pop()
        elif following in open_now:
            circle = following
        elif following not in finished:
            open_now.add(following)
            stack.append((following, iter([choice.next for choice in scenes[following].choices])))
    return list(reversed(finished)), circle


def _shortest_detour(scenes: dict[str, SceneShape], order: list[str]) -> int:
    """The fewest decisions of a way on which at least one choice is not rated best; large where there is none."""
    far = len(scenes) + LEAST_DEPTH
    shortest: dict[str, int] = {}
    detour: dict[str, int] = {}
    for ref in reversed(order):
        choices = scenes[ref].choices
        shortest[ref] = min((1 + shortest[choice.next] for choice in choices), default=0)
        detour[ref] = min(
            (1 + (detour if choice.rating == BEST else shortest)[choice.next] for choice in choices), default=far
        )
    return detour[order[0]]
