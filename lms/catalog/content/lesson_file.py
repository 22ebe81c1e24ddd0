"""lesson.md: an introduction, then one section for each clause or small group of clauses."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lms.catalog.content.faults import Faults
from lms.catalog.content.markdown import refused_in
from lms.catalog.content.schema import ClauseRef
from lms.catalog.content.source import Source

SECTION = re.compile(r"## +(.*)")
PART = re.compile(r"### +(.*)")
REF = re.compile(r"[IVX]+(\.[A-Za-z0-9-]+)*")
DASH = " — "
PARTS = (
    "In plain words",
    "What it does not forbid",
    "An example from the job",
    "What people get wrong",
    "Where to ask",
)
"""The headings inside a section, in this order."""


@dataclass(frozen=True, slots=True)
class SectionText:
    """One section as authored; ``line`` is that of its heading."""

    line: int
    clauses: tuple[ClauseRef, ...]
    title: str
    text: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LessonText:
    """A lesson as authored; ``source`` is the whole file."""

    file: str
    intro: str
    sections: tuple[SectionText, ...]
    source: str = ""


def read_lesson(source: Source, faults: Faults, *, strict: bool) -> LessonText:
    """The lesson of a file; headings that are not as they should be are noted.

    ``strict`` asks for the five headings in every section; the capstone's lesson is free of them.
    """
    for line, sentence in refused_in(source.text):
        faults.add(source.file, line + 1, "", sentence)
    starts = [number for number, line in enumerate(source.lines) if SECTION.fullmatch(line)]
    intro = source.lines[: starts[0]] if starts else source.lines
    sections = [
        _section(source, start, end, faults)
        for start, end in zip(starts, [*starts[1:], len(source.lines)], strict=False)
    ]
    if strict:
        for section in sections:
            if section.parts != PARTS:
                wanted = ", ".join(f"“{part}”" for part in PARTS)
                message = f"This section must have these headings (###) in this order: {wanted}."
                faults.add(source.file, section.line, section.title, message)
    return LessonText(source.file, "\n".join(intro).strip(), tuple(sections), source.text)


def _section(source: Source, start: int, end: int, faults: Faults) -> SectionText:
    heading = source.lines[start].lstrip("#").strip()
    refs, dash, title = heading.partition(DASH)
    clauses = tuple(ref.strip() for ref in refs.split(",")) if dash else ()
    if not dash or not title.strip() or not all(REF.fullmatch(ref) for ref in clauses):
        message = "A section's heading looks like “## IV.B.2.e — Being known as an officer”."
        faults.add(source.file, start + 1, heading, message)
        clauses = ()
    body = source.lines[start + 1 : end]
    text = "\n".join(body).strip()
    if not text:
        faults.add(source.file, start + 1, heading, "This section has no text.")
    parts = tuple(found[1].strip() for line in body if (found := PART.fullmatch(line)))
    return SectionText(start + 1, clauses, title.strip(), text, parts)
