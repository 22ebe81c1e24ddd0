"""The accounts desk, through the pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from lms import clock
from lms.db import db
from lms.ledger.queries import list_entries
from lms.notify.queries import list_messages
from lms.roster import actions as roster
from lms.roster.models import Person
from lms.roster.queries import find_person_by_email, roles_of
from tests.factories.people import PASSWORD, make_person
from tests.support.checked_client import CheckedClient
from tests.support.queries import counted_queries

SignIn = Callable[..., CheckedClient]


@pytest.fixture
def desk(app: Flask, sign_in: SignIn) -> CheckedClient:
    """An administrator's client."""
    return sign_in(make_person(email="admin@portland.test"), "administrator")


@pytest.fixture
def officer_id(app: Flask) -> int:
    person_id = make_person(given_name="Marguerite", family_name="Okafor", badge="4711").id
    db.session.rollback()
    return person_id


def text_of(client: CheckedClient, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.get_data(as_text=True)


@pytest.mark.parametrize(
    "path",
    [
        "/auth/accounts",
        "/auth/accounts/new",
        "/auth/accounts/1",
        "/auth/accounts/1/roles/hr",
        "/auth/accounts/1/separate",
    ],
)
def test_only_administrators_may_enter(sign_in: SignIn, path: str) -> None:
    client = sign_in(make_person(), "training_sergeant", "hr", "supervisor")
    assert client.get(path).status_code == 403


def test_accounts_are_found_by_name_badge_and_email(desk: CheckedClient, officer_id: int) -> None:
    for text in ("okafor", "4711", "marg oka"):
        page = text_of(desk, f"/auth/accounts?text={text}")
        assert f"/auth/accounts/{officer_id}" in page
        assert "1 to 1 of 1 people" in page
    assert "Nobody was found" in text_of(desk, "/auth/accounts?text=zzz")
    assert "admin@portland.test" not in text_of(desk, "/auth/accounts?text=okafor")


def test_long_list_is_paged_with_few_queries(desk: CheckedClient) -> None:
    for n in range(55):
        make_person(family_name=f"Zeta{n:02d}")
    db.session.rollback()
    with counted_queries() as seen:
        first = text_of(desk, "/auth/accounts?text=zeta")
    assert len(seen) <= 7
    assert "1 to 50 of 55 people" in first
    second = text_of(desk, "/auth/accounts?text=zeta&page=2")
    assert "51 to 55 of 55 people" in second
    assert "Nobody was found" in text_of(desk, "/auth/accounts?text=zeta&page=99")
    assert desk.get("/auth/accounts?page=x").status_code == 200


NEW = {
    "given_name": "Jo",
    "family_name": "Reyes",
    "badge": "900",
    "email": "Jo.Reyes@portland.test",
    "rank": "Officer",
    "hired_on": "2026-03-02",
}


def unit_of(client: CheckedClient) -> str:
    found = re.search(r'<option[^>]*value="(\d+)"[^>]*>Patrol', text_of(client, "/auth/accounts/new"))
    assert found
    return found[1]


def test_new_person_gets_an_invitation_that_opens_the_account(app: Flask, desk: CheckedClient) -> None:
    response = desk.submit("/auth/accounts/new", {**NEW, "unit_id": unit_of(desk)})
    person = find_person_by_email("jo.reyes@portland.test")
    assert person is not None
    assert response.location == f"/auth/accounts/{person.id}"
    message = list_messages()[0]
    assert message.subject == "Your account for training at Portland Police Department"
    assert "for 14 days" in message.body_text
    found = re.search(r"http://localhost(/auth/link/\S+)", message.body_text)
    assert found
    db.session.rollback()
    client: CheckedClient = app.test_client()  # type: ignore[assignment]
    assert client.submit(found[1], {"new_password": PASSWORD, "repeat": PASSWORD}).status_code == 302
    entered = client.submit("/auth/sign-in", {"email": "jo.reyes@portland.test", "password": PASSWORD})
    assert entered.status_code == 302
    assert "The invitation goes to" in text_of(desk, response.location)


def test_new_unit_can_be_named(desk: CheckedClient) -> None:
    desk.submit("/auth/accounts/new", {**NEW, "unit_id": unit_of(desk), "new_unit": "Harbor"})
    person = find_person_by_email("jo.reyes@portland.test")
    assert person is not None
    assert person.unit.name == "Harbor"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"badge": "4711"}, "Somebody on the roster has this already"),
        ({"email": "no address"}, "Enter an email address such as"),
        ({"given_name": " "}, "Enter the first name"),
        ({"hired_on": "soon"}, "Type a date that exists"),
        ({"unit_id": "99999"}, "Not a valid choice"),
    ],
)
def test_mistake_in_a_new_account_is_said_at_its_field(
    desk: CheckedClient, officer_id: int, change: dict[str, str], words: str
) -> None:
    response = desk.submit("/auth/accounts/new", {**NEW, "unit_id": unit_of(desk), **change})
    assert response.status_code == 422
    assert words in response.get_data(as_text=True)
    assert list_messages() == []


