"""CommonMark to safe HTML, and what authors may not write in it.

Raw HTML is refused when content is checked; rendering escapes it all the same, and a second, independent filter
(nh3) lets only the tags pass that a page of text needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = {"p", "em", "strong", "ul", "ol", "li", "h2", "h3", "h4", "blockquote", "code", "br", "a", "hr"}
ADDRESSES = {"http", "https", "mailto"}


@cache
def _renderer() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False})


@cache
def _reader() -> MarkdownIt:
    """Like the renderer, but it recognizes raw HTML, so that a check can name it."""
    return MarkdownIt("commonmark", {"html": True})


def to_html(text: str) -> str:
    """Safe HTML of CommonMark text; empty for empty text."""
    if not text:
        return ""
    html = _renderer().render(text)
    return nh3.clean(html, tags=TAGS, attributes={"a": {"href"}}, url_schemes=ADDRESSES, link_rel="noopener")


def refused_in(text: str) -> Iterator[tuple[int, str]]:
    """What the text holds that no page shows: ``(line in the text from 0, sentence)``."""
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
    if token.type == "image":
        return "Pictures are not allowed here."
    return None
