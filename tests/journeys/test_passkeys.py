"""Signing with a passkey in a real browser, with Chromium's own virtual authenticator."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import CDPSession
from sqlalchemy import func, select

from lms.attestation import evidence
from lms.attestation.models import Attestation
from lms.auth import queries
from lms.auth.actions import enrol_passkey
from lms.db import db, read_only
from lms.ledger.queries import read_disclosures
from lms.ledger.verify import verify_log
from lms.roster.queries import get_person
from tests.auth.test_passkeys import CHALLENGE, SITE
from tests.factories.people import PASSWORD, give_password, make_person
from tests.factories.training import make_ready_to_sign, published_course
from tests.journeys.hands import Hands
from tests.support.authenticator import SoftPasskey

pytestmark = pytest.mark.browser
AtPage = Callable[[], Hands]


@pytest.fixture
def officer(town: Flask) -> tuple[str, int, int]:
    """Email address, person id and assignment id of somebody who is about to sign."""
    published_course()
    person = make_person(given_name="Alma", family_name="Reyes")
    give_password(person)
    assignment = make_ready_to_sign(person)
    found = person.email, person.id, assignment.id
    db.session.commit()
    return found


class Device:
    """The phone or computer that holds the passkey."""

    def __init__(self, hands: Hands) -> None:
        self.session: CDPSession = hands.page.context.new_cdp_session(hands.page)
        self.session.send("WebAuthn.enable")
        options: dict[str, Any] = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True,
        }  # fmt: skip
        made = self.session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.id = made["authenticatorId"]

    def verifies(self, verified: bool) -> None:
        """Whether the finger is the right one."""
        self.session.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": verified})


def at_localhost(hands: Hands) -> Hands:
    """The same site by its name: browsers allow no passkeys at an address of numbers."""
    hands.base = hands.base.replace("127.0.0.1", "localhost")
    return hands


def enrol(hands: Hands) -> None:
    hands.visit("/auth/ways")
    hands.press("link", "Add a passkey")
    hands.type_into("A name for this passkey", "My phone")
    hands.type_into("Your password", PASSWORD)
    hands.press("button", "Go on")
    hands.press("button", re.compile("Create"))
    hands.expect("The passkey “My phone” is added.")


def fill(hands: Hands, assignment_id: int) -> None:
    hands.visit(f"/attestation/{assignment_id}/sign")
    hands.type_into(re.compile("Question or reservation"), "Does 2.a cover my union page?")
    hands.choose(hands.by("radio", re.compile("on duty")))
    hands.check(re.compile("mean to sign"))


def signed() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Attestation)) or 0


def test_enrol_sign_and_receipt(town: Flask, officer: tuple[str, int, int], at_page: AtPage) -> None:
    email, person_id, assignment_id = officer
    hands = at_localhost(at_page())
    Device(hands)
    hands.sign_in(email, PASSWORD)
    enrol(hands)
    fill(hands, assignment_id)
    assert hands.by("radio", re.compile("^Passkey")).is_checked()
    assert not hands.page.get_by_label(re.compile("Your password")).is_visible()
    hands.press("button", "Sign")
    hands.expect("Receipt of a signed attestation")
    hands.expect("passkey with user verification")
    hands.expect("That does not show who held the device.")

    db.session.rollback()
    row = db.session.scalars(select(Attestation)).one()
    proof = read_disclosures(row.record_id).proof
    assert proof is not None
    assert (row.method, proof["rp_id"]) == ("passkey", "localhost")
    assert proof["origin"] == hands.base
    assert list(verify_log()) == []
    assert list(evidence.check_rows()) == []

    hands.visit("/auth/ways")
    hands.press("link", re.compile("Remove"))
    hands.type_into("Your password", PASSWORD)
    hands.press("button", "Remove the passkey")
    hands.expect("You have no passkey yet.")
    db.session.rollback()
    assert queries.ways_of(person_id) == ("password",)
    assert list(evidence.check_rows()) == []


def test_a_finger_that_is_not_known_signs_nothing_and_the_password_works(
    town: Flask, officer: tuple[str, int, int], at_page: AtPage
) -> None:
    email, _, assignment_id = officer
    hands = at_localhost(at_page())
    device = Device(hands)
    hands.sign_in(email, PASSWORD)
    enrol(hands)
    fill(hands, assignment_id)
    device.verifies(False)
    hands.by("button", "Sign").click()
    hands.page.locator("[data-passkey-said]:focus").wait_for()
    hands.look()
    hands.expect("Your device did not go on")
    hands.expect("Nothing was signed.")
    assert (
        hands.page.get_by_label(re.compile("Question or reservation")).input_value() == "Does 2.a cover my union page?"
    )
    assert signed() == 0
    hands.choose(hands.by("radio", re.compile("^Password")))
    hands.type_into(re.compile("Your password"), PASSWORD)
    hands.press("button", "Sign")
    hands.expect("Receipt of a signed attestation")
    hands.expect("Does 2.a cover my union page?")
    hands.expect("password, typed again for this signature")


def test_at_an_address_of_numbers_the_page_says_where_passkeys_work(
    town: Flask, officer: tuple[str, int, int], at_page: AtPage
) -> None:
    email, _, assignment_id = officer
    named = at_localhost(at_page())
    Device(named)
    named.sign_in(email, PASSWORD)
    enrol(named)
    hands = at_page()
    Device(hands)
    hands.sign_in(email, PASSWORD)
    hands.visit("/auth/ways")
    hands.expect("Passkeys work at another address of this site")
    assert hands.page.locator("main").get_by_role("link", name=named.base).is_visible()
    fill(hands, assignment_id)
    assert not hands.by("radio", re.compile("^Passkey")).is_visible()
    assert hands.page.locator("[data-passkey-elsewhere]").is_visible()
    hands.type_into(re.compile("Your password"), PASSWORD)
    hands.press("button", "Sign")
    hands.expect("password, typed again for this signature")


def test_two_clicks_and_a_lost_answer_sign_once(town: Flask, officer: tuple[str, int, int], at_page: AtPage) -> None:
    email, _, assignment_id = officer
    hands = at_localhost(at_page())
    Device(hands)
    hands.sign_in(email, PASSWORD)
    enrol(hands)
    fill(hands, assignment_id)
    hands.page.route("**/sign/prepare", lambda route: route.abort())
    hands.by("button", "Sign").click()
    hands.page.locator("[data-passkey-said]:focus").wait_for()
    hands.expect("No answer from the server. Nothing was signed.")
    hands.faults.clear()  # The browser itself notes a request that never left.
    hands.page.unroute("**/sign/prepare")
    with hands.page.expect_navigation(url=re.compile("/receipts/")):
        hands.by("button", "Sign").dblclick()
    hands.look()
    hands.expect("Receipt of a signed attestation")
    assert signed() == 1


def test_without_javascript_the_password_signs(
    town: Flask, officer: tuple[str, int, int], browser: Any, address: str
) -> None:
    email, person_id, assignment_id = officer
    token = read_only.set(False)
    enrol_passkey(get_person(person_id), SoftPasskey().register(CHALLENGE), CHALLENGE, "My phone", SITE)
    db.session.commit()
    read_only.reset(token)
    context = browser.new_context(java_script_enabled=False)
    hands = Hands(context.new_page(), address, keyboard=False)
    page = hands.page
    page.goto(f"{address}/auth/sign-in")
    hands.type_into(re.compile("email", re.I), email)
    hands.type_into(re.compile("^password", re.I), PASSWORD)
    hands.by("button", "Sign in").click()
    page.goto(f"{address}/attestation/{assignment_id}/sign")
    assert not hands.by("radio", re.compile("^Passkey")).is_visible()
    assert "Your passkey needs JavaScript, which is off." in page.content()
    hands.choose(hands.by("radio", re.compile("on duty")))
    hands.check(re.compile("mean to sign"))
    hands.type_into(re.compile("Your password"), PASSWORD)
    with page.expect_navigation():
        page.locator("main").get_by_role("button", name="Sign").click()
    assert page.get_by_text("Receipt of a signed attestation").first.is_visible()
    context.close()
