"""Writes a bank as a ``bank.yaml`` that a person goes on editing, and that reads back as exactly the same values.

Prose is folded at words, paragraphs are literal blocks; where neither gives the same text again (a tab, two spaces,
a character that one cannot see) the text stands in double quotes with escapes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from lms.catalog.exchange.bank import BankItem, quoted

WIDTH = 100
PIECE = 36
"""Characters of a quoted text in one line: fewer than the brackets that a line of YAML may hold here."""

PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9,.;()'\"?!$%/-]*(?: [A-Za-z0-9,.;()'\"?!$%/-]+)*")
WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
GAPS = {
    "clause": "the clause that decides the answer, such as IV.B.2.f",
    "verdict": "permitted, not-permitted, caution, duty or fact",
    "rewrite": "the safer way to say or do it",
    "feedback": "why, by the clause",
}


def write_bank_file(items: Sequence[BankItem], source: str) -> str:
    """The text of a ``bank.yaml``. What an item lacks stands there as a comment; ``source`` names the file read."""
    lines = [f"# Imported from {quoted(source)}.", "items:"]
    module = ""
    for item in items:
        if item.module != module:
            module = item.module
            lines.append(f"  # Module {module}." if module else "  # Of no module.")
        lines.extend(_item(item))
        lines.append("")
    return "\n".join(lines[:-1]) + "\n"


def _item(item: BankItem) -> Iterator[str]:
    yield f"  - id: {scalar(item.id, 6)}"
    yield from _entry("clause", item.clause, 4)
    yield from _entry("verdict", item.verdict, 4)
    yield from _entry("stem", item.stem, 4)
    yield "    options:"
    for option in item.options:
        yield f"      - id: {scalar(option.id, 10)}"
        yield from _entry("text", option.text, 8)
        if option.correct:
            yield "        correct: true"
        yield from _entry("feedback", option.feedback, 8)
    yield from _entry("rewrite", item.rewrite, 4)


def _entry(key: str, text: str, indent: int) -> Iterator[str]:
    before = " " * indent
    if text:
        yield f"{before}{key}: {scalar(text, indent + 2)}"
    else:
        yield f"{before}# {key}: fill in {GAPS.get(key, 'the text')}"


def scalar(text: str, indent: int) -> str:
    """A text as YAML, without the key; lines after the first are indented by ``indent``."""
    if _is_plain(text, indent):
        return text
    visible = all(unicodedata.category(c)[0] != "C" and c not in "\u2028\u2029" for c in text.replace("\n", " "))
    if visible and unicodedata.is_normalized("NFC", text) and _few_brackets(text):
        if "\n" not in text and "  " not in text and text == text.strip(" "):
            folded = _fold(text, indent)
            if len(folded) == 1 and len(text) + indent < WIDTH:
                return _single(text) if '"' in text or "\\" in text else f'"{text}"'
            if folded:
                return ">-" + "".join(f"\n{' ' * indent}{line}" for line in folded)
        elif _is_literal(text):
            return "|-" + "".join(f"\n{' ' * indent}{line}" if line else "\n" for line in text.split("\n"))
    return _quote(text, indent)


def _single(text: str) -> str:
    """In single quotes, in which only the single quote itself means anything."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _is_plain(text: str, indent: int) -> bool:
    short = len(text) + indent < WIDTH
    return short and PLAIN.fullmatch(text) is not None and text.lower() not in WORDS


def _few_brackets(text: str) -> bool:
    return text.count("[") + text.count("{") < PIECE


def _fold(text: str, indent: int) -> list[str]:
    """The lines of a folded block; none where a word is too long to fold at."""
    lines: list[str] = []
    for word in text.split(" "):
        if len(word) > WIDTH:
            return []
        if lines and len(lines[-1]) + 1 + len(word) + indent <= WIDTH:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _is_literal(text: str) -> bool:
    lines = text.split("\n")
    return bool(
        lines[0]
        and lines[-1].strip(" ")
        and not lines[0].startswith(" ")
        and all(len(line) < 1000 and (not line or line.strip(" ")) for line in lines)
    )


def _quote(text: str, indent: int) -> str:
    """In double quotes; a long text is broken with a backslash, which YAML takes out again."""
    if len(text) + indent < WIDTH and _few_brackets(text):
        return '"' + "".join(_escaped(text)) + '"'
    signs = list(_escaped(text))
    pieces = ["".join(signs[at : at + PIECE]) for at in range(0, len(signs), PIECE)]
    # A space at the beginning of a line would be taken for its indentation.
    pieces = [f"\\{piece}" if piece.startswith(" ") and at else piece for at, piece in enumerate(pieces)]
    return '"' + f"\\\n{' ' * indent}".join(pieces) + '"'


def _escaped(text: str) -> Iterator[str]:
    """Each character as it stands in double quotes: what cannot be seen, or would be composed anew, by its number."""
    composed = unicodedata.is_normalized("NFC", text)
    for sign in text:
        hidden = unicodedata.category(sign)[0] == "C" or sign in "\u2028\u2029" or unicodedata.combining(sign) > 0
        if sign in ESCAPES:
            yield ESCAPES[sign]
        elif hidden or (not composed and sign > "~"):
            yield f"\\U{ord(sign):08X}"
        else:
            yield sign
