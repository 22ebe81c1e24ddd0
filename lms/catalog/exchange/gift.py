"""GIFT, Moodle's plain-text format: ``::name::question{=right#feedback ~wrong#feedback ####general feedback}``.

As Moodle 3.10 and later writes it, a comment before the question carries its id and tags:
``// [id:uc-selfie] [tag:clause:IV.B.2.f]``. The seven characters ``~ = # { } :`` and the backslash are escaped with
a backslash, and a line break within a text is ``\\n``. Source: question/format/gift/format.php of Moodle.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lms.catalog.content.faults import Faults
from lms.catalog.exchange.bank import MOST_QUESTIONS, Bank, BankItem, BankOption, CannotExchange, Names, quoted
from lms.catalog.exchange.gift_tokens import (
    WEIGHT,
    Token,
    find,
    is_right,
    kind_of,
    plain_of,
    prefix_of,
    refusal_of,
    split_general,
    split_options,
    stem_of,
    tokens_of,
    weight_of,
)
from lms.catalog.exchange.moodle import convert
from lms.catalog.exchange.tags import Tags, read_tags, tags_of

LARGEST_FILE = 512 * 1024
LONGEST_QUESTION = 40_000
ID = re.compile(r"\[id:((?:\\\]|[^\[\]])+)\]")
TAG = re.compile(r"\[tag:((?:\\\]|[^\[\]])+)\]")
WRITTEN_BY_MOODLE = re.compile(r"//\s*question: \d+\s+name: ")
ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", **{sign: f"\\{sign}" for sign in "#=~{}:"}})

Note = Callable[[int, str, str], None]


def write_gift(bank: Bank) -> bytes:
    """The bank as a GIFT file."""
    return "\n".join(_question(item) for item in bank.items).encode()


def _question(item: BankItem) -> str:
    tags = " ".join(f"[tag:{tag}]" for tag in tags_of(item))
    answers = "".join(
        f"\t{'=' if option.correct else '~'}[plain]{_escape(option.text)}#{_formatted(option.feedback)}\n"
        for option in item.options
    )
    return (
        f"// [id:{item.id}] {tags}\n::{_escape(item.id)}::[markdown]{_escape(item.stem)}{{\n"
        f"{answers}\t####{_formatted(item.rewrite)}\n}}\n"
    )


def _escape(text: str) -> str:
    return text.translate(ESCAPES)


def _formatted(text: str) -> str:
    """A text in the question's own format, whose name is only needed where the text could be taken for one."""
    return ("[markdown]" if text.startswith("[") else "") + _escape(text)


