"""The officer's goals, in a real browser: with a mouse at a desktop, and at 360 px with the keyboard alone."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pypdf
import pypdfium2
import pytest
import zxingcpp
from flask import Flask
from sqlalchemy import func, select

from lms.assessment.models import Answer, Attempt
from lms.attestation.models import Attestation
from lms.catalog.queries import current_content
from lms.db import db
from lms.ledger.verify import verify_log
from tests.factories.people import PASSWORD, give_password, make_person
from tests.factories.training import make_assignment, make_ready_to_sign, published_course
from tests.journeys.hands import Hands
from tests.journeys.officer import Officer

pytestmark = pytest.mark.browser
AtPage = Callable[[], Hands]


@pytest.fixture
def officer(town: Flask) -> Any:
    published_course()
    person = make_person(given_name="Alma", family_name="Reyes")
    give_password(person)
    return person


def test_from_due_to_receipt_with_one_failed_capstone(town: Flask, officer: Any, at_page: AtPage) -> None:
    make_assignment(officer)
    hands = at_page()
    walker = Officer(hands, current_content("sop-110"))
    db.session.rollback()
    walker.fail_capstone = 1
    hands.sign_in(officer.email, PASSWORD)
    hands.expect("My training")
    walker.onward()
    walker.walk_to_the_signature()
    assert any("remediation" in path for path in walker.seen)

    hands.choose(hands.by("radio", re.compile("on duty")))
    hands.check(re.compile("mean to sign"))
    hands.type_into(re.compile("Question or reservation"), "Does 2.a cover my union page?")
    hands.type_into(re.compile("Your password"), PASSWORD)
    hands.press("button", "Sign")
    hands.expect("Receipt of a signed attestation")
    hands.expect("Does 2.a cover my union page?")

    pdf = download(hands)
    read = pypdf.PdfReader(io.BytesIO(pdf))
    assert read.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert "Alma Reyes" in "".join(page.extract_text() for page in read.pages)
    hands.visit(qr_of(pdf))
    hands.expect("This receipt matches the log")
    assert not hands.page.get_by_text("Reyes").and_(hands.page.locator("main *")).count()

    db.session.rollback()
    kinds = [a.kind for a in db.session.scalars(select(Attempt).order_by(Attempt.id))]
    assert kinds == ["module", "module", "capstone", "remediation", "capstone"]
    assert len(db.session.scalars(select(Attestation)).all()) == 1
    assert list(verify_log()) == []


def download(hands: Hands) -> bytes:
    with hands.page.expect_download() as waiting:
        hands.by("link", re.compile("Download the receipt")).click()
    with open(waiting.value.path(), "rb") as file:
        return file.read()


def qr_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    for index in range(len(document)):
        codes = zxingcpp.read_barcodes(document[index].render(scale=3).to_pil())
        if codes:
            return str(codes[0].text)
    raise AssertionError("there is no code on the receipt")


def test_declining_to_sign_with_two_witnesses(town: Flask, officer: Any, at_page: AtPage) -> None:
    assignment = make_ready_to_sign(officer)
    witnesses = [make_person(given_name="Wen", family_name=f"Witness{n}") for n in (1, 2)]
    for witness in witnesses:
        give_password(witness)
    names = [(witness.badge, witness.email) for witness in witnesses]
    email, assignment_id = officer.email, assignment.id
    db.session.commit()

    hands = at_page()
    hands.sign_in(email, PASSWORD)
    hands.press("link", re.compile("Sign or decline"))
    hands.press("link", "Decline to sign")
    hands.expect("Why the department asks")
    hands.choose(hands.by("radio", re.compile("off duty")))
    hands.type_into("First witness", names[0][0])
    hands.type_into("Second witness", names[1][1])
    hands.press("button", "Decline to sign")
    hands.expect("Record of a training completed, unsigned")
    hands.expect("Awaiting witnesses")

    for _, address in names:
        other = at_page()
        other.sign_in(address, PASSWORD)
        other.press("link", "Say whether you saw it")
        other.type_into(re.compile("Your password"), PASSWORD)
        other.press("button", re.compile("I confirm"))
        other.expect("Nothing waits for you")

    hands.page.reload()
    hands.look()
    hands.expect("Completed, unsigned")
    db.session.rollback()
    assert db.session.scalar(select(Attestation.assignment_id)) == assignment_id


def test_going_on_at_another_device_and_pressing_back(town: Flask, officer: Any, at_page: AtPage) -> None:
    make_assignment(officer)
    content = current_content("sop-110")
    email = officer.email
    db.session.rollback()
    station = at_page()
    walker = Officer(station, content)
    station.sign_in(email, PASSWORD)
    walker.onward()
    while not re.search(r"attempts/\d+/1$", station.page.url):
        walker.do_page(station.page.url.split("//", 1)[1].split("/", 1)[1])
    question = station.page.url
    walker.answer()
    station.page.go_back()
    station.visit(question)
    station.expect("Right")

    phone = at_page()
    other = Officer(phone, content)
    phone.sign_in(email, PASSWORD)
    other.onward()
    while not re.search(r"attempts/\d+/\d+$", phone.page.url):
        other.onward()
    assert phone.page.url.endswith("/2"), "the second device goes on at the next question"


def test_a_lost_connection_keeps_the_choice_and_back_shows_what_was_answered(
    town: Flask, officer: Any, at_page: AtPage
) -> None:
    make_assignment(officer)
    content, email = current_content("sop-110"), officer.email
    db.session.rollback()
    hands = at_page()
    walker = Officer(hands, content)
    hands.sign_in(email, PASSWORD)
    walker.onward()
    while not re.search(r"attempts/\d+/1$", hands.page.url):
        walker.do_page(hands.page.url.split("//", 1)[1].split("/", 1)[1])
    first = hands.page.url
    key = walker.item_on_the_page().key
    chosen = hands.page.locator(f"input[type=radio][value='{key}']")

    answer_with_nothing_chosen(hands)
    hands.choose(chosen)
    hands.page.context.set_offline(True)
    hands.by("button", "Answer").click()
    hands.page.get_by_role("alert").wait_for()
    hands.expect("Your choice is still marked")
    assert chosen.is_checked()
    assert db.session.scalar(select(func.count(Answer.id))) == 0
    hands.faults.clear()  # The browser itself notes a request that never left.
    hands.page.context.set_offline(False)

    walker.answer()
    hands.press("link", "Next")
    assert hands.page.url == first[:-1] + "2"
    walker.item_on_the_page()
    hands.page.go_back()
    hands.page.wait_for_load_state("load")
    hands.page.locator(".verdict-title").wait_for()
    assert hands.page.url == first
    assert not hands.page.get_by_role("radio").count()
    with hands.page.expect_event("load"):
        hands.page.go_forward()
    assert hands.page.url == first[:-1] + "2"
    hands.expect("Question 2 of")
    walker.item_on_the_page()
    db.session.rollback()
    assert db.session.scalar(select(func.count(Answer.id))) == 1


def answer_with_nothing_chosen(hands: Hands) -> None:
    """It is sent once, and what is missing is said on the page that stays open, with the focus on the first option."""
    sent: list[str] = []
    hands.page.on("request", lambda request: sent.append(request.method) if request.method == "POST" else None)
    hands.press_in_place("button", "Answer", until="[aria-invalid] input")
    hands.expect("Choose an answer first.")
    assert sent == ["POST"]
    assert db.session.scalar(select(func.count(Answer.id))) == 0
