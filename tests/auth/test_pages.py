"""Signing in and out, one's own account, and links, through the pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lms import clock
from lms.auth import rules
from lms.auth.models import SignInSession
from lms.db import db
from lms.notify.queries import count_messages, list_messages
from lms.roster.models import Person
from tests.factories.people import PASSWORD, give_password, make_person
from tests.support.checked_client import CheckedClient
from tests.support.queries import counted_queries

OTHER = "copper saddle november 17"
SignIn = Callable[..., CheckedClient]


@pytest.fixture
def email(app: Flask) -> str:
    person = make_person(email="dana@portland.test")
    give_password(person)
    db.session.rollback()
    return "dana@portland.test"


def enter(client: CheckedClient, email: str, password: str = PASSWORD, *, at: str = "/auth/sign-in") -> Any:
    page = client.get(at).get_data(as_text=True)
    found = re.search(r'name="next"[^>]*value="([^"]*)"', page)
    assert found
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    data = {"email": email, "password": password, "next": found[1], "csrf_token": token[1]}
    return client.post("/auth/sign-in", data=data)


def test_right_password_opens_the_first_page(client: CheckedClient, email: str) -> None:
    response = enter(client, email)
    assert (response.status_code, response.location) == (302, "/")
    assert client.get("/training/").status_code == 200
    assert client.get("/auth/sign-in").location == "/"


def test_page_that_needs_sign_in_leads_there_and_back(client: CheckedClient, email: str) -> None:
    response = client.get("/auth/sessions")
    assert response.status_code == 302
    assert response.location.startswith("/auth/sign-in?next=")
    assert enter(client, email, at=response.location).location == "/auth/sessions"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_sign_in_leads_to_no_other_site(client: CheckedClient, email: str, target: str) -> None:
    token = client.token("/auth/sign-in")
    data = {"email": email, "password": PASSWORD, "next": target, "csrf_token": token}
    assert client.post("/auth/sign-in", data=data).location == "/"


def test_refusal_is_shown_and_keeps_the_address_and_not_the_password(client: CheckedClient, email: str) -> None:
    response = enter(client, email, "wrong password")
    page = response.get_data(as_text=True)
    assert response.status_code == 422
    assert "do not belong together" in page
    assert email in page
    assert "wrong password" not in page


def test_sign_in_without_a_token_is_refused(client: CheckedClient, email: str) -> None:
    assert client.post("/auth/sign-in", data={"email": email, "password": PASSWORD}).status_code == 400


def test_cookie_is_hidden_from_script_and_other_sites(client: CheckedClient, email: str) -> None:
    header = enter(client, email).headers["Set-Cookie"]
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header


def test_copied_cookie_is_refused_after_sign_out(app: Flask, client: CheckedClient, email: str) -> None:
    enter(client, email)
    copied = client.get_cookie("rollcall")
    assert copied is not None
    assert client.submit("/auth/sign-out", form_at="/auth/sessions").location == "/auth/sign-in"
    thief = app.test_client()
    thief.set_cookie("rollcall", copied.value)
    assert thief.get("/auth/sessions").status_code == 302
    assert client.get("/auth/sessions").status_code == 302


def test_planted_cookie_gains_nothing(app: Flask, client: CheckedClient, email: str) -> None:
    client.get("/auth/sign-in")
    planted = client.get_cookie("rollcall")
    assert planted is not None
    enter(client, email)
    thief = app.test_client()
    thief.set_cookie("rollcall", planted.value)
    assert thief.get("/auth/sessions").status_code == 302


def test_signing_in_again_ends_the_session_before(app: Flask, client: CheckedClient, email: str) -> None:
    token = client.token("/auth/sign-in")
    data = {"email": email, "password": PASSWORD, "csrf_token": token}
    client.post("/auth/sign-in", data=data)
    before = client.get_cookie("rollcall")
    assert before is not None
    data["csrf_token"] = client.token("/auth/password")
    assert client.post("/auth/sign-in", data=data).status_code == 302
    thief = app.test_client()
    thief.set_cookie("rollcall", before.value)
    assert thief.get("/auth/sessions").status_code == 302
    assert client.get("/auth/sessions").status_code == 200


def test_person_and_roles_cost_one_query(client: CheckedClient, email: str) -> None:
    enter(client, email)
    with counted_queries() as seen:
        client.get("/auth/password")
    assert len(seen) == 1


def test_separation_ends_open_sessions(client: CheckedClient, email: str) -> None:
    enter(client, email)
    with clock.at(clock.now()):
        person = db.session.query(Person).filter_by(email=email).one()
        person.separated_on = clock.today("America/New_York") - timedelta(days=1)
        db.session.commit()
    assert client.get("/auth/sessions").status_code == 302
    assert enter(client, email).status_code == 422


def test_many_failures_from_one_address_are_stopped_and_successes_are_not(client: CheckedClient, email: str) -> None:
    token = client.token("/auth/sign-in")
    before = client.get_cookie("rollcall")
    assert before is not None

    def status(address: str, password: str) -> int:
        client.set_cookie("rollcall", before.value)
        data = {"email": address, "password": password, "csrf_token": token}
        with client.application.app_context():
            return FlaskClient.open(client, "/auth/sign-in", method="POST", data=data).status_code

    assert {status(email, PASSWORD) for _ in range(32)} == {302}
    assert [status(f"x{n}@portland.test", "wrong") for n in range(31)] == [422] * 30 + [429]
    assert status(email, PASSWORD) == 429


def test_lock_is_explained_on_the_page(client: CheckedClient, email: str) -> None:
    for _ in range(5):
        enter(client, email, "wrong password")
    response = enter(client, email)
    assert response.status_code == 422
    assert "Wait 15 minutes" in response.get_data(as_text=True)


def test_password_is_changed_and_others_are_signed_out(app: Flask, client: CheckedClient, email: str) -> None:
    other: CheckedClient = app.test_client()  # type: ignore[assignment]
    enter(other, email)
    enter(client, email)
    data = {"password": PASSWORD, "new_password": OTHER, "repeat": OTHER}
    assert client.submit("/auth/password", data).location == "/auth/sessions"
    assert "signed out everywhere else" in client.get("/auth/sessions").get_data(as_text=True)
    assert other.get("/auth/sessions").status_code == 302
    assert enter(app.test_client(), email, OTHER).status_code == 302  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"password": "wrong password"}, "This is not your password"),
        ({"repeat": "something else"}, "not the same"),
        ({"new_password": "password1234", "repeat": "password1234"}, "too easy to guess"),
        ({"new_password": "short", "repeat": "short"}, "at least 12 characters"),
        ({"password": ""}, "Enter your present password"),
    ],
)
def test_password_change_says_what_is_wrong(
    client: CheckedClient, email: str, change: dict[str, str], words: str
) -> None:
    enter(client, email)
    data = {"password": PASSWORD, "new_password": OTHER, "repeat": OTHER, **change}
    response = client.submit("/auth/password", data)
    assert response.status_code == 422
    assert words in response.get_data(as_text=True)
    assert client.get("/auth/sessions").status_code == 200


def test_sessions_are_listed_and_ended(app: Flask, client: CheckedClient, email: str) -> None:
    others: list[Any] = [app.test_client(), app.test_client(), app.test_client()]
    for other in others:
        enter(other, email)
    enter(client, email)
    page = client.get("/auth/sessions").get_data(as_text=True)
    ids = re.findall(r"/auth/sessions/(\d+)/end", page)
    assert len(ids) == 3
    assert client.submit(f"/auth/sessions/{ids[0]}/end", form_at="/auth/sessions").status_code == 302
    assert [other.get("/auth/sessions").status_code for other in others].count(302) == 1
    assert client.submit("/auth/sessions/end-others", form_at="/auth/sessions").status_code == 302
    assert [other.get("/auth/sessions").status_code for other in others] == [302] * 3
    assert client.get("/auth/sessions").status_code == 200


def test_session_of_somebody_else_cannot_be_ended(client: CheckedClient, email: str, sign_in: SignIn) -> None:
    enter(client, email)
    stranger = sign_in(make_person())
    session_id = db.session.scalars(select(SignInSession.id).order_by(SignInSession.id)).first()
    response = stranger.submit(f"/auth/sessions/{session_id}/end", form_at="/auth/password")
    assert response.status_code == 404
    assert client.get("/auth/sessions").status_code == 200


def test_forgotten_password_says_the_same_to_everybody(client: CheckedClient, email: str) -> None:
    pages = []
    for address in (email, "nobody@portland.test"):
        response = client.submit("/auth/forgotten", {"email": address})
        assert response.location == "/auth/sign-in"
        pages.append(
            re.sub(r'value="[^"]*"|<code>[^<]*</code>', "", client.get(response.location).get_data(as_text=True))
        )
    assert pages[0] == pages[1]
    assert "If this address belongs to an account" in pages[0]
    assert count_messages() == 1


def link_path() -> str:
    found = re.search(r"http://localhost(/auth/link/\S+)", list_messages()[0].body_text)
    assert found
    db.session.rollback()
    return found[1]


def test_link_of_the_letter_sets_a_password_once(client: CheckedClient, email: str) -> None:
    client.submit("/auth/forgotten", {"email": email})
    path = link_path()
    for _ in range(2):
        page = client.get(path)
        assert page.status_code == 200
        assert page.headers["Referrer-Policy"] == "no-referrer"
    weak = client.submit(path, {"new_password": "password1234", "repeat": "password1234"})
    assert weak.status_code == 422
    assert client.submit(path, {"new_password": OTHER, "repeat": OTHER}).location == "/auth/sign-in"
    over = client.get(path)
    assert over.status_code == 404
    assert "This link no longer works" in over.get_data(as_text=True)
    assert enter(client, email, OTHER).status_code == 302


def test_link_that_is_too_old_leads_to_a_new_one(client: CheckedClient, email: str) -> None:
    client.submit("/auth/forgotten", {"email": email})
    path = link_path()
    with clock.at(clock.now() + rules.FORGOTTEN_LINK):
        response = client.get(path)
    assert response.status_code == 404
    assert "/auth/forgotten" in response.get_data(as_text=True)


def test_letter_says_what_is_needed(client: CheckedClient, email: str) -> None:
    client.submit("/auth/forgotten", {"email": email})
    message = list_messages()[0]
    assert message.subject == "Set a new password"
    assert "The link works once, for 24 hours:" in message.body_text
    assert "Portland Police Department" in message.body_text
