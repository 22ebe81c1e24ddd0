"""How a scenario goes on: from the choices made to the scene that is next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lms.catalog.rules import Choice, Scenario, Scene
from lms.errors import NotFound

OUTCOMES = {
    0: ("wrong", "This does harm"),
    1: ("mixed", "This misses the mark"),
    2: ("mixed", "This is sound, and there is a better way"),
    3: ("right", "This is the best way"),
}
"""How a choice's expert rating (0 harmful to 3 best) reads on the page: tone, and words."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One choice made at one scene. ``position`` counts from 1."""

    position: int
    scene: Scene
    choice: Choice

    @property
    def tone(self) -> str:
        """``right``, ``mixed`` or ``wrong``."""
        return OUTCOMES[self.choice.rating][0]

    @property
    def words(self) -> str:
        """The rating in words."""
        return OUTCOMES[self.choice.rating][1]

    @property
    def best(self) -> bool:
        """Whether nothing better could be chosen here."""
        return self.choice.rating == max(OUTCOMES)


@dataclass(frozen=True, slots=True)
class Story:
    """Where somebody is in a scenario: the choices so far and the scene that they lead to."""

    taken: tuple[Taken, ...]
    scene: Scene
    ahead: int = 0
    """The most decisions that can follow the one on the page."""

    @property
    def finished(self) -> bool:
        """Whether the story has ended."""
        return self.scene.ending

    @property
    def position(self) -> int:
        """The number of the choice that is next, from 1."""
        return len(self.taken) + 1

    @property
    def last(self) -> Taken | None:
        """The choice made last, if any."""
        return self.taken[-1] if self.taken else None

    @property
    def trail(self) -> list[str]:
        """For the trail of dots: ``done`` for choices made, ``here`` for the one on the page, ``ahead`` at most."""
        return ["done"] * len(self.taken) + (["here"] + ["ahead"] * self.ahead if not self.finished else [])

    @property
    def path(self) -> str:
        """The choices made, for the address of a practice page. Ids hold no full stop, so it parts them."""
        return ".".join(step.choice.ref for step in self.taken)


def follow(scenario: Scenario, choices: Sequence[str]) -> Story:
    """Goes from the first scene along ``choices``.

    Raises NotFound where a choice is not offered in the scene that the ones before it lead to.
    """
    scene = scenario.scenes[scenario.start]
    taken: list[Taken] = []
    for position, ref in enumerate(choices, start=1):
        choice = find_choice(scene, ref)
        if choice is None:
            raise NotFound("This scenario does not go that way. Start it again from its first scene.")
        taken.append(Taken(position, scene, choice))
        scene = scenario.scenes[choice.next]
    return Story(tuple(taken), scene, max(0, scenario.decisions_from(scene.ref) - 1))


def find_choice(scene: Scene, ref: str) -> Choice | None:
    """The choice ``ref`` of a scene, if it is offered there."""
    return next((choice for choice in scene.choices if choice.ref == ref), None)


def split_path(path: str) -> list[str]:
    """The choices of a practice address; none for an empty one."""
    return path.split(".") if path else []
