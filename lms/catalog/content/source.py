"""Reads one content file as text, and refuses what no content file may be.

Limits stand before any parsing, so that a file that was made to exhaust a parser is refused at once.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path

from lms.catalog.content.faults import Faults

LARGEST_FILE = 512 * 1024
LONGEST_LINE = 4000
MOST_BRACKETS = 40
"""Opening brackets in one line of YAML; content needs about ten."""


@dataclass(frozen=True, slots=True)
class Source:
    """The text of one file in Unicode form NFC, under the name by which faults call it."""

    file: str
    text: str

    @property
    def lines(self) -> list[str]:
        """The lines without their ends."""
        return self.text.split("\n")


def read_source(path: Path, root: Path, faults: Faults) -> Source | None:
    """The file's text; None where it is missing or cannot be read, which is noted in ``faults``."""
    file = path.relative_to(root).as_posix()
    try:
        if path.is_symlink() or not path.is_file():
            faults.add(file, 1, "", "This file is missing.")
            return None
        if path.stat().st_size > LARGEST_FILE:
            faults.add(file, 1, "", f"This file is larger than {LARGEST_FILE // 1024} KB. Divide it.")
            return None
        data = path.read_bytes()
    except OSError as error:
        faults.add(file, 1, "", f"This file cannot be read ({error.strerror}).")
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        faults.add(file, line, "", "This is not UTF-8 text. Save the file with the encoding UTF-8.")
        return None
    return _refuse_characters(Source(file, unicodedata.normalize("NFC", text)), faults)


def _refuse_characters(source: Source, faults: Faults) -> Source | None:
    before = len(faults)
    if not source.text.strip():
        faults.add(source.file, 1, "", "This file is empty.")
    for number, line in enumerate(source.lines, start=1):
        if "\t" in line:
            faults.add(source.file, number, "", "There is a tab. Use spaces.")
        if "\r" in line:
            faults.add(source.file, number, "", "Lines must end in LF alone, not CR LF.")
            break
        odd = None if line.isprintable() else next(filter(_is_invisible, line), None)
        if odd is not None:
            faults.add(source.file, number, "", f"There is an invisible character (U+{ord(odd):04X}). Remove it.")
        if len(line) > LONGEST_LINE:
            faults.add(source.file, number, "", f"This line is longer than {LONGEST_LINE} characters.")
        if source.file.endswith(".yaml") and line.count("[") + line.count("{") > MOST_BRACKETS:
            faults.add(source.file, number, "", "Too many brackets in one line.")
    return source if len(faults) == before else None


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Co") and character != "\t"
