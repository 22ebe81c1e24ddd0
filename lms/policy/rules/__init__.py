"""Pure decisions about a policy: its canonical text, how clauses are ordered and named, when a review is due."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import rfc8785

from lms.dates import add_months

ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the policy as printed; ``level`` 1 is a roman section, 2 a lettered part, 3 a numbered one."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class ClauseText:
    """One clause, word for word, with the headings it stands under (outermost first)."""

    ref: str
    text: str
    taught: bool
    position: int
    trail: tuple[str, ...] = ()

    @property
    def number(self) -> str | None:
        """The number in front of the clause as the policy prints it."""
        return printed_number(self.ref)

    @property
    def label(self) -> str:
        """How a sentence names this clause."""
        return clause_label(self.ref)

    @property
    def is_nested(self) -> bool:
        """Whether the clause is an item of a list that another clause leads in (SOP 110, IV.B.2.k.1)."""
        return len(self.ref.split(".")) > 4


@dataclass(frozen=True, slots=True)
class ParsedPolicy:
    """A policy as its file says it. Every date is a local date of the department."""

    slug: str
    number: str
    title: str
    department: str
    distribution: str
    standards: str
    by_order_of: str
    effective_on: date
    revised_on: date
    review_months: int
    blocks: tuple[Heading | ClauseText, ...]

    @property
    def clauses(self) -> tuple[ClauseText, ...]:
        """The clauses in the policy's own order."""
        return tuple(block for block in self.blocks if isinstance(block, ClauseText))

    @property
    def canonical(self) -> str:
        """RFC 8785 text of everything the policy says; what a version's ``sha256`` is over."""
        return canonical_json(
            {
                "document": self.slug,
                "number": self.number,
                "title": self.title,
                "department": self.department,
                "distribution": self.distribution,
                "standards": self.standards,
                "by_order_of": self.by_order_of,
                "effective_on": self.effective_on.isoformat(),
                "revised_on": self.revised_on.isoformat(),
                "review_months": self.review_months,
                "blocks": [_block_fields(block) for block in self.blocks],
            }
        )

    @classmethod
    def from_canonical(cls, text: str) -> ParsedPolicy:
        """The policy that ``canonical`` describes; the way back from a published version."""
        fields = json.loads(text)
        blocks = read_blocks(fields.pop("blocks"))
        return cls(
            slug=fields.pop("document"),
            effective_on=date.fromisoformat(fields.pop("effective_on")),
            revised_on=date.fromisoformat(fields.pop("revised_on")),
            blocks=blocks,
            **fields,
        )


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with the clauses directly under it; ``anchor`` is its id on the page."""

    anchor: str
    heading: Heading
    clauses: tuple[ClauseText, ...]


def outline(policy: ParsedPolicy) -> tuple[Section, ...]:
    """The policy as a flat list of sections, for a page and its table of contents.

    An anchor is made of the numbers of the headings (``section-IV.B.2``), so that a link to it stays right.
    """
    found: list[tuple[str, Heading, list[ClauseText]]] = []
    trail: list[Heading] = []
    for block in policy.blocks:
        if isinstance(block, Heading):
            trail = [outer for outer in trail if outer.level < block.level] + [block]
            anchor = "section-" + ".".join(heading.text.split(".")[0].replace(" ", "-") for heading in trail)
            found.append((anchor, block, []))
        elif found:
            found[-1][2].append(block)
        else:
            found.append(("section", Heading(1, policy.title), [block]))
    return tuple(Section(anchor, heading, tuple(clauses)) for anchor, heading, clauses in found)


def _block_fields(block: Heading | ClauseText) -> dict[str, Any]:
    if isinstance(block, Heading):
        return {"heading": block.text, "level": block.level}
    return {"clause": block.ref, "text": block.text, "taught": block.taught}


def read_blocks(fields: Iterable[dict[str, Any]]) -> tuple[Heading | ClauseText, ...]:
    """Headings and clauses from ``{heading, level}`` and ``{clause, text, taught}``, in the policy's order."""
    blocks: list[Heading | ClauseText] = []
    trail: list[Heading] = []
    position = 0
    for field in fields:
        if "heading" in field:
            heading = Heading(field["level"], field["heading"])
            trail = [outer for outer in trail if outer.level < heading.level] + [heading]
            blocks.append(heading)
            continue
        headings = tuple(outer.text for outer in trail)
        blocks.append(ClauseText(field["clause"], field["text"], field["taught"], position, headings))
        position += 1
    return tuple(blocks)


def canonical_json(value: Any) -> str:
    """RFC 8785 (JSON Canonicalization Scheme) text of a value, in Unicode form NFC, which the RFC leaves to us.

    Floats are refused: content has none, and their form is what implementations of the RFC get wrong.
    Raises TypeError for one.
    """
    return rfc8785.dumps(_normal(value)).decode("utf-8")


def _normal(value: Any) -> Any:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, dict):
        return {unicodedata.normalize("NFC", key): _normal(held) for key, held in value.items()}
    if isinstance(value, (list, tuple)):
        return [_normal(held) for held in value]
    raise TypeError(f"Canonical content holds no {type(value).__name__}.")


def sha256_of(text: str) -> str:
    """SHA-256 of the text's UTF-8 bytes, in lower-case hex."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def review_due_on(revised_on: date, months: int) -> date:
    """The day by which the policy must be reviewed: ``months`` after its last revision, the same day of the month.

    Where that month is shorter, its last day counts.
    """
    return add_months(revised_on, months)


def is_review_due(due_on: date, today: date) -> bool:
    """Whether a review is due on ``today``: from its date on, as the worker flags it and every page says."""
    return due_on <= today


def clause_sort_key(ref: str) -> tuple[tuple[int, int, str], ...]:
    """Orders refs as the policy does: IV after III, ``k.2`` before ``k.10``, a lead-in before its items."""
    first, *others = ref.split(".")
    return (_roman_key(first), *(_segment_key(part) for part in others))


def _roman_key(text: str) -> tuple[int, int, str]:
    if not text or any(letter not in ROMAN for letter in text):
        return _segment_key(text)
    values = [ROMAN[letter] for letter in text]
    total = sum(-v if v < max(values[i:]) else v for i, v in enumerate(values))
    return (0, total, "")


def _segment_key(text: str) -> tuple[int, int, str]:
    return (0, int(text), "") if text.isdecimal() else (1, 0, text)


def clause_label(ref: str) -> str:
    """How a sentence names a clause; the ref itself stays whole, because reports and exports use it."""
    return f"Clause {ref}"


def printed_number(ref: str) -> str | None:
    """The number as SOP 110 prints it in front of the clause: ``f.``, ``1)``.

    None for a section that is one clause (its heading has the number) and for a definition (it has a term).
    """
    *outer, last = ref.split(".")
    if last.isdecimal() and len(outer) == 4:
        return f"{last})"
    return f"{last}." if outer and len(last) == 1 else None
