"""The preview shows a course as it is in the files, faults where they are, and needs nothing else."""

from __future__ import annotations

import html
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from lms.catalog.content.draft import read_draft
from lms.workshop.app import make_app
from lms.workshop.cli import serve
from lms.workshop.watch import Bench
from tests.catalog.courses import BANK, LESSON, MODULE, REAL, STORY, copy_tiny, edit
from tests.support.checked_client import check_page

NAME = "02-confidential-content"
AT = f"/modules/{NAME}"
PLAY = f"{AT}/scenarios/training-clip"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A copy of the tiny course."""
    return copy_tiny(tmp_path)


@pytest.fixture
def visitor(course: Path) -> FlaskClient:
    """Somebody at the preview of that copy."""
    return make_app(course).test_client()


def read(visitor: FlaskClient, path: str, status: int = 200) -> str:
    """The page, checked as a browser and a screen reader would."""
    answer = visitor.get(path, base_url="http://127.0.0.1:8010")
    assert answer.status_code == status, path
    text = answer.get_data(as_text=True)
    check_page(text)
    return html.unescape(text)


def every_page(root: Path, items: int = 2) -> list[str]:
    """The address of every page of a course, with so many questions of each module."""
    pages = ["/", "/policy", "/policy/sop-110"]
    for module in read_draft(root).modules:
        at = f"/modules/{module.name}"
        pages += [at, f"{at}/lesson", f"{at}/questions"]
        pages += [f"{at}/scenarios/{entry.ref}{end}" for entry in module.scenarios for end in ("", "/map")]
        pages += [f"{at}/questions/{entry.ref}{end}" for entry in module.items[:items] for end in ("", "?option=a")]
    return pages


def test_every_page_of_the_small_course_is_sound(visitor: FlaskClient, course: Path) -> None:
    for path in every_page(course):
        assert "No faults" in read(visitor, path)


@pytest.mark.slow
def test_every_page_of_the_real_course_is_sound() -> None:
    visitor = make_app(REAL).test_client()
    for path in every_page(REAL, items=200):
        read(visitor, path)


def test_a_story_is_played_to_its_end_and_nothing_is_kept(visitor: FlaskClient) -> None:
    first = read(visitor, PLAY)
    assert "Post it right away." in first
    second = read(visitor, f"{PLAY}?path=post-it")
    assert "This does harm" in second
    assert "Your supervisor calls" in second
    last = read(visitor, f"{PLAY}?path=post-it.say-so")
    assert "How it ends" in last
    assert "Set-Cookie" not in visitor.get(PLAY, base_url="http://127.0.0.1").headers


def test_a_way_that_is_gone_begins_again_and_says_so(visitor: FlaskClient, course: Path) -> None:
    edit(course, STORY, "id: post-it", "id: put-it-up")
    assert "From the start again" in read(visitor, f"{PLAY}?path=post-it")


def test_an_answer_shows_why_the_clause_and_the_safer_way(visitor: FlaskClient) -> None:
    wrong = read(visitor, f"{AT}/questions/purpose-of-sop?option=b")
    for words in ("Not the best answer.", "Why the best answer", "To protect", "A safer way", "What each answer says"):
        assert words in wrong
    assert "Right." in read(visitor, f"{AT}/questions/purpose-of-sop?option=a")
    assert "Not the best answer." not in read(visitor, f"{AT}/questions/purpose-of-sop?option=z")


def test_the_map_may_style_itself_and_nothing_else(visitor: FlaskClient) -> None:
    answer = visitor.get(f"{PLAY}/map.svg", base_url="http://localhost")
    assert answer.mimetype == "image/svg+xml"
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]+'", answer.headers["Content-Security-Policy"]
    )


def test_a_broken_entry_shows_its_faults_and_the_others_stay(visitor: FlaskClient, course: Path) -> None:
    line = edit(course, BANK, "verdict: duty", "verdict: maybe")
    home = read(visitor, "/")
    assert "1 fault to mend" in home
    assert f"{BANK}:{line}" in home
    broken = read(visitor, f"{AT}/questions/policy-lawful-use")
    assert f"{BANK}:{line}" in broken
    assert "cannot be shown yet" in broken
    assert "1 fault here" not in read(visitor, f"{AT}/questions/purpose-of-sop")


@pytest.mark.parametrize("file", ["course.yaml", "policy.md", MODULE, LESSON, STORY, BANK])
@pytest.mark.parametrize("text", ["a: [", None])
def test_a_broken_file_leaves_every_other_page_readable(course: Path, file: str, text: str | None) -> None:
    if text is None:
        (course / file).unlink()
    else:
        (course / file).write_text(text, encoding="utf-8")
    visitor = make_app(course).test_client()
    assert "to mend before this course can be published" in read(visitor, "/")
    for path in every_page(course):
        read(visitor, path)
    if file != STORY:
        assert "Post it right away." in read(visitor, PLAY)
    if file != BANK:
        assert "What is the purpose" in read(visitor, f"{AT}/questions/purpose-of-sop")


@pytest.mark.parametrize(
    ("old", "new"),
    [("next: mended", "next: nowhere"), ("next: quiet", "next: phone"), ("start: phone", "start: radio")],
)
def test_a_story_with_a_faulty_way_is_drawn_and_not_played(
    visitor: FlaskClient, course: Path, old: str, new: str
) -> None:
    edit(course, STORY, old, new)
    page = read(visitor, PLAY)
    assert "cannot be played yet" in page
    assert "There is no scene" in page or "goes in a circle" in page
    read(visitor, f"{PLAY}/map")
    assert visitor.get(f"{PLAY}/map.svg", base_url="http://localhost").status_code == 200


def test_a_dead_end_is_played_up_to_where_it_stops(visitor: FlaskClient, course: Path) -> None:
    edit(course, STORY, "      - id: quiet\n        ending: true\n", "      - id: quiet\n")
    assert "Dead end" in read(visitor, f"{PLAY}?path=ask-first.stay")


def test_hostile_text_is_shown_and_never_run(visitor: FlaskClient, course: Path) -> None:
    edit(course, STORY, "title: The clip", "title: '<script>alert(1)</script>'")
    for path in ("/", AT, PLAY, f"{PLAY}/map"):
        answer = visitor.get(path, base_url="http://localhost")
        assert b"<script>alert" not in answer.data
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert b"<script>" not in visitor.get(f"{PLAY}/map.svg", base_url="http://localhost").data


def test_unknown_places_are_not_found(visitor: FlaskClient) -> None:
    for path in (
        "/nothing",
        "/modules/nothing",
        f"{AT}/scenarios/nothing",
        f"{AT}/questions/nothing",
        "/modules/..%2f",
    ):
        assert "There is no such page" in read(visitor, path, 404)


def test_only_this_machine_is_answered(visitor: FlaskClient, course: Path) -> None:
    answer = visitor.get("/", base_url="http://rebound.example")
    assert answer.status_code == 400
    assert b"this machine alone" in answer.data
    assert make_app(course, only_here=False).test_client().get("/", base_url="http://station-7").status_code == 200
    assert next(option for option in serve.params if option.name == "host").default == "127.0.0.1"


def test_fingerprint_changes_with_the_files_and_with_nothing_else(course: Path) -> None:
    bench = Bench(course)
    mark, draft = bench.draft()
    assert bench.draft() == (mark, draft)
    (course / "modules" / ".swap").write_text("x", encoding="utf-8")
    (course / "modules" / NAME / "bank.yaml~").write_text("x", encoding="utf-8")
    assert bench.fingerprint() == mark
    edit(course, BANK, "verdict: duty", "verdict: maybe")
    changed, broken = bench.draft()
    assert changed != mark
    assert broken.faults
    (course / LESSON).unlink()
    assert bench.fingerprint() != changed


def test_preview_loads_no_database() -> None:
    program = (
        "import sys, lms.workshop.app as app; print([n for n in sys.modules if n == 'sqlalchemy' or n == 'lms.db'])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=root)
    assert done.stdout.strip() == "[]"


@pytest.fixture
def address(course: Path) -> Iterator[str]:
    """The preview, served on this machine."""
    server = make_server("127.0.0.1", 0, make_app(course), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    server.server_close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
def test_a_saved_file_shows_itself_and_pages_fit(browser: Any, address: str, course: Path, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_context(viewport={"width": width, "height": 800}).new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    for path in ("/", AT, f"{AT}/lesson", PLAY, f"{PLAY}/map", f"{AT}/questions", f"{AT}/questions/purpose-of-sop"):
        page.goto(address + path)
        found = Axe().run(page)
        assert found.violations_count == 0, (path, found.generate_report())
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, path
    page.goto(address + PLAY)
    page.get_by_role("button", name="Post it right away.").click()
    page.get_by_text("This page follows the files").wait_for()
    edit(course, STORY, "Your supervisor calls about the picture.", "The chief calls about the picture.")
    page.get_by_text("The chief calls about the picture.").wait_for(timeout=15000)
    edit(course, BANK, "verdict: duty", "verdict: maybe")
    page.get_by_role("link", name="1 fault in this course").wait_for(timeout=15000)
    assert refused == []


@pytest.mark.browser
def test_without_script_the_page_says_how_to_follow(browser: Any, address: str) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(address + PLAY)
    page.get_by_text("Reload the page after you save a file.").wait_for()
    page.get_by_role("button", name="Ask before anything is posted.").click()
    page.get_by_text("This is the best way").wait_for()


@pytest.mark.browser
def test_the_map_alone_is_styled_under_its_own_policy(browser: Any, address: str) -> None:
    page = browser.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(f"{address}{PLAY}/map.svg")
    weight = page.evaluate("getComputedStyle(document.querySelector('.title')).fontWeight")
    assert (weight, refused) == ("700", [])
