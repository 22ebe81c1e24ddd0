"""The neutral shape of a bank of items, between our own files and the formats of others.

It is a little wider than ``ItemShape``: an item from elsewhere may lack its clause, its verdict or its rewrite, and
remembers the line at which it stood. What it lacks is said by the same shapes that check our own files.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lms.catalog.content.checks_bank import OPTIONS
from lms.catalog.content.course_files import read_course_files
from lms.catalog.content.faults import ContentFault, Faults
from lms.catalog.content.fitting import fit
from lms.catalog.content.schema import ItemShape
from lms.catalog.content.tree import Tree
from lms.errors import Invalid

LONGEST_ID = 60
MOST_QUESTIONS = 2000


class CannotExchange(Invalid):
    """A file cannot be read at all, or a bank cannot be written; the message is ``file:line: what is wrong``."""


@dataclass(frozen=True, slots=True)
class BankOption:
    """One answer. ``text`` is plain words, ``feedback`` is CommonMark. ``line`` is where it stood in the file."""

    id: str
    text: str
    correct: bool
    feedback: str
    line: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class BankItem:
    """One question. ``clause``, ``verdict``, ``rewrite`` and ``module`` are empty where nobody said them.

    ``stem`` and ``rewrite`` are CommonMark. ``file`` and ``line`` are where the item stood, for what is said of it.
    """

    id: str
    clause: str
    verdict: str
    stem: str
    options: tuple[BankOption, ...]
    rewrite: str
    module: str = ""
    file: str = field(default="", compare=False)
    line: int = field(default=1, compare=False)

    def fields(self) -> dict[str, Any]:
        """The item as ``bank.yaml`` has it, in its order, without what is empty."""
        named: dict[str, Any] = {"id": self.id, "clause": self.clause, "verdict": self.verdict, "stem": self.stem}
        named["options"] = [
            {
                "id": option.id,
                "text": option.text,
                **({"correct": True} if option.correct else {}),
                **({"feedback": option.feedback} if option.feedback else {}),
            }
            for option in self.options
        ]
        named["rewrite"] = self.rewrite
        return {key: value for key, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class Bank:
    """A course's items with what a file for others says of the course."""

    course: str
    title: str
    language: str
    items: tuple[BankItem, ...]


def read_bank(path: Path, module: str | None = None) -> Bank | list[ContentFault]:
    """The bank of the course in a folder, or of one of its modules; every fault where a file of it cannot be read.

    Lessons and thresholds need not be finished for that. Raises CannotExchange where there is no item.
    """
    faults = Faults()
    files = read_course_files(path, faults)
    if files is None or len(faults):
        return faults.listed()
    items = tuple(
        _item(shape, held.shape.module)
        for held in files.modules
        for shape in held.items.values()
        if module in (None, held.shape.module)
    )
    if not items:
        where = f"Module {module} of this course" if module is not None else "This course"
        raise CannotExchange(f"{where} has no items.")
    return Bank(files.shape.course, files.shape.title, files.shape.language, items)


def _item(shape: ItemShape, module: str) -> BankItem:
    return BankItem(
        id=shape.id,
        clause=shape.clause,
        verdict=shape.verdict,
        stem=shape.stem,
        options=tuple(BankOption(o.id, o.text, o.correct, o.feedback) for o in shape.options),
        rewrite=shape.rewrite,
        module=module,
    )


def refuse_unwritable(bank: Bank) -> None:
    """Raises CannotExchange for what no format can carry and bring back.

    That is an id that stands twice, an item without exactly one right answer, and a control character: XML has no
    way to write one, and Moodle drops it from GIFT.
    """
    seen: set[str] = set()
    for item in bank.items:
        if item.id in seen:
            raise CannotExchange(f"items.{item.id}.id: Two items have this id.")
        seen.add(item.id)
        if sum(option.correct for option in item.options) != 1 or len({o.id for o in item.options}) < len(item.options):
            raise CannotExchange(f"items.{item.id}.options: One option must be correct, and each needs its own id.")
        for name, text in _texts(item):
            odd = next((c for c in text if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t"), None)
            odd = odd or next((c for c in text if c in "\ufffe\uffff"), None)
            if odd is not None:
                message = f"The character U+{ord(odd):04X} cannot be written in an exchange file. Remove it."
                raise CannotExchange(f"items.{item.id}.{name}: {message}")


def _texts(item: BankItem) -> Iterator[tuple[str, str]]:
    yield "stem", item.stem
    yield "rewrite", item.rewrite
    for option in item.options:
        yield f"options.{option.id}.text", option.text
        yield f"options.{option.id}.feedback", option.feedback


def note_gaps(items: list[BankItem], faults: Faults) -> None:
    """Notes what each item still lacks to be an item here, on the line where it stood in the foreign file."""
    for item in items:
        tree = Tree(item.file, {"items": [item.fields()]})
        tree.lines[("items", 0)] = item.line
        for place, option in enumerate(item.options):
            tree.lines[("items", 0, "options", place)] = option.line
        fit(ItemShape, tree, faults, ("items", 0))
        if len(item.options) != OPTIONS:
            message = f"An item has exactly three options; this one has {len(item.options)}."
            faults.add(item.file, item.line, f"items.{item.id}.options", message)


class Names:
    """Makes ids of foreign names, each of them once."""

    def __init__(self, note: Callable[[int, str, str], None]) -> None:
        self._note = note
        self._taken: dict[str, int] = {}

    def name(self, wanted: str, line: int) -> str:
        """The id for a name; notes a name that had to be changed."""
        plain = unicodedata.normalize("NFKD", wanted).encode("ascii", "ignore").decode()
        stem = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:LONGEST_ID].strip("-") or "question"
        found = stem
        while found in self._taken:
            self._taken[stem] += 1
            found = f"{stem[: LONGEST_ID - 6].strip('-')}-{self._taken[stem]}"
        self._taken[found] = 1
        if found != wanted:
            self._note(line, f"items.{found}.id", f"The name {quoted(wanted)} became the id {found}.")
        return found


def quoted(text: str, most: int = 60) -> str:
    """A text for a message: on one line, shortened, in quotation marks."""
    words = " ".join(text.split())
    return f"“{words[:most]}…”" if len(words) > most else f"“{words}”"


def option_id(place: int) -> str:
    """The id of an option that brings none: a, b, c … and then o27, o28 …"""
    return chr(ord("a") + place) if place < 26 else f"o{place + 1}"
