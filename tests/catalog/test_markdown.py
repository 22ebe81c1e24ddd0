"""Markdown becomes safe HTML, twice over."""

from __future__ import annotations

import re

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
        ("- [ ] **Who**\n- two", '<ul>\n<li class="to-tick"><strong>Who</strong></li>\n<li>two</li>\n</ul>\n'),
        ("[ ] alone", "<p>[ ] alone</p>\n"),
        ("a | b", "<p>a | b</p>\n"),
    ],
)
def test_html_of_markdown(text: str, html: str) -> None:
    assert to_html(text) == html


def test_table_has_column_headers_and_scrolls_by_itself() -> None:
    html = to_html('| A "<b>" | B |\n|---|:-:|\n| 1 <i>x</i> | *2* |')
    assert html.startswith(
        '<div class="table-scroll" role="region" tabindex="0" aria-label="Table: A &quot;&lt;b&gt;&quot;">\n<table>\n'
    )
    assert html.count('<th scope="col">') == 2
    assert ">1 &lt;i&gt;x&lt;/i&gt;</td>\n" in html
    assert "><em>2</em></td>" in html
    assert "style" not in html


def test_each_cell_names_its_column_for_narrow_screens() -> None:
    html = to_html('| A "<b>" | *B* |\n|---|---|\n| 1 | 2 |\n| 3 |\n\nThen\n\n| C |\n|---|\n| 4 |\n')
    assert re.findall(r"<td( [^>]*)>(\d*)</td>", html) == [
        (' data-label="A &quot;&lt;b&gt;&quot;"', "1"),
        (' data-label="B"', "2"),
        (' data-label="A &quot;&lt;b&gt;&quot;"', "3"),
        (' data-label="B"', ""),
        (' data-label="C"', "4"),
    ]


@given(st.text(alphabet="<>/ab|-: =\"'\n scriptonclick[]", max_size=60))
def test_a_table_holds_no_tag_either(text: str) -> None:
    html = to_html(f"| a | b |\n|---|---|\n| {text} | 2 |\n").lower()
    assert "<script" not in html
    assert "<a on" not in html


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
