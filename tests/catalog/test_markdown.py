"""Markdown becomes safe HTML, twice over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.catalog.content.markdown import refused_in, to_html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("A *word* and **two**.", "<p>A <em>word</em> and <strong>two</strong>.</p>\n"),
        ("### In plain words", "<h3>In plain words</h3>\n"),
        ("", ""),
        ("a < b", "<p>a &lt; b</p>\n"),
        ("<b>bold</b>", "<p>&lt;b&gt;bold&lt;/b&gt;</p>\n"),
        ("[x](javascript:alert)", "<p>[x](javascript:alert)</p>\n"),
        ("![x](https://a.test/x.png)", "<p></p>\n"),
    ],
)
def test_html_of_markdown(text: str, html: str) -> None:
    assert to_html(text) == html


@given(st.text(alphabet="<>/ab=\"'!-*[]()`&;\n scriptonclick", max_size=60))
def test_no_tag_passes_that_a_page_does_not_need(text: str) -> None:
    html = to_html(text).lower()
    assert "<script" not in html
    assert "<img" not in html
    assert "<b>" not in html


@pytest.mark.parametrize("text", ["<b>x</b>", "a\n\n<div>\n", "<!-- note -->", "a <br> b", "![p](x.png)"])
def test_what_no_page_shows_is_refused(text: str) -> None:
    assert list(refused_in(text))


def test_lines_of_refused_html_are_told() -> None:
    [(line, sentence)] = refused_in("fine\n\nfine\n\n<div>\n")
    assert line == 4
    assert "HTML is not allowed" in sentence


@pytest.mark.parametrize("text", ["a < b and c > d", "`<b>` in code", "*fine*", "1 <2"])
def test_plain_signs_are_not_html(text: str) -> None:
    assert not list(refused_in(text))
