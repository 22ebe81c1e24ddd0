"""CommonMark to safe HTML, and what authors may not write in it.

Two things are added to CommonMark: tables with pipes, as GitHub has them (https://github.github.com/gfm/#tables-extension-),
whose cells name their column for narrow screens, and list entries that begin with ``[ ]``, which get a box to tick on
paper. Raw HTML is refused when content is checked; rendering escapes it all the same, and a second, independent filter
(nh3) lets only the tags pass that a page of text needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from html import unescape
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.token import Token

TAGS = {"p", "em", "strong", "ul", "ol", "li", "h2", "h3", "h4", "blockquote", "code", "br", "a", "hr"}
TABLE_TAGS = {"table", "thead", "tbody", "tr", "th", "td"}
ADDRESSES = {"http", "https", "mailto"}
VALUES = {
    "div": {"class": {"table-scroll"}, "role": {"region"}, "tabindex": {"0"}},
    "th": {"scope": {"col"}},
    "li": {"class": {"to-tick"}},
}
LABEL = "data-label"
"""Where a cell carries its column's heading, so that a phone can show a row as a short list."""
TICK = "[ ] "
ALMOST_HTML = re.compile(r"<[A-Za-z/!?]\S*")
SCRIPTED = re.compile(r"(?:\]\(|\]:|<)\s*<?\s*(?:javascript|vbscript|data|file)\s*:", re.IGNORECASE)
"""Addresses that would run something. They are never rendered as links; an author is told so."""


@cache
def _renderer() -> MarkdownIt:
    renderer = MarkdownIt("commonmark", {"html": False}).enable("table")
    renderer.core.ruler.after("block", "to_tick", _mark_to_tick)
    renderer.core.ruler.after("block", "label_cells", _label_cells)
    renderer.add_render_rule("table_open", _open_table)
    renderer.add_render_rule("table_close", lambda *_: "</table>\n</div>\n")
    renderer.add_render_rule("th_open", lambda *_: '<th scope="col">')
    return renderer


def _open_table(_: Any, tokens: Sequence[Token], at: int, *__: Any) -> str:
    """A wide table scrolls by itself, and not the page; the keyboard must reach what scrolls, so it needs a name."""
    first = next((token.content for token in tokens[at:] if token.type == "inline"), "")
    name = escapeHtml(f"Table: {first}")
    return f'<div class="table-scroll" role="region" tabindex="0" aria-label="{name}">\n<table>\n'


@cache
def _reader() -> MarkdownIt:
    """Like the renderer, but it recognizes raw HTML, so that a check can name it."""
    return MarkdownIt("commonmark", {"html": True}).enable("table")


def _mark_to_tick(state: Any) -> None:
    """Takes ``[ ]`` off the beginning of a list entry and gives the entry its class instead."""
    for at, token in enumerate(state.tokens):
        opens = [before.type for before in state.tokens[max(at - 2, 0) : at]] == ["list_item_open", "paragraph_open"]
        if token.type == "inline" and opens and token.content.startswith(TICK):
            token.content = token.content[len(TICK) :]
            state.tokens[at - 2].attrSet("class", "to-tick")


def _label_cells(state: Any) -> None:
    """Gives each cell of a table the heading of its column, in plain words."""
    headings: list[str] = []
    column = 0
    for at, token in enumerate(state.tokens):
        if token.type == "table_open":
            headings = []
        elif token.type == "th_open":
            headings.append(state.tokens[at + 1].content.replace("*", ""))
        elif token.type == "tr_open":
            column = 0
        elif token.type == "td_open":
            token.attrSet(LABEL, headings[column])
            column += 1


def to_html(text: str) -> str:
    """Safe HTML of CommonMark text; empty for empty text."""
    if not text:
        return ""
    html = _renderer().render(text)
    return nh3.clean(
        html,
        tags=TAGS | TABLE_TAGS | {"div"},
        attributes={"a": {"href"}, "div": {"aria-label"}, "td": {LABEL}},
        tag_attribute_values=VALUES,
        url_schemes=ADDRESSES,
        link_rel="noopener",
    )


def refused_in(text: str) -> Iterator[tuple[int, str]]:
    """What the text holds that no page shows: ``(line in the text from 0, sentence)``."""
    if ":" in text and ("](" in text or "<" in text or "]:" in text):
        for number, raw in enumerate(text.split("\n")):
            if SCRIPTED.search(unescape(raw)):
                yield number, "This address is not allowed here. A link begins with https:// or mailto:."
    if "<" not in text and "![" not in text:
        return
    for token in _reader().parse(text):
        line = token.map[0] if token.map else 0
        for inner in (token, *(token.children or ())):
            if sentence := _refusal(inner):
                yield line, sentence


def _refusal(token: Token) -> str | None:
    if token.type in ("html_block", "html_inline"):
        return f"HTML is not allowed here: {token.content.strip()[:40]!r}. Write it in Markdown or as plain words."
    if token.type == "text" and (tag := ALMOST_HTML.search(token.content)):
        # CommonMark shows it as plain text. Browsers are more lenient, so nobody should have to trust an escape.
        return f"HTML is not allowed here: {tag[0][:40]!r}. Write it in Markdown or as plain words."
    if token.type == "image":
        return "Pictures are not allowed here."
    return None
