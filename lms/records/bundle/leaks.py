"""Whether a text that is withheld in one field still stands in another one.

Looks for whole words, so that a badge 4417 is not found in 44170. Texts shorter than three characters, numbers and
yes-or-no values cannot be searched for: they stand everywhere. Names of fields are no texts.

Of a short withheld text, such as a name, its words count too where a field holds nothing else: a printed name that is
withheld must not be put together again from a first and a last name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

SHORTEST = 3
MOST_NAMED = 20
NAME_WORDS = 4
"""A withheld text of at most so many words is taken for a name."""
_WORD = re.compile(r"\w+")


class LeakFinder:
    """Knows the withheld texts; is shown every text that leaves."""

    def __init__(self) -> None:
        self._by_first_word: dict[str, set[str]] = {}
        self._parts: set[str] = set()
        self._found: dict[str, int] = {}

    def __bool__(self) -> bool:
        return bool(self._by_first_word)

    def withhold(self, value: Any) -> None:
        """Remembers every text in a withheld value."""
        for text in _texts(value):
            folded = _fold(text.strip())
            first = _WORD.search(folded)
            if first is not None and len(folded) >= SHORTEST:
                self._by_first_word.setdefault(first[0], set()).add(folded)
                words = _WORD.findall(folded)
                if len(words) <= NAME_WORDS:
                    self._parts.update(word for word in words if len(word) >= SHORTEST and word.isalpha())

    def look_at(self, where: str, value: Any) -> None:
        """Looks through a value that leaves; ``where`` names its place for people."""
        if self and any(self._stands_in(_fold(text)) for text in _texts(value)):
            self._found[where] = self._found.get(where, 0) + 1

    def found(self) -> list[str]:
        """The places at which a withheld text still stands, with how often."""
        places = [f"{where} ({count} times)" if count > 1 else where for where, count in sorted(self._found.items())]
        rest = len(places) - MOST_NAMED
        return places[:MOST_NAMED] + ([f"and {rest} more places"] if rest > 0 else [])

    def _stands_in(self, text: str) -> bool:
        if text.strip() in self._parts:
            return True
        for word in _WORD.finditer(text):
            for wanted in self._by_first_word.get(word[0], ()):
                lead = _WORD.search(wanted)
                start = word.start() - (0 if lead is None else lead.start())
                end = start + len(wanted)
                if start >= 0 and text.startswith(wanted, start) and not _inside_word(text, end):
                    return True
        return False


def _inside_word(text: str, end: int) -> bool:
    return end < len(text) and _WORD.match(text[end]) is not None and _WORD.match(text[end - 1]) is not None


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
