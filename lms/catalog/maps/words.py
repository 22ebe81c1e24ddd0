"""How wide text is, and where it is broken into lines.

Which font a reader's machine has is not known when a map is drawn, so widths are those of DejaVu Sans and Verdana,
the widest of the common ones: text that fits there fits everywhere.
"""

from __future__ import annotations

NARROW = frozenset("iljtfrI.,;:'’‘|!()[]-“”\"")
WIDE = frozenset("mwMW@—…%")
ELLIPSIS = "…"


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """The width of one line in pixels at a font size in pixels, at most."""
    return sum(map(_share, text)) * size * (1.1 if bold else 1.0)


def wrap(text: str, width: float, size: float, most: int = 40) -> tuple[str, ...]:
    """The text in lines no wider than ``width`` pixels; a word that is wider is cut.

    What does not fit into ``most`` lines ends in an ellipsis.
    """
    lines: list[str] = []
    line = ""
    for word in _pieces(text.split(), width, size):
        longer = f"{line} {word}" if line else word
        if line and width_of(longer, size) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    lines.append(line)
    if len(lines) > most:
        lines = lines[:most]
        while lines[-1] and width_of(lines[-1] + ELLIPSIS, size) > width:
            lines[-1] = lines[-1][:-1]
        lines[-1] += ELLIPSIS
    return tuple(lines)


def _share(letter: str) -> float:
    """The width of a letter as a share of the font size."""
    if letter in NARROW:
        return 0.42
    if letter in WIDE:
        return 1.0
    if letter == " ":
        return 0.33
    if ord(letter) > 0x2E7F:
        return 1.05
    return 0.74 if letter.isupper() else 0.64


def _pieces(words: list[str], width: float, size: float) -> list[str]:
    pieces = []
    for word in words:
        rest = word
        while len(rest) > 1 and width_of(rest, size) > width:
            cut = len(rest) - 1
            while cut > 1 and width_of(rest[:cut], size) > width:
                cut -= 1
            pieces.append(rest[:cut])
            rest = rest[cut:]
        pieces.append(rest)
    return pieces
