"""The theme's colors: the dark ones stand twice and must be the same, and every pair that is used reads at AA."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).resolve().parents[3] / "lms/static/css/theme.css").read_text(encoding="utf-8")
TEXT, SHAPE = 4.5, 3.0
GROUNDS = ("paper", "surface")
PAIRS = (
    *(
        (ink, ground, TEXT)
        for ground in GROUNDS
        for ink in ("ink", "soft", "action", "action-strong", "due", "good-text", "bad")
    ),
    *((ink, "sunk", TEXT) for ink in ("ink", "soft", "action", "due", "good-text", "bad")),
    *((ink, tint, TEXT) for tint in ("action-tint", "due-tint", "good-tint", "bad-tint") for ink in ("ink", "action")),
    ("due", "due-tint", TEXT),
    ("good-text", "good-tint", TEXT),
    ("bad", "bad-tint", TEXT),
    ("soft", "action-tint", TEXT),
    ("action-text", "action", TEXT),
    ("action-text", "action-strong", TEXT),
    ("bad-text", "bad", TEXT),
    ("bad-text", "bad-strong", TEXT),
    ("bar-text", "bar", TEXT),
    ("bar-soft", "bar", TEXT),
    ("bar-text", "bar-hover", TEXT),
    *((edge, ground, SHAPE) for ground in GROUNDS for edge in ("line", "action", "good", "due", "bad", "bad-strong")),
)


def colors(head: str) -> dict[str, str]:
    """The colors of the block that begins with ``head``."""
    block = CSS.split(head + " {", 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--rc-([\w-]+): (#[0-9a-f]{6});", block))


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio as WCAG 2.2 defines it."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


LIGHT = colors('\n:root, [data-bs-theme="light"]')
DARK = colors('\n[data-bs-theme="dark"]')
PAPER = {**LIGHT, **colors("  :root:root, :root[data-bs-theme]")}


@pytest.mark.parametrize("theme", [LIGHT, DARK, PAPER], ids=["light", "dark", "paper"])
def test_every_pair_of_colors_reads_at_aa(theme: dict[str, str]) -> None:
    low = {
        f"{ink} on {ground}": round(contrast(theme[ink], theme[ground]), 2)
        for ink, ground, least in PAIRS
        if contrast(theme[ink], theme[ground]) < least
    }
    assert low == {}


def test_dark_by_device_is_dark_by_choice() -> None:
    assert colors("  :root:not([data-bs-theme])") == DARK
    assert DARK.keys() == LIGHT.keys()


def test_no_rule_names_a_color_that_is_not_defined() -> None:
    used = set(re.findall(r"var\(--rc-([\w-]+)", CSS))
    assert used <= set(re.findall(r"--rc-([\w-]+):", CSS))


def test_theme_stays_small() -> None:
    assert len(CSS.encode()) < 60_000
