"""Small courses for rules tests, made without a database."""

from __future__ import annotations

from lms.catalog.rules import Choice, Item, Option, Scenario, Scene


def an_item(ref: str, clause: str = "IV.B.2.f", key: str = "b") -> Item:
    """An item whose right option is ``key``."""
    options = tuple(Option(letter, f"{ref} {letter}", letter == key, f"why {letter}") for letter in "abc")
    return Item(ref, clause, "fact", f"Stem of {ref}?", options, "Safer.", f"sha-{ref}")


def bank(**counts: int) -> list[Item]:
    """So many items for each clause; ``bank(I=2)`` has ``I-1`` and ``I-2``."""
    return [an_item(f"{clause}-{n}", clause) for clause, count in counts.items() for n in range(1, count + 1)]


def _choice(ref: str, rating: int, following: str) -> Choice:
    return Choice(ref, f"I {ref}.", rating, f"After {ref}.", "IV.B.2.f", "Better.", following)


def a_scene(ref: str, *choices: Choice) -> Scene:
    """A scene; an ending where it has no choices."""
    return Scene(ref, f"Scene {ref}.", f"<p>Scene {ref}.</p>", not choices, choices)


def a_scenario() -> Scenario:
    """start → (post → call → (own → end-good | deny → end-bad)) | (ask → end-good)."""
    scenes = [
        a_scene("start", _choice("post", 0, "call"), _choice("ask", 3, "end-good")),
        a_scene("call", _choice("own", 2, "end-good"), _choice("deny", 1, "end-bad")),
        a_scene("end-good"),
        a_scene("end-bad"),
    ]
    by_ref = {scene.ref: scene for scene in scenes}
    return Scenario("sample", "Sample", "You are there.", ("IV.B.2.f",), "start", by_ref, "sha-scenario")