def read_gift(data: bytes, file: str, faults: Faults) -> list[BankItem]:
    """The multiple-choice questions of a GIFT file; ``faults`` gets what could not be kept.

    Raises CannotExchange where the file is no text.
    """
    if len(data) > LARGEST_FILE:
        raise CannotExchange(f"{file}:1: This file is larger than {LARGEST_FILE // 1024} KB. Divide it.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CannotExchange(f"{file}:{line}: This is not UTF-8 text. Save the file with the encoding UTF-8.") from None
    if "\0" in text or not text.strip():
        raise CannotExchange(f"{file}:1: This is no GIFT file: it is empty, or it is not text.")

    def note(line: int, path: str, message: str) -> None:
        faults.add(file, line, path, message)

    names = Names(note)
    read = (_Question(block, file, names, note).read() for block in _blocks(text, file, note))
    return [item for item in read if item is not None]


@dataclass(slots=True)
class _Block:
    """The lines of one question, and what the comments before and in it say."""

    first: int = 0
    number: int = 0
    lines: list[str] = field(default_factory=list)
    name: str = ""
    tags: list[tuple[int, str]] = field(default_factory=list)


def _blocks(text: str, file: str, note: Note) -> Iterator[_Block]:
    """Divides a file at its empty lines, as Moodle does."""
    block = _Block()
    count = 0
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate([*lines, ""], start=1):
        words = line.strip()
        if words.startswith("//"):
            _read_comment(words, number, block, note)
            if block.lines:
                block.lines.append("")
        elif words:
            block.first = block.first or number
            block.lines.append(line)
        else:
            if block.lines:
                count += 1
                if count > MOST_QUESTIONS:
                    raise CannotExchange(f"{file}:{number}: There are more than {MOST_QUESTIONS} questions. Divide it.")
                block.number = count
                yield block
            elif block.name or block.tags:
                note(number - 1, "", "These tags stand before no question.")
            block = _Block()


def _read_comment(words: str, line: int, block: _Block, note: Note) -> None:
    named = ID.findall(words)
    tags = TAG.findall(words)
    block.name = block.name or (named[0].replace("\\]", "]").strip() if named else "")
    block.tags.extend((line, tag.replace("\\]", "]")) for tag in tags)
    rest = TAG.sub("", ID.sub("", words)).strip("/ \t")
    if rest and not WRITTEN_BY_MOODLE.match(words):
        note(line, "", f"The comment {quoted(rest)} is not kept.")


class _Question:
    """One question while it is read."""

    def __init__(self, block: _Block, file: str, names: Names, note: Note) -> None:
        text = "\n".join(block.lines)
        self._long = len(text) > LONGEST_QUESTION
        text = text[:100] if self._long else text
        self._block = block
        self._tokens = tokens_of(text)
        self._breaks = [at for at, sign in enumerate(text) if sign == "\n"]
        self._file = file
        self._names = names
        self._note = note
        self._place = f"question {block.number}"
        self._format = "moodle_auto_format"

    def read(self) -> BankItem | None:
        """The item; None where the question as a whole could not be kept, which is noted."""
        first = self._block.first
        opening = plain_of(self._tokens).strip()
        if opening.startswith("$CATEGORY:"):
            self._note(first, self._place, f"The category {quoted(opening[10:])} is not kept.")
            return None
        if self._long:
            message = f"The question {quoted(opening)} is longer than {LONGEST_QUESTION} characters. It is not kept."
            self._note(first, self._place, message)
            return None
        titled, tokens = self._title()
        opens, closes = find(tokens, "{"), find(tokens, "}")
        if (opens < 0) != (closes < 0) or closes < opens:
            self._note(first, self._place, f"The braces of {quoted(opening)} do not match. It is not kept.")
            return None
        before, inside, after = tokens[:opens], tokens[opens + 1 : closes], tokens[closes + 1 :]
        kind = kind_of(inside) if opens >= 0 else "description"
        answers, general = split_general(inside)
        options = split_options(answers)
        refusal = f"This is not multiple choice but {kind}" if kind else refusal_of(options)
        if refusal:
            self._note(first, self._place, f"{refusal} ({quoted(opening)}). It is not kept.")
            return None
        name = self._name(titled)
        self._place = f"items.{name}"
        return self._item(name, stem_of(before, after), options, general)

    def _item(self, name: str, stem: list[Token], options: list[list[Token]], general: list[Token]) -> BankItem:
        first = self._block.first
        self._format = prefix_of(plain_of(stem).strip())[0] or self._format
        tags = read_tags(self._block.tags, lambda line, _, message: self._note(line, self._place, message))
        rewrite = self._text(general)
        if rewrite and not tags.ours:
            message = "The general feedback is kept as the rewrite. Read whether it is one."
            self._note(self._line(general), self._place, message)
        return BankItem(
            id=name,
            clause=tags.clause,
            verdict=tags.verdict,
            stem=self._text(stem),
            options=tuple(self._option(tags, place, option) for place, option in enumerate(options)),
            rewrite=rewrite,
            module=tags.module,
            file=self._file,
            line=first,
        )

    def _title(self) -> tuple[str, list[Token]]:
        tokens = self._tokens
        while tokens and not tokens[0].text.strip():
            tokens = tokens[1:]
        if not tokens or not (tokens[0].mark and tokens[0].text == "::"):
            return "", tokens
        ends = find(tokens[1:], "::")
        return ("", tokens[1:]) if ends < 0 else (plain_of(tokens[1 : ends + 1]).strip(), tokens[ends + 2 :])

    def _name(self, titled: str) -> str:
        named = self._block.name
        first = self._block.first
        if titled and named and titled != named:
            self._note(first, self._place, f"The name {quoted(titled)} is not kept; the id of the comment is.")
        return self._names.name(named or titled or f"question-{self._block.number}", first)

    def _option(self, tags: Tags, place: int, tokens: list[Token]) -> BankOption:
        weight, correct = weight_of(tokens), is_right(tokens)
        body = tokens[1:]
        if weight not in (None, 0.0, 100.0):
            message = f"Partial credit ({weight:g} percent) is not kept; this answer is wrong."
            self._note(self._line(tokens), self._place, message)
        split = find(body, "#")
        text, feedback = (body, []) if split < 0 else (body[:split], body[split + 1 :])
        if weight is not None and text:
            text = [text[0]._replace(text=WEIGHT.sub("", text[0].text, count=1)), *text[1:]]
        words = self._text(text, plain=True)
        return BankOption(tags.option(place), words, correct, self._text(feedback), line=self._line(tokens))

    def _text(self, tokens: list[Token], *, plain: bool = False) -> str:
        raw = plain_of(tokens).strip()
        if not raw:
            return ""
        kind, text = prefix_of(raw)
        line = self._line([token for token in tokens if token.text.strip()])

        def lost(at: int, message: str) -> None:
            self._note(at, self._place, message)

        return convert(text, kind or self._format, lost, line, plain=plain)

    def _line(self, tokens: list[Token]) -> int:
        at = tokens[0].at if tokens else 0
        return self._block.first + bisect_right(self._breaks, at - 1) if at else self._block.first
