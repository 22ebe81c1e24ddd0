"""A real server, a real browser, and people at it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from lms import create_app
from lms.db import db, read_only
from tests.journeys.hands import Hands
from tests.support import databases

SIZES = {"desktop": (1280, 900), "phone": (360, 740)}


@pytest.fixture
def town(sqlite_template: Path, tmp_path: Path) -> Iterator[Flask]:
    """The app with a database file that a server thread and the test share."""
    url = databases.copy_sqlite(sqlite_template, tmp_path)
    app = create_app(databases.test_settings(tmp_path / "instance", url))
    with app.app_context():
        from lms.ledger.actions import open_log

        open_log("rollcall.test/log")
        db.session.commit()
        # The test looks at the database while the server works: it must never hold the write lock.
        token = read_only.set(True)
        yield app
        read_only.reset(token)
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def address(town: Flask) -> Iterator[str]:
    """Where the pages are served."""
    server = make_server("127.0.0.1", 0, town, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    object.__setattr__(town.extensions["rollcall.settings"], "public_url", f"http://127.0.0.1:{server.port}")
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join(timeout=10)


@pytest.fixture(params=["desktop", "phone"])
def at_page(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Callable[[], Hands]]:
    """Opens a browser for one more person: a mouse at a desktop, or the keyboard alone at 360 px."""
    contexts: list[Any] = []
    width, height = SIZES[request.param]

    def open_page() -> Hands:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if request.param == "phone" else "light",
            accept_downloads=True,
        )
        contexts.append(context)
        return Hands(context.new_page(), address, keyboard=request.param == "phone")

    yield open_page
    for context in contexts:
        context.close()
