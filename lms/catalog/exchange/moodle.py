"""Moodle XML: ``<quiz>`` with one ``<question type="multichoice">`` for each item.

Clause, verdict and module are tags, the item's id is the name and the ``idnumber``, the rewrite is the general
feedback, which Moodle shows after every answer. Texts go out as Moodle's own ``markdown`` and ``plain_text``.
Source: question/format/xml/format.php of Moodle, and the samples beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from xml.sax.saxutils import escape

from lms.catalog.content.faults import Faults
from lms.catalog.exchange.bank import MOST_QUESTIONS, Bank, BankItem, BankOption, CannotExchange, Names, quoted
from lms.catalog.exchange.markup import escape_markdown, from_html
from lms.catalog.exchange.tags import Tags, read_tags, tags_of
from lms.catalog.exchange.xml_tree import Node, parse_xml

LONGEST_TEXT = 40_000
KINDS = {
    "truefalse": "true/false",
    "shortanswer": "short answer",
    "matching": "matching",
    "numerical": "numerical",
    "essay": "essay",
    "description": "description",
    "cloze": "cloze",
    "multichoiceset": "all-or-nothing multiple choice",
}
PLAIN_SETTINGS = {
    "defaultgrade": {"1"},
    "penalty": {"0"},
    "hidden": {"0"},
    "single": {"true", "1"},
    "shuffleanswers": {"true", "1"},
    "answernumbering": {"abc"},
    "showstandardinstruction": {"0"},
}
"""What each setting says in a file of ours; any other value has no place here and is noted."""

NO_WORDS = ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback")

Note = Callable[[int, str, str], None]


def write_moodle(bank: Bank) -> bytes:
    """The bank as a Moodle XML file."""
    questions = "\n".join(_question(item) for item in bank.items)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n{questions}\n</quiz>\n'.encode()


def _question(item: BankItem) -> str:
    tags = "\n".join(f"      <tag><text>{escape(tag)}</text></tag>" for tag in tags_of(item))
    answers = "\n".join(_answer(option) for option in item.options)
    return f"""  <question type="multichoice">
    <name><text>{escape(item.id)}</text></name>
    <questiontext format="markdown"><text>{escape(item.stem)}</text></questiontext>
    <generalfeedback format="markdown"><text>{escape(item.rewrite)}</text></generalfeedback>
    <defaultgrade>1</defaultgrade>
    <penalty>0</penalty>
    <hidden>0</hidden>
    <idnumber>{escape(item.id)}</idnumber>
    <single>true</single>
    <shuffleanswers>true</shuffleanswers>
    <answernumbering>abc</answernumbering>
    <showstandardinstruction>0</showstandardinstruction>
{answers}
    <tags>
{tags}
    </tags>
  </question>"""


def _answer(option: BankOption) -> str:
    return f"""    <answer fraction="{100 if option.correct else 0}" format="plain_text">
      <text>{escape(option.text)}</text>
      <feedback format="markdown"><text>{escape(option.feedback)}</text></feedback>
    </answer>"""


def read_moodle(data: bytes, file: str, faults: Faults) -> list[BankItem]:
    """The multiple-choice questions of a Moodle XML file; ``faults`` gets what could not be kept.

    Raises CannotExchange where the file is not Moodle XML.
    """
    root = parse_xml(data, file)
    if root.tag != "quiz":
        raise CannotExchange(f"{file}:{root.line}: This is not Moodle XML: it begins with <{root.tag}>, not <quiz>.")

    def note(line: int, path: str, message: str) -> None:
        faults.add(file, line, path, message)

    if len(root.children) > MOST_QUESTIONS:
        raise CannotExchange(f"{file}:{root.line}: There are more than {MOST_QUESTIONS} questions. Divide it.")
    names = Names(note)
    items = []
    for number, node in enumerate(root.take_all("question"), start=1):
        item = _Question(node, f"question {number}", file, names, note).read()
        if item is not None:
            items.append(item)
    for line, message in root.leftovers():
        note(line, "", message)
    return items


class _Question:
    """One question while it is read."""

    def __init__(self, node: Node, place: str, file: str, names: Names, note: Note) -> None:
        self._node = node
        self._place = place
        self._file = file
        self._names = names
        self._note = note

    def read(self) -> BankItem | None:
        """The item; None where the question as a whole could not be kept, which is noted."""
        node = self._node
        kind = node.attribute("type")
        refusal = self._refusal(kind)
        if refusal:
            node.take_whole()
            self._note(node.line, self._place, refusal)
            return None
        name = self._name()
        self._place = f"items.{name}"
        tags = self._tags()
        item = BankItem(
            id=name,
            clause=tags.clause,
            verdict=tags.verdict,
            stem=self._text(node.take("questiontext")),
            options=tuple(self._option(tags, place, a) for place, a in enumerate(node.take_all("answer"))),
            rewrite=self._rewrite(tags),
            module=tags.module,
            file=self._file,
            line=node.line,
        )
        self._settings()
        for line, message in node.leftovers():
            self._note(line, self._place, message)
        node.take_whole()
        return item

    def _refusal(self, kind: str) -> str:
        words = [child for child in self._node.children if child.tag in {"category", "name"}]
        named = quoted(" ".join(child.words() for child in words)) if words else ""
        if kind == "category":
            return f"The category {named} is not kept. Here a bank belongs to a module."
        if kind != "multichoice":
            said = KINDS.get(kind, kind or "nameless")
            return f"The question {named} is not multiple choice but {said}. It is not kept."
        answers = [child for child in self._node.children if child.tag == "answer"]
        right = sum(_fraction(answer) == 100 for answer in answers)
        if right == 1:
            return ""
        if right == 0 and any((_fraction(answer) or 0) > 0 for answer in answers):
            return f"The question {named} has several answers that are right in part. It is not kept."
        if right == 0:
            return f"The question {named} has no right answer. It is not kept."
        return f"The question {named} has {right} right answers. It is not kept."

    def _name(self) -> str:
        name = self._node.take("name")
        number = self._node.take("idnumber")
        named = _inner(name).strip() if name is not None else ""
        id_number = number.text().strip() if number is not None else ""
        if named and id_number and named != id_number and name is not None:
            self._note(name.line, self._place, f"The name {quoted(named)} is not kept; the idnumber becomes the id.")
        return self._names.name(id_number or named or "question", self._node.line)

    def _tags(self) -> Tags:
        held = self._node.take("tags")
        found = [(tag.line, _inner(tag)) for tag in held.take_all("tag")] if held is not None else []
        return read_tags(found, lambda line, _, message: self._note(line, self._place, message))

    def _option(self, tags: Tags, place: int, answer: Node) -> BankOption:
        answer.attribute("fraction")
        fraction = _fraction(answer)
        if fraction not in (0, 100):
            said = answer.attributes.get("fraction", "")
            self._note(answer.line, self._place, f"Partial credit ({quoted(said)}) is not kept; this answer is wrong.")
        feedback = self._text(answer.take("feedback"))
        text = self._text(answer, plain=True)
        return BankOption(tags.option(place), text, fraction == 100, feedback, line=answer.line)

    def _rewrite(self, tags: Tags) -> str:
        general = self._node.take("generalfeedback")
        text = self._text(general)
        if text and general is not None and not tags.ours:
            message = "The general feedback is kept as the rewrite. Read whether it is one."
            self._note(general.line, self._place, message)
        return text

    def _settings(self) -> None:
        for setting, plain in PLAIN_SETTINGS.items():
            for node in self._node.take_all(setting):
                said = node.text().strip()
                number = _number(said)
                if said not in plain and (number is None or number not in {_number(value) for value in plain}):
                    self._note(node.line, self._place, f"The setting {setting} ({quoted(said)}) is not kept.")
        for name in NO_WORDS:
            for node in self._node.take_all(name):
                if node.words().strip():
                    node.taken = False
                else:
                    node.take_whole()

    def _text(self, node: Node | None, *, plain: bool = False) -> str:
        """The text in a Moodle text element in our form. Pictures that stand beside it are left over."""
        inner = node.take("text") if node is not None else None
        if node is None or inner is None:
            return ""
        kind = node.attribute("format", "moodle_auto_format")
        raw = inner.text()

        def lost(line: int, message: str) -> None:
            self._note(line, self._place, message)

        return convert(raw, kind, lost, inner.line, plain=plain)


def convert(raw: str, kind: str, note: Callable[[int, str], None], line: int, *, plain: bool = False) -> str:
    """A text of Moodle in our form. ``kind`` is markdown, plain_text, html or moodle_auto_format; GIFT says the same.

    What is lost goes to ``note`` with its line; the text begins at ``line``.
    """
    text = raw.strip()
    if len(text) > LONGEST_TEXT:
        note(line, f"This text is longer than {LONGEST_TEXT} characters and is not kept: {quoted(text)}")
        return ""
    if kind in {"html", "moodle_auto_format"} and ("<" in text or "&" in text or kind == "html"):
        skipped = raw[: len(raw) - len(raw.lstrip())].count("\n")
        return from_html(text, note, line + skipped, plain=plain)
    if kind not in {"markdown", "plain_text", "html", "moodle_auto_format"}:
        note(line, f"The format {quoted(kind)} is not known; the text is kept as it is.")
    if plain and "\n" in text:
        note(line, "An option is one line here; its line breaks became spaces.")
        text = " ".join(text.split())
    return text if plain or kind == "markdown" else escape_markdown(text)


def _inner(node: Node) -> str:
    text = node.take("text")
    return text.text() if text is not None else ""


def _fraction(answer: Node) -> float | None:
    return _number(answer.attributes.get("fraction", "0"))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
