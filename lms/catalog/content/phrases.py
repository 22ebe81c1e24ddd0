"""Phrases as course.yaml writes them, and what a course must say, must not say, and may cite.

A phrase is plain words; ``[a|b]`` stands for one of several, ``...`` for up to six words between. It is turned into
a regular expression here, so that no author has to write one and none can be made that never ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from lms.catalog.content.course_files import CourseFiles
from lms.catalog.content.faults import Faults
from lms.catalog.content.tree import Path
from lms.catalog.content.voice import QUOTED, Said, blank

GAP = r"(?:\S+\s+){0,6}?"
PIECES = re.compile(r"\[([^\[\]]*)\]|(\.\.\.)|(\s+)|([^\[\]\s.]+|.)")

LEGAL = re.compile(
    r"""
      (?:[A-Z][\w.'’&-]*\s+){1,5}vs?\.?\s+[A-Z][\w'’-]+                     # a case: Lane v. Franks
    | \b\d+\s+(?:U\.\s?S\.|S\.\s?Ct\.|F\.\s?(?:2d|3d|4th|Supp\.)|A\.\s?(?:2d|3d))(?:\s?[23]d)?\s+\d+   # a reporter
    | \b\d+\s+(?:M\.\s?R\.\s?S\.|U\.\s?S\.\s?C\.|C\.\s?F\.\s?R\.)             # a code
    | §+\s*\d+ | \b[Ss]ections?\s+\d{2,}                                      # a section of one
    | \b(?:Pub\.\s?L\.|P\.\s?L\.)\s*\d+
    | \((?:\d(?:st|nd|rd|th)\s+Cir\.|Me\.|D\.\s?Me\.)(?:\s+\d{4})?\)
    | \b(?:[A-Z]\w+\s+){2,}Act\b                                              # an act by its name
    | \b(?:Fourth|Fifth|Sixth|Fourteenth)\s+Amendment\b
    """,
    re.VERBOSE,
)
"""What looks like a citation of law, as the Bluebook and Maine's own form write it. The First Amendment is not among
them because the policy itself names it."""

MAYBE_LEGAL = re.compile(
    r"§|\d\s+[A-Z]\.|\svs?\.?\s+[A-Z]|Act\b|ections?\s+\d|Amendment|\((?:Me|\d\w\w Cir)\.|L\.\s?\d|D\. ?Me"
)
"""Stands in whatever LEGAL finds, and in little else: a quick look before the long one."""


def phrase(text: str) -> str:
    """The regular expression (without flags) of a phrase."""
    out: list[str] = []
    for choice, gap, space, word in PIECES.findall(text.strip()):
        if gap:
            out.append(GAP)
        elif space:
            # After a gap, or beside a choice that may be empty, there may be no room left.
            out.append("" if out and out[-1] == GAP else r"\s+" if not out or not out[-1].endswith("|)") else r"\s*")
        elif word:
            out.append(re.escape(word))
        else:
            either = "|".join(r"\s+".join(map(re.escape, one.split())) for one in choice.split("|"))
            out.append(f"(?:{either})")
    return "".join(out)


def compiled(text: str) -> re.Pattern[str]:
    """A phrase to search for: whole words, any case."""
    return re.compile(rf"(?<!\w){phrase(text)}(?!\w)", re.IGNORECASE)


def _longest_word(text: str) -> str:
    """A word that stands in whatever the phrase finds, so that most texts need no search; empty if there is none."""
    return max(re.sub(r"\S*\[[^\]]*\]\S*", " ", text.lower()).replace("...", " ").split(), key=len, default="")


class Wording:
    """What course.yaml asks of the words of a course."""

    def __init__(self, files: CourseFiles, faults: Faults) -> None:
        self._files = files
        self._faults = faults
        shape = files.shape
        self._forbidden = [(entry, _longest_word(entry.say), compiled(entry.say)) for entry in shape.must_not_say]
        listed = sorted(shape.citations, key=len, reverse=True)
        spaced = ("".join(r"\s+" if c == " " else re.escape(c) for c in text.replace("*", "")) for text in listed)
        self._cited = re.compile("|".join(rf"(?<!\w){one}(?!\w)" for one in spaced)) if listed else None

    def check(self, texts: Iterable[Said]) -> None:
        """Notes what is cited without being listed, what must not be said, and what is said nowhere."""
        for said in texts:
            if self._cited is not None:
                self._check_citations(said, self._cited)
            if self._forbidden and said.speaker != "person":
                self._check_forbidden(said)
        self._check_required()

    def _check_citations(self, said: Said, cited: re.Pattern[str]) -> None:
        if not MAYBE_LEGAL.search(said.text):
            return
        for found in LEGAL.finditer(blank(said.plain, cited)):
            if "_" in found[0]:
                continue
            name = " ".join(found[0].split())
            message = (
                f"“{name}” looks like a citation and is not on the list “citations” of course.yaml. "
                "Cite it word for word as listed, or leave it out."
            )
            said.note(self._faults, found.start(), message)

    def _check_forbidden(self, said: Said) -> None:
        # What stands in quotation marks is somebody's, not the course's: a misconception may be named to be answered.
        text = said.plain if said.path and said.path[-1] == "rewrite" else blank(said.plain, QUOTED)
        lower = text.lower()
        for entry, word, pattern in self._forbidden:
            if word in lower and (found := pattern.search(text)):
                said.note(self._faults, found.start(), f"A course must not say “{entry.say}”: {entry.why}")

    def _check_required(self) -> None:
        must, tree = self._files.shape.must_say, self._files.tree
        if must is None:
            return
        lessons = {module.shape.module: module.lesson for module in self._files.modules}
        attestation = " ".join(self._files.shape.attestation.notices)
        for place, line in enumerate(must.lines):
            pattern = compiled(line)
            if not pattern.search(attestation):
                where: Path = ("attestation", "notices")
                message = f"No notice of the attestation says “{line}”, which must_say asks for. Add it."
                self._faults.add(tree.file, tree.line(where), tree.name(where), message)
            for number, ref in enumerate(must.lessons):
                if ref not in lessons:
                    where = ("must_say", "lessons", number)
                    self._faults.add(tree.file, tree.line(where), tree.name(where), f"There is no module {ref}.")
                elif not pattern.search(lessons[ref].source.replace("*", "")):
                    message = f"This lesson does not say “{line}”, which must_say (line {place + 1}) asks for. Add it."
                    self._faults.add(lessons[ref].file, 1, "", message)
