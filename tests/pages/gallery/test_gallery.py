"""Every component and layout, read as strictly as a browser and a screen reader would."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from jinja2 import UndefinedError
from werkzeug.serving import make_server

from tests.pages.gallery.app import PAGES, make_app
from tests.support.checked_client import check_page

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def gallery() -> Flask:
    """The gallery app."""
    return make_app()


@pytest.fixture
def visitor(gallery: Flask) -> FlaskClient:
    """A client of the gallery."""
    return gallery.test_client()


@pytest.fixture(scope="module")
def address(gallery: Flask) -> Iterator[str]:
    """The gallery, served on this machine."""
    server = make_server("127.0.0.1", 0, gallery, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    server.server_close()


def draw(gallery: Flask, source: str, **values: object) -> str:
    """One template, drawn in the gallery app."""
    with gallery.test_request_context("/"):
        return render_template_string(source, **values)


@pytest.mark.parametrize("name", PAGES)
def test_page_is_sound_html(visitor: FlaskClient, name: str) -> None:
    root = check_page(visitor.get(f"/{name}").get_data(as_text=True))
    headings = [element for element in root.iter() if str(element.tag).endswith("}h1")]
    assert len(headings) == 1


def test_error_is_tied_to_its_field_and_listed_at_the_top(visitor: FlaskClient) -> None:
    html = visitor.get("/components").get_data(as_text=True)
    assert '<a href="#badge">Enter the badge number.</a>' in html
    assert '<a href="#kind-0">Choose a reason.</a>' in html
    assert re.search(r'<input aria-describedby="badge-error" aria-invalid="true"[^>]* id="badge"', html)
    assert re.search(
        r'<fieldset[^>]*aria-describedby="kind-error"[^>]*role="radiogroup" aria-invalid="true">\s*<legend', html
    )
    assert re.search(r'aria-describedby="new_due_on-help new_due_on-error"', html)


def test_unknown_state_is_refused(gallery: Flask) -> None:
    with pytest.raises((UndefinedError, ValueError, TypeError)):
        draw(gallery, '{% from "components/status.html" import status %}{{ status("finished") }}')


def test_text_from_outside_is_escaped(gallery: Flask) -> None:
    html = draw(
        gallery,
        '{% from "components/clause.html" import clause %}{% from "components/facts.html" import facts %}'
        '{% from "components/table.html" import cell %}{{ clause(x, x) }}{{ facts([(x, x)]) }}{{ cell(x, x) }}',
        x="<script>",
    )
    assert "<script" not in html


@pytest.mark.parametrize(
    ("done", "total", "share"), [(159, 160, "99%"), (160, 160, "100%"), (0, 0, "0%"), (1, 3, "33%")]
)
def test_share_is_whole_only_when_everyone_is_done(gallery: Flask, done: int, total: int, share: str) -> None:
    html = draw(
        gallery,
        '{% from "components/progress.html" import bar %}{{ bar(done, total, "Unit") }}',
        done=done,
        total=total,
    )
    assert f'<span class="meter-share">{share}</span>' in html


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing(browser: Any, address: str, width: int, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    faults: list[str] = []
    page.on(
        "console",
        lambda message: (
            faults.append(f"console: {message.text}") if message.type == "error" and "404" not in message.text else None
        ),
    )
    for name in PAGES:
        page.goto(f"{address}/{name}")
        found = Axe().run(page, options=RULES).response["violations"]
        faults += [f"{name}: {fault['id']} at {node['html'][:120]}" for fault in found for node in fault["nodes"]]
    page.close()
    assert faults == []


@pytest.mark.browser
@pytest.mark.parametrize(("width", "text"), [(320, "100%"), (768, "100%"), (1280, "100%"), (1280, "200%")])
def test_no_page_scrolls_sideways(browser: Any, address: str, width: int, text: str) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    wide = []
    for name in PAGES:
        page.goto(f"{address}/{name}")
        page.evaluate(f"document.documentElement.style.fontSize = '{text}'")
        if page.evaluate(TOO_WIDE) > 0:
            wide.append(name)
    page.close()
    assert wide == []


@pytest.mark.browser
def test_links_and_the_print_button_above_a_list_look_alike(browser: Any, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}/assignments")
    look = """found => { const style = getComputedStyle(found); const box = found.getBoundingClientRect();
        return [style.color, style.font, style.textDecorationLine, style.padding, style.borderWidth, box.height, box.y]; }"""
    link = page.get_by_role("link", name="CSV").evaluate(look)
    assert page.get_by_role("button", name="Print").evaluate(look) == link
    page.close()


@pytest.mark.browser
def test_double_click_sends_once_and_back_gives_the_button_again(browser: Any, address: str) -> None:
    page = browser.new_page()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.goto(f"{address}/question")
    page.get_by_role("button", name="Answer").dblclick(no_wait_after=True)
    page.wait_for_url("**/answered")
    assert len(sent) == 1
    page.go_back()
    assert page.get_by_role("button", name="Answer").is_enabled()
    page.close()


@pytest.mark.browser
def test_appearance_is_kept_on_this_device_and_needs_no_script(browser: Any, address: str) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    page = browser.new_page(color_scheme="light")
    page.goto(f"{address}/training")
    page.get_by_role("button", name="Dark").click()
    page.reload()
    chosen = page.evaluate(paper)
    page.close()
    still = browser.new_context(java_script_enabled=False, color_scheme="dark").new_page()
    still.goto(f"{address}/training")
    # Playwright's own evaluation works in a page whose scripts are off.
    assert still.evaluate(paper) == chosen
    still.context.close()
