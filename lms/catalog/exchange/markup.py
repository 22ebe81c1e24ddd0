"""HTML from elsewhere into the CommonMark or the plain line that an item here has, and what is lost on the way.

Paragraphs, line breaks, emphasis, lists, code and links have a CommonMark form and are kept. Of all other markup the
words are kept and the markup is noted. What a program wrote (``script``, ``style``) and pictures are noted only.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

from lms.catalog.exchange.bank import quoted
from lms.catalog.exchange.xml_tree import Node

BLOCKS = {"p", "div"}
PLAIN = {"span", "tbody"}
MARKS = {"strong": "**", "b": "**", "em": "*", "i": "*"}
LISTS = {"ul", "ol"}
MEDIA = {"img", "audio", "video", "object", "iframe", "embed", "svg", "picture", "canvas"}
WORDLESS = {"script", "style", "head", "template", "noscript"}
SEPARATE = {"h1", "h2", "h3", "h4", "h5", "h6", "table", "tr", "blockquote", "pre", "dl", "dt", "dd", "section"}
SPACE = " \t\n\r\f"
TAG = re.compile(
    r"<!--(?:[^-<]|-(?!->)|<(?!!--))*+-->|<[!?][^<>]*+>"
    r"|<(?P<closes>/?)(?P<tag>[A-Za-z][A-Za-z0-9:-]*+)(?P<attributes>(?:[^<>\"']|\"[^\"<]*+\"|'[^'<]*+')*+)>"
)
ATTRIBUTE = re.compile(r"([^\s=\"'/]++)(?:\s*+=\s*+(\"[^\"]*+\"|'[^']*+'|[^\s\"']++))?+")
LINK = re.compile(r"(?:https?://|mailto:)[^\s<>()\\]+")

ALWAYS = re.compile(r"([\\`*_\[\]])|<(?=[A-Za-z/!?])|&(?=#?[A-Za-z0-9]+;)")
AT_START = re.compile(r"^([ \t]*)(?:([-+>=~#])|([0-9]{1,9})([.)])(?=\s|$))", re.MULTILINE)

Note = Callable[[int, str], None]


def escape_markdown(text: str) -> str:
    """Plain text as CommonMark that shows the same words."""
    return _escape_starts(_escape_inline(text))


def _escape_inline(text: str) -> str:
    return ALWAYS.sub(lambda found: "\\" + found[0], text)


def _escape_starts(text: str) -> str:
    """Escapes what means something at the beginning of a line: headings, lists, quotations, rules, fences."""
    return AT_START.sub(
        lambda found: f"{found[1]}\\{found[2]}" if found[2] else f"{found[1]}{found[3]}\\{found[4]}", text
    )


class Prose:
    """Collects text and tags, whoever reads them, and gives CommonMark, or one plain line.

    ``plain`` is for the text of an option, which has no markup: tags are noted there even where CommonMark has them.
    """

    def __init__(self, note: Note, *, plain: bool = False) -> None:
        self._note = note
        self._plain = plain
        self._blocks: list[tuple[str, str]] = []
        self._spans: list[list[str]] = [[]]
        self._lists: list[str] = []
        self._code = 0
        self._links: list[str] = []

    def text(self, text: str) -> None:
        """Adds words."""
        words = re.sub(rf"[{SPACE}]+", " ", text)
        self._spans[-1].append(words if self._plain or self._code else _escape_inline(words))

    def start(self, tag: str, attributes: dict[str, str], line: int) -> None:
        """A tag opens."""
        self._note_attributes(tag, attributes, line)
        if tag in BLOCKS or tag in SEPARATE or tag == "li" or tag in LISTS:
            self._flush()
        if tag in LISTS:
            self._lists.append(tag)
        elif tag == "br":
            self._spans[-1].append(" " if self._plain else "\\\n")
        elif tag in MARKS or tag in {"a", "code"}:
            self._spans.append([])
            self._code += tag == "code"
            if tag == "a":
                self._links.append(attributes.get("href") or "")
        elif tag in MEDIA:
            said = quoted(attributes.get("alt") or attributes.get("src") or attributes.get("data") or "")
            self._note(line, f"A picture or another medium (<{tag}>, {said}) is not kept.")
        elif tag not in BLOCKS | PLAIN | {"li"}:
            self._note(line, f"The markup <{tag}> is not kept, only its words are.")
        if self._plain and (tag in MARKS or tag in LISTS or tag in {"a", "code"}):
            self._note(line, f"The markup <{tag}> is not kept in an option, only its words are.")

    def end(self, tag: str) -> None:
        """A tag closes; one that was never opened is passed over."""
        if tag in BLOCKS or tag in SEPARATE or tag == "li":
            self._flush()
        elif tag in LISTS:
            self._flush()
            if self._lists:
                self._lists.pop()
        elif (tag in MARKS or tag in {"a", "code"}) and len(self._spans) > 1:
            self._close_span(tag)

    def markdown(self) -> str:
        """Everything so far."""
        self._flush()
        if self._plain:
            return " ".join(text for _, text in self._blocks)
        parts: list[str] = []
        before = ""
        for kind, text in self._blocks:
            parts.append("" if not parts else "\n" if kind and before else "\n\n")
            parts.append(text)
            before = kind
        return "".join(parts)

    def _close_span(self, tag: str) -> None:
        inner = "".join(self._spans.pop())
        link = self._links.pop() if tag == "a" and self._links else ""
        self._code -= tag == "code" and self._code > 0
        words = inner.strip(SPACE)
        if self._plain or not words:
            marked = words
        elif tag == "code":
            marked = f"`{words}`" if "`" not in words else _escape_inline(words)
        elif tag == "a":
            marked = f"[{words}]({link})" if LINK.fullmatch(link) else words
        else:
            marked = f"{MARKS[tag]}{words}{MARKS[tag]}"
        before = inner[: len(inner) - len(inner.lstrip(SPACE))]
        after = inner[len(inner.rstrip(SPACE)) :] if words else ""
        self._spans[-1].append(f"{before}{marked}{after}")

    def _flush(self) -> None:
        while len(self._spans) > 1:
            self._close_span("b" if not self._code else "code")
        text = re.sub(r" *\n *", "\n", re.sub(r" +", " ", "".join(self._spans[0]))).strip(SPACE)
        if (len(text) - len(text.rstrip("\\"))) % 2:
            text = text[:-1].rstrip(SPACE)  # A line break with nothing after it.
        self._spans = [[]]
        if not text:
            return
        if self._plain:
            self._blocks.append(("", text))
            return
        text = _escape_starts(text)
        if self._lists:
            indent = "  " * (len(self._lists) - 1)
            mark = "- " if self._lists[-1] == "ul" else "1. "
            inner = text.replace("\n", "\n" + indent + " " * len(mark))
            self._blocks.append(("li", f"{indent}{mark}{inner}"))
        else:
            self._blocks.append(("", text))

    def _note_attributes(self, tag: str, attributes: dict[str, str], line: int) -> None:
        if tag in MEDIA:
            return
        if tag == "a" and not LINK.fullmatch(attributes.get("href") or ""):
            self._note(line, f"The link to {quoted(attributes.get('href') or '')} is not kept.")
        lost = sorted(set(attributes) - ({"href"} if tag == "a" else set()))
        if lost:
            self._note(line, f"The attributes of <{tag}> ({', '.join(lost)}) are not kept.")


def from_html(html: str, note: Note, line: int, *, plain: bool = False) -> str:
    """HTML as CommonMark, or as one plain line. ``line`` is where it begins; losses go to ``note``.

    Read in one pass, in time that grows with the length alone: the parser of the standard library takes minutes for
    a few thousand tags that never end. What is no tag to it is text.
    """
    prose = Prose(note, plain=plain)
    wordless = ""
    at = 0
    for found in TAG.finditer(html):
        line += html.count("\n", at, found.start())
        if not wordless:
            prose.text(_unescape(html[at : found.start()]))
        closes, tag = found["closes"], (found["tag"] or "").lower()
        if tag and not wordless and tag in WORDLESS and not closes:
            wordless = tag
            note(line, f"<{tag}> is not kept, nor what is in it.")
        elif tag and wordless:
            wordless = "" if closes and tag == wordless else wordless
        elif tag and closes:
            prose.end(tag)
        elif tag:
            prose.start(tag, _attributes(found["attributes"]), line)
        line += found[0].count("\n")
        at = found.end()
    if not wordless:
        prose.text(_unescape(html[at:]))
    return prose.markdown()


def _attributes(text: str) -> dict[str, str]:
    return {
        found[1].lower(): _unescape((found[2] or "").strip("\"'"))
        for found in ATTRIBUTE.finditer(text)
        if found[1].strip("/")
    }


def _unescape(text: str) -> str:
    try:
        return unescape(text)
    except ValueError:  # A number of thousands of digits.
        return text


def feed_node(node: Node, prose: Prose, skip: Callable[[Node], bool] = lambda _: False) -> None:
    """Feeds what is inside an XHTML element to ``Prose`` and takes it; elements that ``skip`` handles are left."""
    node.text()
    for part in node.inside:
        if isinstance(part, str):
            prose.text(part)
        elif not skip(part):
            part.taken = True
            for name in part.attributes:
                part.attribute(name)
            prose.start(part.tag, part.attributes, part.line)
            feed_node(part, prose, skip)
            prose.end(part.tag)
