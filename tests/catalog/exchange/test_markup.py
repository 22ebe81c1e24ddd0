"""HTML becomes CommonMark that shows the same words, and what is lost is said."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import assume, given, settings

from lms.catalog.content.markdown import ALMOST_HTML, refused_in, to_html
from lms.catalog.exchange.markup import escape_markdown, from_html
from lms.catalog.exchange.qti_item import xhtml_of
from tests.catalog.exchange.banks import TEXT


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("One<br>Two<br/>", "One\\\nTwo"),
        ("<p>a <strong>b </strong>c</p>", "a **b** c"),
        ("<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul><p>d</p>", "- a\n- b\n  - c\n\nd"),
        ("<ol><li>a<li>b</ol>", "1. a\n1. b"),
        ('<a href="https://example.org/x">there</a>', "[there](https://example.org/x)"),
        ("<code>a*b</code>", "`a*b`"),
        ("2 * 3 &lt; 7 &amp; a_b", r"2 \* 3 < 7 & a\_b"),
        ("<p>1. a</p><p># b</p><p>1.a c</p>", "1\\. a\n\n\\# b\n\n1.a c"),
        ("a &lt;b&gt; c", r"a \<b> c"),
        ("<div><div>a</div> b </div>", "a\n\nb"),
        ("</p></b></ul>a<b></b>", "a"),
        ("a<!-- no --> b", "a b"),
        ("3 < 4 and <", "3 < 4 and <"),
    ],
)
def test_what_commonmark_has_is_kept_without_a_word(written: str, kept: str) -> None:
    lost: list[str] = []
    assert from_html(written, lambda _, message: lost.append(message), 1) == kept
    assert lost == []


@pytest.mark.parametrize(
    ("written", "kept", "said"),
    [
        ("a\n<u>b</u>", "a b", (2, "The markup <u> is not kept, only its words are.")),
        ("<script>alert(1)</script>a", "a", (1, "<script> is not kept, nor what is in it.")),
        ('<a href="javascript:x()">a</a>', "a", (1, "The link to “javascript:x()” is not kept.")),
        ("<h2>a</h2>b", "a\n\nb", (1, "The markup <h2> is not kept, only its words are.")),
        ("\n<p\nclass='x'>a</p>", "a", (2, "The attributes of <p> (class) are not kept.")),
        ('<img src="x.png">', "", (1, "A picture or another medium (<img>, “x.png”) is not kept.")),
        ("<table><tr><td>a</td></tr></table>", "a", (1, "The markup <table> is not kept, only its words are.")),
    ],
)
def test_what_commonmark_has_not_is_said_on_its_line(written: str, kept: str, said: tuple[int, str]) -> None:
    lost: list[tuple[int, str]] = []
    assert from_html(written, lambda line, message: lost.append((line, message)), 1) == kept
    assert said in lost


@settings(max_examples=150, deadline=None)
@given(TEXT)
def test_escaped_text_shows_the_same_words(text: str) -> None:
    assume(not ALMOST_HTML.search(text))  # The check refuses words that look like HTML, however they are written.
    escaped = escape_markdown(" ".join(text.split()))
    assert list(refused_in(escaped)) == []
    shown = html.unescape(re.sub(r"<[^>]*>", "", to_html(escaped)))
    assert shown.split() == text.split()


def test_plain_prose_is_plain_xhtml() -> None:
    assert xhtml_of('1.a says "all".') == "<p>1.a says &quot;all&quot;.</p>"
    assert xhtml_of("a *b*\n\n- c\n- d") == "<p>a <em>b</em></p>\n<ul>\n<li>c</li>\n<li>d</li>\n</ul>"
    assert xhtml_of("a  b\nc") == '<p class="rollcall-verbatim">a  b\nc</p>'
