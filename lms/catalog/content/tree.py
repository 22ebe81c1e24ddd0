"""YAML as plain data that remembers on which line each value stands.

A small part of YAML 1.2 is taken: mappings with text keys, lists, text, whole numbers, true, false and null.
Anchors, aliases, tags, merge keys and several documents in one file are refused, and so is nesting that no
content needs: they can make a small file enormous. The parser's events are read one after the other and reading
stops at the first such thing, so that nothing is built that was not wanted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from lms.catalog.content.faults import Faults
from lms.catalog.content.source import Source

DEEPEST = 12
MOST_VALUES = 10_000
WHOLE_NUMBER = re.compile(r"[-+]?[0-9]{1,15}")
WORDS = {"null": None, "~": None, "": None, "true": True, "false": False}

Path = tuple[str | int, ...]


@dataclass(slots=True)
class Tree:
    """The data of one YAML file, and the line (from 1) of each key and list entry."""

    file: str
    value: Any = None
    lines: dict[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int:
        """The line of a place, or of the nearest place around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def name(self, path: Path) -> str:
        """A place for people: list entries by their ``id``, else by their number from 1."""
        names: list[str] = []
        here: Any = self.value
        for step in path:
            inner = _step(here, step)
            own = inner.get("id") if isinstance(inner, dict) else None
            names.append(str(step) if isinstance(step, str) else own if isinstance(own, str) else str(step + 1))
            here = inner
        return ".".join(names)


class _RefusalError(Exception):
    """Reading stops: ``line`` counts from 1."""

    def __init__(self, line: int, message: str, path: Path = ()) -> None:
        super().__init__(message)
        self.line = line
        self.message = message
        self.path = path


def read_tree(source: Source, faults: Faults, first_line: int = 1) -> Tree | None:
    """The data of a file; None where it cannot be read, which is noted in ``faults``.

    ``first_line`` is the line at which the text stands in its file (front matter does not begin at 1).
    A key that occurs twice is noted and reading goes on.
    """
    tree = Tree(source.file)
    builder = _Builder(tree, faults, first_line)
    try:
        tree.value = builder.read(_events(source.text))
        return tree
    except _RefusalError as refused:
        faults.add(source.file, refused.line + first_line - 1, tree.name(refused.path), refused.message)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + first_line if error.problem_mark else first_line
        problem = (error.problem or "it cannot be read").splitlines()[0]
        faults.add(source.file, line, "", f"This is not YAML: {problem}.")
    except (YAMLError, ValueError, RecursionError):
        faults.add(source.file, first_line, "", "This is not YAML.")
    return None


def _events(text: str) -> Iterator[Any]:
    return iter(YAML(typ="safe", pure=True).parse(text))


class _Builder:
    """Builds data from events."""

    def __init__(self, tree: Tree, faults: Faults, first_line: int) -> None:
        self._tree = tree
        self._faults = faults
        self._first = first_line
        self._values = 0
        self._documents = 0

    def read(self, events: Iterator[Any]) -> Any:
        value = None
        for event in events:
            if isinstance(event, DocumentStartEvent):
                self._documents += 1
                if self._documents > 1:
                    raise _RefusalError(
                        event.start_mark.line + 1, "A second document begins here. Only one is allowed."
                    )
            elif isinstance(event, (AliasEvent, ScalarEvent, SequenceStartEvent, MappingStartEvent)):
                value = self._node(event, events, ())
        return value

    def _node(self, event: Any, events: Iterator[Any], path: Path) -> Any:
        line = event.start_mark.line + 1
        self._tree.lines.setdefault(path, line + self._first - 1)
        self._refuse(event, line, path)
        if isinstance(event, ScalarEvent):
            return _scalar(event)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(events, path)
        return self._mapping(events, path)

    def _refuse(self, event: Any, line: int, path: Path) -> None:
        if isinstance(event, AliasEvent) or event.anchor:
            raise _RefusalError(line, "Anchors (&) and aliases (*) are not used here. Write the text out.", path)
        if event.tag is not None:
            raise _RefusalError(line, "Tags (!) are not used here.", path)
        if len(path) > DEEPEST:
            raise _RefusalError(line, "This is nested too deep.", path[:3])
        self._values += 1
        if self._values > MOST_VALUES:
            raise _RefusalError(line, f"This file holds more than {MOST_VALUES} values. Divide it.")

    def _sequence(self, events: Iterator[Any], path: Path) -> list[Any]:
        held: list[Any] = []
        for event in events:
            if not _opens(event):
                break
            held.append(self._node(event, events, (*path, len(held))))
        return held

    def _mapping(self, events: Iterator[Any], path: Path) -> dict[str, Any]:
        held: dict[str, Any] = {}
        for event in events:
            if not _opens(event):
                break
            line = event.start_mark.line + 1
            self._refuse(event, line, path)
            if not isinstance(event, ScalarEvent):
                raise _RefusalError(line, "A key must be one plain word.", path)
            key = str(event.value)
            if key in held:
                where = self._tree.name((*path, key))
                self._faults.add(self._tree.file, line + self._first - 1, where, "This key stands here twice.")
            self._tree.lines.setdefault((*path, key), line + self._first - 1)
            held[key] = self._node(next(events), events, (*path, key))
        return held


def _opens(event: Any) -> bool:
    return isinstance(event, (AliasEvent, ScalarEvent, SequenceStartEvent, MappingStartEvent))


def _scalar(event: ScalarEvent) -> str | int | bool | None:
    text = str(event.value)
    if event.style in ('"', "'", "|", ">"):
        return text
    if text in WORDS:
        return WORDS[text]
    return int(text) if WHOLE_NUMBER.fullmatch(text) else text


def _step(value: Any, step: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(str(step))
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None
