"""Two tabs and double clicks over two web processes: one answer, one signature, one record of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from bench.client import Browser
from lms.assessment.models import Answer, Attempt, ScenarioChoice
from lms.attestation.models import Attestation
from lms.catalog.queries import current_content
from lms.db import db
from lms.ledger.models import LedgerEntry
from lms.training.models import Assignment
from tests.crash.officers import Officer, make_officers
from tests.crash.victim import Victim
from tests.crash.walkers import MODULE
from tests.factories.people import PASSWORD
from tests.factories.training import take, walk_scenario

pytestmark = pytest.mark.crash

TABS = 8
ROUNDS = 3


@pytest.fixture
def pages(app: Flask, database_url: str, tmp_path: Path) -> Iterator[Victim]:
    """The app's database behind real web processes."""
    victim = Victim(tmp_path, database_url)
    victim.start()
    yield victim
    victim.end()


def together(work: Callable[[int], str]) -> list[str]:
    """Does ``work`` in all tabs at the same moment."""
    barrier = Barrier(TABS)

    def one(number: int) -> str:
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(TABS) as pool:
        return list(pool.map(one, range(TABS)))


def send(port: int, officer: Officer, path: str, forms: list[dict[str, str]]) -> list[str]:
    """Sends a form of each tab at once, each on its own connection with its own cookies; where each leads."""
    cookies = [form.pop("cookie") for form in forms]

    def one(number: int) -> str:
        browser = Browser(port, {"rollcall": cookies[number]})
        try:
            page, target = browser.send("POST", path, forms[number])
        finally:
            browser.close()
        assert page.status in {302, 303}, page.text[-500:]
        return target

    return together(one)


def open_tabs(port: int, officer: Officer, path: str, tabs: int) -> list[dict[str, str]]:
    """The page opened in several tabs of one browser: the hidden fields of each, with the cookie."""
    browser = Browser(port, {"rollcall": officer.cookie})
    forms = [browser.get(path).expect().hidden() for _ in range(tabs)]
    browser.close()
    return [{**form, "cookie": browser.cookies["rollcall"]} for form in forms]


def count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def records(kind: str) -> int:
    return db.session.scalar(select(func.count()).where(LedgerEntry.kind == kind)) or 0


def ready(officer: Officer) -> Assignment:
    """Walks the capstone's scenario, after which the questions are open; committed."""
    found = db.session.get_one(Assignment, officer.assignment_id)
    content = current_content(found.course_id)
    walk_scenario(found, MODULE, content.module(MODULE).scenarios[0].ref, content)
    db.session.commit()
    return found


def test_many_clicks_on_one_question_save_one_answer(app: Flask, pages: Victim) -> None:
    officers, _ = make_officers(app, ROUNDS)
    for officer in officers:
        ready(officer)
        db.session.remove()
        base = f"/assessment/{officer.assignment_id}/{MODULE}/questions"
        forms = open_tabs(pages.port, officer, base, 2) * (TABS // 2)
        starts = send(pages.port, officer, f"{base}/start", [dict(form) for form in forms])
        assert len(set(starts)) == 1
        at = starts[0]
        forms = open_tabs(pages.port, officer, at, 2) * (TABS // 2)
        clicked = [{**form, "option": "abc"[number % 3]} for number, form in enumerate(forms)]
        assert set(send(pages.port, officer, at, clicked)) == {at}
    assert (count(Attempt), count(Answer)) == (ROUNDS, ROUNDS)
    assert count(ScenarioChoice) == records("assessment.scenario_choice_made")


def test_many_clicks_on_sign_make_one_signature(app: Flask, pages: Victim) -> None:
    officers, _ = make_officers(app, ROUNDS)
    for officer in officers:
        found = ready(officer)
        take(found, MODULE, "capstone", current_content(found.course_id))
        db.session.commit()
        db.session.remove()
        at = f"/attestation/{officer.assignment_id}/sign"
        tabs = open_tabs(pages.port, officer, at, 2)
        assert tabs[0]["idempotency_key"] != tabs[1]["idempotency_key"]
        signed = {"on_duty": "yes", "intent": "y", "password": PASSWORD, "reservation": "May I ask?"}
        receipts = send(pages.port, officer, at, [{**tabs[number % 2], **signed} for number in range(TABS)])
        assert len(set(receipts)) == 1
    assert count(Attestation) == records("attestation.signed") == ROUNDS
