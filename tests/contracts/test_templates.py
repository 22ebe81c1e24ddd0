"""Rules of templates and words that a machine can keep."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
WORDS_NOT_TO_SAY = ("tamper-proof", "tamperproof", "tamper proof", "i agree to", "consent to monitoring")


def test_every_template_compiles(app: Flask) -> None:
    for path in TEMPLATES:
        app.jinja_env.get_template(str(path.relative_to(ROOT / "templates")))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_carries_inline_style_or_script(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert "http://" not in text.replace("http://www.w3.org", "")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_title_is_page_course_department(path: Path) -> None:
    """Parts are set apart by a dash alone: a colon belongs to the names of courses and modules."""
    found = re.search(r"{% block title %}(.*?){% endblock %}", path.read_text(encoding="utf-8"))
    if found and "/gallery/" not in str(path):
        assert ": " not in re.sub(r"{{.*?}}", "", found[1])
        assert found[1].count(" – ") <= 1


def test_what_one_can_do_with_a_page_is_one_component() -> None:
    """A list's CSV link and its print button look alike, because one macro draws both."""
    own = {"components/table.html", "layouts/print.html"}
    drawn = {str(path.relative_to(ROOT / "templates")) for path in TEMPLATES if "data-print" in path.read_text()}
    assert drawn == own


def test_a_state_has_one_word_everywhere(app: Flask) -> None:
    from lms.reporting.rules import STATE_WORDS

    with app.test_request_context():
        drawn = app.jinja_env.get_template("components/status.html").module.STATES  # type: ignore[attr-defined]
    assert {state: words for state, (_tone, _icon, words) in drawn.items()} == {
        state.value: words for state, words in STATE_WORDS.items()
    }


def test_the_product_never_promises_what_it_cannot_keep() -> None:
    texts = [*TEMPLATES, *(ROOT / "lms").rglob("*.py"), *(ROOT / "quizzes").rglob("*.*"), ROOT / "README.md"]
    for path in texts:
        if path.suffix in {".html", ".py", ".md", ".yaml"}:
            text = path.read_text(encoding="utf-8").lower()
            found = [word for word in WORDS_NOT_TO_SAY if word in text and "never" not in text[: text.find(word)][-40:]]
            assert not found, (path, found)


def test_the_product_never_asks_for_handles_or_screenshots(app: Flask) -> None:
    """26 M.R.S. § 616: no field of any form asks for an account name, a handle, or a picture of one."""
    names = {
        name
        for path in (ROOT / "lms").rglob("forms.py")
        for name in re.findall(r"^    (\w+) = \w+Field\(", path.read_text(encoding="utf-8"), re.M)
    }
    assert not {name for name in names if re.search(r"handle|screenshot|facebook|social|profile|username", name)}
