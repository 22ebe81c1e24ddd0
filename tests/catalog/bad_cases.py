"""Broken content of every kind: what is done to the tiny course, by name.

``said.txt`` beside the bad files holds, word for word, what the check must say of each case;
``python -m tests.catalog.bad_cases`` writes it again, to be read before it is committed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from lms.catalog.content.check import check_course
from tests.catalog.courses import BAD, BANK, LESSON, MODULE, STORY, copy_tiny, edit

GOLDEN = BAD / "said.txt"
STEM = "stem: What is the purpose of the policy?"
OPTION = 'text: "Guidelines for proper use of accounts."'
INTRO = "This lesson belongs to module 2."
DOUBLED = "".join(f"a{n}: &a{n} [*a{n - 1},*a{n - 1}]\n" for n in range(1, 60))

WHOLE: dict[str, tuple[str, bytes]] = {
    "aliases that explode": (BANK, f"a0: &a0 [x]\n{DOUBLED}items: *a59\n".encode()),
    "anchor alone": (BANK, b"items: &here\n  - id: a\n"),
    "anchor on a key": (BANK, b"&k items:\n  - id: a\n"),
    "binary tag": (BANK, b"items: !!binary aGVsbG8=\n"),
    "block list of lists in one line": (BANK, b"items:\n" + b"- " * 1500 + b"x\n"),
    "byte order mark": (BANK, b"\xef\xbb\xbfitems: []\n"),
    "colon without a space": (BANK, b"items:\n  - id:a\n"),
    "control character": (BANK, b"items:\n  - id: a\x07b\n"),
    "directive": (BANK, b"%TAG ! tag:example.com,2000:app/\n---\nitems: !thing x\n"),
    "five megabytes of nesting": (BANK, b"[" * (5 * 1024 * 1024)),
    "five megabytes of nested lines": (BANK, b"- \n" * (5 * 1024 * 1024 // 3)),
    "huge plain number": (BANK, b"items: " + b"9" * 3000 + b"\n"),
    "huge scalar in one line": (BANK, b"items: " + b"a" * 200_000 + b"\n"),
    "huge scalar over many lines": (BANK, b"items:\n  - id: >\n" + b"      aaaa bbbb cccc\n" * 10_000),
    "indented wrongly": (BANK, b"items:\n  - id: a\n   clause: I\n"),
    "key that is a number": (BANK, b"1: a\n"),
    "key that is empty": (BANK, b": a\n"),
    "key that is a mapping": (BANK, b"? {a: b}\n: c\n"),
    "list without a space": (BANK, b"items:\n  -id: a\n"),
    "mapping for a list": (BANK, b"items:\n  a: 1\n"),
    "null for a list": (BANK, b"items:\n"),
    "empty list": (BANK, b"items: []\n"),
    "object of Python by the full tag": (BANK, b"items: !<tag:yaml.org,2002:python/object/apply:os.system> [x]\n"),
    "object of Python that runs a command": (BANK, b'items: !!python/object/apply:os.system ["touch EXECUTED"]\n'),
    "object of Python that is new": (BANK, b"items:\n  - !!python/object/new:type {args: [x]}\n"),
    "name of Python": (BANK, b"items:\n  - id: !!python/name:os.system\n"),
    "nul byte": (BANK, b"items:\n  - id: a\x00\n"),
    "only a comment": (BANK, b"# nothing\n"),
    "set tag": (BANK, b"items: !!set {a, b}\n"),
    "text for entries": (BANK, b"items:\n  - just words\n  - 12\n"),
    "two files in one": (BANK, b"items: []\n...\n---\nitems: []\n"),
    "UTF-16": (BANK, "items: []\n".encode("utf-16")),
    "unclosed bracket": (BANK, b"items: [a, b\n"),
    "unclosed quote": (BANK, b'items: "a\n'),
    "unknown escape": (BANK, b'items: "\\q"\n'),
    "lesson that is binary": (LESSON, bytes(range(128, 256))),
    "lesson of one huge line": (LESSON, b"word " * 20_000 + b"\n"),
    "lesson of ten thousand quotes": (LESSON, b">" * 3900 + b"\n"),
    "lesson of nested lists": (LESSON, b"".join(b" " * (2 * n) + b"- a\n" for n in range(400))),
    "lesson of open brackets": (LESSON, b"[" * 3900 + b"\n" + b"*a" * 1900 + b"\n"),
}

EDITS: dict[str, tuple[str, str, str]] = {
    "address that runs a script": (LESSON, INTRO, "See [this](javascript:alert(1))."),
    "address that runs a script, spelled in entities": (LESSON, INTRO, "See [this](java&#115;cript:alert(1))."),
    "address with data": (LESSON, INTRO, "See [this][x].\n\n[x]: data:text/html;base64,PHNjcmlwdD4="),
    "autolink that runs a script": (BANK, STEM, "stem: See <javascript:alert(1)>."),
    "script element": (LESSON, INTRO, "Fine.\n\n<script>alert(1)</script>\n\nFine."),
    "script in a stem": (BANK, STEM, "stem: What <script>alert(1)</script> is this?"),
    "script in an option, which is plain text": (BANK, OPTION, "text: 12"),
    "handler on an image": (LESSON, INTRO, "<img src=x onerror=alert(1)>"),
    "SVG with a handler": (LESSON, INTRO, "<svg/onload=alert(1)>"),
    "frame": (LESSON, INTRO, '<iframe src="https://example.com"></iframe>'),
    "HTML comment": (LESSON, INTRO, "<!-- hidden -->"),
    "picture from elsewhere": (LESSON, INTRO, "![](https://example.com/pixel.png)"),
    "HTML in a table": (LESSON, INTRO, "| a | b |\n|---|---|\n| <b onclick=x>1</b> | 2 |"),
    "style element": (STORY, "start: phone", "start: phone\n    setting2: <style>*{display:none}</style>"),
    "list for text": (BANK, STEM, "stem: [a, b]"),
    "mapping for text": (BANK, STEM, "stem: {a: b}"),
    "true for text": (BANK, STEM, "stem: true"),
    "null for text": (BANK, STEM, "stem:"),
    "date for text that must be quoted": (BANK, STEM, "stem: 2021"),
    "text too long": (BANK, STEM, "stem: >-\n" + "      many many words\n" * 400),
    "option of nothing": (BANK, OPTION, 'text: "  "'),
    "key given twice": (MODULE, "questions: 4", "questions: 4\nquestions: 5"),
    "minutes that are text": (MODULE, "questions: 4", 'questions: "4"'),
    "minutes beyond a day": (MODULE, "questions: 4", "questions: 4000"),
    "number that is a fraction": (MODULE, "questions: 4", "questions: 4.5"),
    "number in words": (MODULE, "questions: 4", "questions: four"),
    "number with underscores": (MODULE, "questions: 4", "questions: 0x4"),
}


def broken_by(name: str, folder: Path) -> Path:
    """The tiny course with this one thing wrong."""
    course = copy_tiny(folder)
    if name in WHOLE:
        file, data = WHOLE[name]
        (course / file).write_bytes(data)
    else:
        edit(course, *EDITS[name])
    return course


def told(course: Path) -> str:
    """The first three faults, as the command prints them, without the course's folder."""
    found = check_course(course)
    if not isinstance(found, list):
        return "no fault"
    lines = [str(fault) for fault in found]
    return "\n".join([*lines[:3], *([f"and {len(lines) - 3} more"] if len(lines) > 3 else [])])


def golden() -> dict[str, str]:
    """What the check must say, by the name of the case."""
    cases = GOLDEN.read_text(encoding="utf-8").split("## ")[1:]
    return {case.split("\n", 1)[0]: case.split("\n", 1)[1].strip() for case in cases}


def write_golden(tell: Callable[[Path], str] = told) -> None:
    """Writes said.txt from what the check says now."""
    parts = []
    for name in sorted({**WHOLE, **EDITS}):
        with tempfile.TemporaryDirectory() as folder:
            parts.append(f"## {name}\n{tell(broken_by(name, Path(folder)))}\n")
    GOLDEN.write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    write_golden()
