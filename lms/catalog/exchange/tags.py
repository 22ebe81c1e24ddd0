"""What other formats have no field for travels as tags: ``clause:IV.B.2.f``, ``verdict:duty``, ``module:3``.

An option's id is a tag only where it is not the letter of its place, so that most items need none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from lms.catalog.exchange.bank import BankItem, option_id, quoted

MODULE = re.compile(r"[0-9A-Za-z-]{1,20}")
OPTION = re.compile(r"([1-9][0-9]?):([a-z0-9]+(?:-[a-z0-9]+)*)")

Note = Callable[[int, str, str], None]


@dataclass(slots=True)
class Tags:
    """What the tags of one question say. ``options`` is ids by place from 0."""

    clause: str = ""
    verdict: str = ""
    module: str = ""
    options: dict[int, str] = field(default_factory=dict)

    @property
    def ours(self) -> bool:
        """Whether the question was written for Rollcall, so that its general feedback is a rewrite."""
        return bool(self.clause and self.verdict)

    def option(self, place: int) -> str:
        """The id of the option at a place, from 0."""
        return self.options.get(place, option_id(place))


def tags_of(item: BankItem) -> list[str]:
    """The tags that carry an item's clause, verdict, module and unusual option ids."""
    tags = [f"{name}:{value}" for name, value in (("clause", item.clause), ("verdict", item.verdict)) if value]
    if item.module:
        tags.append(f"module:{item.module}")
    for place, option in enumerate(item.options):
        if option.id != option_id(place):
            tags.append(f"option:{place + 1}:{option.id}")
    return tags


def read_tags(found: Iterable[tuple[int, str]], note: Note) -> Tags:
    """Reads ``(line, tag)`` pairs; notes every tag that says nothing here, or says a second thing."""
    tags = Tags()
    for line, raw in found:
        tag = raw.strip()
        if tag and not _understood(tags, tag):
            note(line, "tags", f"The tag {quoted(tag)} is not kept.")
    return tags


def _understood(tags: Tags, tag: str) -> bool:
    kind, _, value = tag.partition(":")
    if kind == "clause" and value and not tags.clause:
        tags.clause = value
    elif kind == "verdict" and value and not tags.verdict:
        tags.verdict = value
    elif kind == "module" and MODULE.fullmatch(value) and not tags.module:
        tags.module = value
    elif kind == "option" and (found := OPTION.fullmatch(value)) and found[2] not in tags.options.values():
        tags.options[int(found[1]) - 1] = found[2]
    else:
        return False
    return True
