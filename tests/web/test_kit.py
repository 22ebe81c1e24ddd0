"""Components without imports, and pieces of pages that are drawn once."""

from __future__ import annotations

import pytest
from flask import Flask, render_template_string
from jinja2 import UndefinedError
from markupsafe import Markup

from lms.web.kit import Kept, once


def test_a_page_has_the_components_without_an_import(app: Flask) -> None:
    with app.test_request_context():
        drawn = render_template_string("{{ page.back('My training', '/training/') }}{{ icon('check') }}")
    assert 'href="/training/"' in drawn
    assert drawn.count("<svg") == 2


def test_a_component_that_is_not_there_is_an_error_and_not_an_empty_place(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(UndefinedError):
        render_template_string("{{ page.no_such_macro('x') }}")


def test_a_macro_that_is_drawn_once_still_escapes_text_and_keeps_markup(app: Flask) -> None:
    page = "{{ fields.submit(label) }}"
    with app.test_request_context():
        text = render_template_string(page, label="<b>Sign</b>")
        markup = render_template_string(page, label=Markup("<b>Sign</b>"))
        again = render_template_string(page, label="<b>Sign</b>")
    assert "&lt;b&gt;Sign" in text
    assert "<b>Sign</b>" in markup
    assert again == text


def test_once_calls_once_for_each_set_of_arguments_and_prefix(app: Flask) -> None:
    calls: list[str] = []
    kept = once(lambda text: calls.append(text) or f"{text}!")
    with app.test_request_context():
        assert [kept("a"), kept("a"), kept("b")] == ["a!", "a!", "b!"]
    assert calls == ["a", "b"]
    with app.test_request_context(base_url="http://localhost/under/"):
        kept("a")
    assert calls == ["a", "b", "a"]


def test_an_icon_stands_under_the_prefix_that_the_page_is_served_at(app: Flask) -> None:
    drawn = []
    for base in ("http://localhost/", "http://localhost/under/"):
        with app.test_request_context(base_url=base):
            drawn.append(render_template_string("{{ icon('check') }}"))
    assert 'href="/static/' in drawn[0]
    assert 'href="/under/static/' in drawn[1]


def test_kept_pieces_are_as_many_as_the_limit_and_the_last_used_stay(app: Flask) -> None:
    kept, drawn = Kept(2), []

    def get(name: str) -> str:
        return str(kept.get((name,), lambda: drawn.append(name) or name))

    with app.test_request_context():
        for name in ("a", "b", "a", "c", "a", "b"):
            assert get(name) == name
    assert drawn == ["a", "b", "c", "b"]
