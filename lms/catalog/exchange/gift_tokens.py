"""GIFT in pieces: what is text, what is a mark, and what Moodle makes of the marks between the braces."""

from __future__ import annotations

import re
from typing import NamedTuple

TOKEN = re.compile(r"\\([\\:#={}~n])|(::|####|[#={}~])|[^\\:#={}~]+|.", re.DOTALL)
WEIGHT = re.compile(r"\s*%(-?[0-9]{1,3}(?:\.[0-9]*)?)%")
FORMATS = {"html": "html", "plain": "plain_text", "markdown": "markdown", "moodle": "moodle_auto_format"}
"""The formats that a text may name at its beginning, by Moodle's names in its XML."""


class Token(NamedTuple):
    """A piece of text, or a mark such as ``{`` that was not escaped; ``at`` is its place in the block."""

    text: str
    mark: bool
    at: int


def tokens_of(text: str) -> list[Token]:
    """A question in pieces, in their order."""
    return [
        Token("\n" if found[1] == "n" else found[1] or found[0], bool(found[2]), found.start())
        for found in TOKEN.finditer(text)
    ]


def plain_of(tokens: list[Token]) -> str:
    """The text of pieces, marks among them."""
    return "".join(token.text for token in tokens)


def find(tokens: list[Token], mark: str) -> int:
    """The place of the first such mark; -1 where there is none."""
    return next((place for place, token in enumerate(tokens) if token.mark and token.text == mark), -1)


def kind_of(inside: list[Token]) -> str:
    """The kind of question in Moodle's order of asking; empty for multiple choice."""
    text = plain_of(inside).strip()
    marks = {token.text for token in inside if token.mark}
    if not text or text.startswith("####"):
        return "essay"
    if text.startswith("#"):
        return "numerical"
    if "~" in marks:
        return ""
    if "=" in marks and "->" in text:
        return "matching"
    return "short answer" if "=" in marks else "true/false"


def split_general(inside: list[Token]) -> tuple[list[Token], list[Token]]:
    """The answers, and the general feedback after the last ``####``."""
    last = next((n for n in range(len(inside) - 1, -1, -1) if inside[n].mark and inside[n].text == "####"), -1)
    return (inside, []) if last < 0 else (inside[:last], inside[last + 1 :])


def split_options(tokens: list[Token]) -> list[list[Token]]:
    """The options, each with the mark before it; ``~=`` is one mark for a right answer."""
    options: list[list[Token]] = []
    for token in tokens:
        if token.mark and token.text in "~=":
            if token.text == "=" and options and not plain_of(options[-1][1:]).strip():
                options[-1] = [token]
            else:
                options.append([token])
        elif options:
            options[-1].append(token)
        elif token.text.strip():
            options.append([Token("~", True, token.at), token])
    return options


def weight_of(option: list[Token]) -> float | None:
    """The percentage that an option names; None where it names none."""
    found = WEIGHT.match(option[1].text) if len(option) > 1 and not option[1].mark else None
    return float(found[1]) if found else None


def is_right(option: list[Token]) -> bool:
    """Whether an option has the whole credit."""
    return option[0].text == "=" or weight_of(option) == 100


def refusal_of(options: list[list[Token]]) -> str:
    """Why these are not the options of an item here; empty where they are."""
    right = sum(is_right(option) for option in options)
    if right == 1:
        return ""
    if right == 0:
        partly = any((weight_of(option) or 0) > 0 for option in options)
        return "Several answers are right in part" if partly else "No answer is right"
    return f"{right} answers are right"


def prefix_of(text: str) -> tuple[str, str]:
    """The format that a text names at its beginning, and the text without it."""
    found = re.match(r"\[(html|plain|markdown|moodle)\]", text)
    return (FORMATS[found[1]], text[found.end() :]) if found else ("", text)


def stem_of(before: list[Token], after: list[Token]) -> list[Token]:
    """The question's text; a blank stands for answers that are in the middle of it, as in Moodle."""
    if not plain_of(after).strip():
        return before
    return [*before, Token("_____", False, after[0].at), *after]
