"""The goals of the training sergeant and of HR, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from lms import clock
from lms.attestation import queries as attestations
from lms.audit.models import RecordLook
from lms.db import db
from lms.notify.models import OutboxMessage
from lms.roster import actions as roster
from lms.roster.permissions import HR, SERGEANT
from lms.training.models import Assignment
from tests.factories.people import PASSWORD, give_password, make_person
from tests.factories.training import make_assignment, make_ready_to_sign, published_course
from tests.journeys.hands import Hands

pytestmark = pytest.mark.browser
AtPage = Callable[[], Hands]


@pytest.fixture
def department(town: Flask) -> dict[str, Any]:
    """One who is overdue, one who is about to sign, a sergeant and somebody in HR."""
    published_course()
    late = make_person(given_name="Luca", family_name="Late")
    today = clock.today("America/New_York")
    make_assignment(late, due_on=today - timedelta(days=3), opens_on=today - timedelta(days=90))
    signer = make_person(given_name="Sana", family_name="Signer")
    ready = make_ready_to_sign(signer)
    sergeant, clerk = make_person(family_name="Sergeant"), make_person(family_name="Clerk")
    roster.grant_role(sergeant, SERGEANT, by=None)
    roster.grant_role(clerk, HR, by=None)
    for person in (late, signer, sergeant, clerk):
        give_password(person)
    db.session.commit()
    return {
        "late": late.id, "late_email": late.email, "signer": signer.email, "ready": ready.id,
        "sergeant": sergeant.email, "clerk": clerk.email,
    }  # fmt: skip


def sign_with_a_question(hands: Hands, email: str, assignment_id: int) -> None:
    hands.sign_in(email, PASSWORD)
    hands.visit(f"/attestation/{assignment_id}/sign")
    hands.type_into(re.compile("Question or reservation"), "May I keep my old profile picture?")
    hands.choose(hands.by("radio", re.compile("off duty")))
    hands.check(re.compile("mean to sign"))
    hands.type_into(re.compile("Your password"), PASSWORD)
    hands.press("button", "Sign")


def test_the_sergeant_finds_reminds_extends_and_answers(
    town: Flask, department: dict[str, Any], at_page: AtPage
) -> None:
    sign_with_a_question(at_page(), department["signer"], department["ready"])
    hands = at_page()
    hands.sign_in(department["sergeant"], PASSWORD)
    assert "/reporting" in hands.page.url
    hands.visit("/reporting/assignments?state=overdue")
    hands.press("link", re.compile("Late"))
    hands.press("button", "Send a reminder")
    hands.expect("reminder")
    hands.press("link", "Extend")
    until = clock.today("America/New_York") + timedelta(days=21)
    field = hands.page.locator("input[type=date]").first
    field.fill(until.isoformat())
    hands.type_into(re.compile("[Rr]eason"), "Court duty all of last week")
    hands.press("button", "Move the due date")
    hands.expect("Court duty")
    hands.visit("/attestation/questions")
    hands.type_into("Answer", "Yes, if you do not work undercover. 2.f is about officers who do.")
    hands.press("button", "Send the answer")
    hands.expect("Answered.")

    db.session.rollback()
    moved = db.session.scalars(select(Assignment).where(Assignment.person_id == department["late"])).one()
    assert moved.due_on == until
    letters = db.session.scalars(select(OutboxMessage.subject)).all()
    assert any("answered" in subject for subject in letters)
    assert attestations.list_questions(answered=False) == []


def test_hr_states_a_purpose_finds_verifies_and_exports(
    town: Flask, department: dict[str, Any], at_page: AtPage
) -> None:
    sign_with_a_question(at_page(), department["signer"], department["ready"])
    hands = at_page()
    hands.sign_in(department["clerk"], PASSWORD)
    assert "/records" in hands.page.url
    hands.type_into(re.compile("[Nn]ame"), "Signer")
    hands.press("button", re.compile("Find|Search|Show"))
    change = hands.by("link", "Change of status of Sana Signer")
    assert change.evaluate("link => getComputedStyle(link).whiteSpace + link.getClientRects().length") == "nowrap1"
    hands.press("link", re.compile("^Signer"))
    hands.type_into(re.compile("[Pp]urpose|need"), "Arbitration 26-014, request of counsel")
    hands.press("button", "Open the record")
    hands.expect("This record is exactly as recorded, and a signed checkpoint covers it.")
    hands.visit("/records/export")
    hands.type_into(re.compile("[Pp]urpose|need"), "Yearly report to the city")
    with hands.page.expect_download() as waiting:
        hands.by("button", "Export").click()
    with open(waiting.value.path(), encoding="utf-8-sig") as file:
        text = file.read()
    assert "Sana Signer" in text
    db.session.rollback()
    purposes = db.session.scalars(select(RecordLook.purpose)).all()
    assert "Arbitration 26-014, request of counsel" in purposes
    assert "Yearly report to the city" in purposes
