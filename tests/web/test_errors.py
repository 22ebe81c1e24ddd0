"""What a visitor reads where the database refused."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import scoped_session

from lms.db import db
from lms.web.limits import LONGEST_ADDRESS, REFUSED
from tests.factories.people import make_unit

TITLE = "Somebody else changed this at the same moment"


def collide() -> str:
    db.session.execute(text("INSERT INTO unit (name) VALUES ('Harbor')"))
    db.session.execute(text("INSERT INTO unit (name) VALUES ('Patrol')"))
    return "done"


@pytest.fixture
def page(app: Flask) -> Flask:
    """The app with a page that two people may use at once."""
    app.config["WTF_CSRF_ENABLED"] = False
    make_unit("Patrol")
    db.session.commit()
    app.add_url_rule("/collide", view_func=collide, methods=["POST"])
    return app


def units() -> list[str]:
    return list(db.session.scalars(text("SELECT name FROM unit ORDER BY name")))


def test_a_constraint_that_is_violated_is_a_409_that_says_what_to_do(page: Flask) -> None:
    response = page.test_client().post("/collide")
    html = response.get_data(as_text=True)
    assert response.status_code == 409
    assert TITLE in html
    assert "nothing was lost" in html
    assert "try again" in html
    assert units() == ["Patrol"]


def test_so_it_is_where_the_commit_itself_is_refused(page: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    page.config["PROPAGATE_EXCEPTIONS"] = False
    page.view_functions["collide"] = lambda: "done"
    client = page.test_client()
    db.session.commit()
    real = scoped_session.commit
    calls: list[int] = []

    def commit(session: scoped_session) -> None:  # type: ignore[type-arg]
        calls.append(1)
        if len(calls) == 2:
            raise IntegrityError("COMMIT", {}, Exception("UNIQUE constraint failed: unit.name"))
        real(session)

    monkeypatch.setattr(scoped_session, "commit", commit)
    response = client.post("/collide")
    assert response.status_code == 409
    assert TITLE in response.get_data(as_text=True)


@pytest.mark.parametrize(
    ("path", "given", "status", "says"),
    [
        ("/?text=" + "x" * LONGEST_ADDRESS, {}, 414, "This address is too long"),
        ("/" + "x" * LONGEST_ADDRESS, {}, 414, "This address is too long"),
        ("/", {REFUSED: 414}, 414, "This address is too long"),
        ("/", {REFUSED: 431}, 431, "Delete this site&#39;s cookies"),
    ],
)
def test_a_request_that_is_too_long_gets_the_page_of_every_error(
    app: Flask, path: str, given: dict[str, int], status: int, says: str
) -> None:
    response = app.test_client().get(path, environ_overrides=given)
    html = response.get_data(as_text=True)
    assert response.status_code == status
    assert says in html
    assert "What to do" in html
    assert "Content-Security-Policy" in response.headers


def test_an_address_as_long_as_may_be_is_read(app: Flask) -> None:
    assert app.test_client().get("/auth/sign-in?next=" + "x" * (LONGEST_ADDRESS - 20)).status_code == 200