def test_role_is_given_and_taken_with_the_administrators_password(desk: CheckedClient, officer_id: int) -> None:
    path = f"/auth/accounts/{officer_id}/roles/hr"
    assert "record:read" in text_of(desk, path)
    refused = desk.submit(path, {"password": "wrong password"})
    assert refused.status_code == 422
    assert "This is not your password" in refused.get_data(as_text=True)
    assert roles_of(officer_id) == frozenset()
    db.session.rollback()
    assert desk.submit(path, {"password": PASSWORD}).status_code == 302
    assert roles_of(officer_id) == {"hr"}
    db.session.rollback()
    assert "now holds the role HR" in text_of(desk, f"/auth/accounts/{officer_id}")
    assert desk.submit(path, {"password": PASSWORD}).status_code == 302
    assert roles_of(officer_id) == frozenset()
    kinds = [entry.kind for entry in list_entries(subject=f"person:{officer_id}")]
    assert kinds == ["roster.person_added", "roster.role_granted", "roster.role_revoked"]


def test_administrator_cannot_shut_himself_out(desk: CheckedClient) -> None:
    me = find_person_by_email("admin@portland.test")
    assert me is not None
    my_id = me.id
    db.session.rollback()
    role = desk.submit(f"/auth/accounts/{my_id}/roles/administrator", {"password": PASSWORD})
    assert "You cannot take away a role of your own" in role.get_data(as_text=True)
    today = clock.today("America/New_York").isoformat()
    left = desk.submit(f"/auth/accounts/{my_id}/separate", {"password": PASSWORD, "separated_on": today})
    assert "You cannot close your own account" in left.get_data(as_text=True)
    assert desk.get("/auth/accounts").status_code == 200


def test_unknown_person_and_role_are_not_found(desk: CheckedClient, officer_id: int) -> None:
    assert desk.get("/auth/accounts/99999").status_code == 404
    assert desk.get(f"/auth/accounts/{officer_id}/roles/king").status_code == 404


def test_separated_person_is_signed_out_and_stays_on_the_list(
    desk: CheckedClient, officer_id: int, sign_in: SignIn
) -> None:
    person = db.session.get_one(Person, officer_id)
    client = sign_in(person)
    yesterday = (clock.today("America/New_York") - timedelta(days=1)).isoformat()
    data = {"separated_on": yesterday, "password": PASSWORD}
    assert desk.submit(f"/auth/accounts/{officer_id}/separate", data).status_code == 302
    assert client.get("/auth/sessions").status_code == 302
    page = text_of(desk, f"/auth/accounts/{officer_id}")
    assert "No longer works here" in page
    assert "Left " in text_of(desk, "/auth/accounts?text=okafor")


def test_the_separation_page_names_the_roles_that_end(desk: CheckedClient, officer_id: int) -> None:
    page = f"/auth/accounts/{officer_id}/separate"
    assert "Marguerite Okafor holds no role that would end." in text_of(desk, page)
    roster.grant_role(db.session.get_one(Person, officer_id), "hr", None)
    db.session.commit()
    assert "This role ends with the last day: <strong>HR</strong>." in text_of(desk, page)


def test_last_day_before_the_first_is_refused(desk: CheckedClient, officer_id: int) -> None:
    data = {"separated_on": "1999-01-01", "password": PASSWORD}
    response = desk.submit(f"/auth/accounts/{officer_id}/separate", data)
    assert response.status_code == 422
    assert "before the first" in response.get_data(as_text=True)


def test_link_is_sent_again_after_a_pause(desk: CheckedClient, officer_id: int) -> None:
    path, page = f"/auth/accounts/{officer_id}/link", f"/auth/accounts/{officer_id}"
    desk.submit(path, form_at=page)
    desk.submit(path, form_at=page)
    assert "A link was sent a moment ago" in text_of(desk, page)
    assert len(list_messages()) == 1


def test_person_is_signed_out_everywhere(desk: CheckedClient, officer_id: int, sign_in: SignIn) -> None:
    client = sign_in(db.session.get_one(Person, officer_id))
    page = f"/auth/accounts/{officer_id}"
    assert "1 browser" in text_of(desk, page)
    assert desk.submit(f"{page}/sessions/end", form_at=page).status_code == 302
    assert client.get("/auth/sessions").status_code == 302
