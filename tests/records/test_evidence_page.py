"""The page *Evidence* says in plain words what is anchored, what is at risk, what fails, and the limits."""

from __future__ import annotations

import html as html_text
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from lms import clock
from lms.db import db
from lms.jobs import anchoring
from lms.ledger.actions import append
from lms.ledger.anchors import words
from lms.ledger.anchors.standing import read_standing
from lms.ledger.limits import AT_RISK, CAN, CANNOT
from lms.web.context import EXTENSION
from tests.factories.people import make_person
from tests.support.authority import Authority, trust
from tests.support.checked_client import CheckedClient

SignIn = Callable[..., CheckedClient]


def page(sign_in: SignIn, role: str = "hr") -> str:
    response = sign_in(make_person(), role).get("/records/evidence")
    assert response.status_code == 200
    return html_text.unescape(response.get_data(as_text=True))


@pytest.fixture
def ask(app: Flask) -> Callable[..., None]:
    """Sets these authorities and runs the job."""

    def run(*urls: str) -> None:
        app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], tsa_urls=urls)
        anchoring.anchor_ledger_job(clock.now())

    return run


def test_without_an_authority_it_says_what_to_set(sign_in: SignIn, app: Flask) -> None:
    text = page(sign_in)
    assert "Nobody outside is asked to witness this log." in text
    assert "LMS_TSA_URLS" in text
    assert "LMS_ANCHOR_MAIL" in text
    assert AT_RISK in text
    for sentence in (*CAN, *CANNOT):
        assert sentence in text


def test_an_anchored_log_says_by_whom_and_since_when(
    sign_in: SignIn, app: Flask, authority: Authority, ask: Callable[..., None]
) -> None:
    trust(app.extensions[EXTENSION].instance, authority)
    ask(authority.url)
    text = page(sign_in, "administrator")
    assert "anchored outside, by 1 witness." in text
    assert authority.url in text
    assert "Verified" in text
    append(kind="a.b", fields={})
    db.session.commit()
    assert "At risk now:" in page(sign_in)


def test_the_records_of_anchors_are_not_at_risk_and_a_worker_that_stands_still_is_noticed(
    app: Flask, authority: Authority, ask: Callable[..., None]
) -> None:
    ask(authority.url)

    def risk(later: timedelta) -> words.Line:
        with clock.at(clock.now() + later):
            standing = read_standing((authority.url,), ())
            return next(line for line in words.lines(standing, str) if "risk" in line.title)

    assert risk(timedelta(0)) == words.Line(
        "ok", "No record is at risk: all are anchored outside. The newest 1 record only tells of anchors."
    )
    append(kind="a.b", fields={})
    db.session.commit()
    assert risk(timedelta(hours=1)).result == "waiting"
    late = risk(timedelta(hours=3))
    assert late.result == "bad"
    assert "Is it running?" in (late.detail or "")


def test_a_missing_root_is_said_with_the_place_for_it(
    sign_in: SignIn, app: Flask, authority: Authority, ask: Callable[..., None]
) -> None:
    ask(authority.url)
    text = page(sign_in)
    assert "they cannot be verified here" in text
    assert str(Path("authorities") / "127.0.0.1.pem") in text


def test_a_failing_authority_is_named_with_the_reason_and_the_next_try(
    sign_in: SignIn, app: Flask, authority: Authority, ask: Callable[..., None]
) -> None:
    authority.mood = "rejection"
    ask(authority.url)
    text = page(sign_in)
    assert f"{authority.url}: no stamp came after 1 try." in text
    assert "Message digest algorithm is not supported." in text
    assert "It is asked again from" in text


def test_a_replaced_stamp_shows_on_the_page(
    sign_in: SignIn, app: Flask, authority: Authority, ask: Callable[..., None]
) -> None:
    from lms.ledger.models import LedgerAnchor

    trust(app.extensions[EXTENSION].instance, authority)
    ask(authority.url)
    db.session.query(LedgerAnchor).update({"token": authority.stamp_note("another text\n")})
    db.session.commit()
    text = page(sign_in)
    assert "its newest stamp does not hold" in text
    assert "Does not hold" in text


def test_the_keys_stand_with_their_fingerprints(sign_in: SignIn, app: Flask) -> None:
    from hashlib import sha256

    from lms.ledger.queries import list_verifier_keys
    from lms.ledger.rules.notes import VerifierKey

    text = page(sign_in)
    (verifier,) = list_verifier_keys()
    digest = sha256(VerifierKey.parse(verifier).public).hexdigest()
    assert " ".join(digest[at : at + 4] for at in range(0, 64, 4)) in text
    assert verifier in text


@pytest.mark.parametrize("role", ["supervisor", "training_sergeant"])
def test_others_may_not_look(sign_in: SignIn, app: Flask, role: str) -> None:
    assert sign_in(make_person(), role).get("/records/evidence").status_code == 403


def test_the_docs_say_the_same_limits() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "evidence.md").read_text(encoding="utf-8")
    for sentence in (*CAN, *CANNOT):
        assert f"- {sentence}\n" in text


def test_at_a_place_of_two_desks_one_is_at_one(sign_in: SignIn, app: Flask) -> None:
    from html5lib import parse

    response = sign_in(make_person(), "hr", "administrator").get("/records/evidence")
    tree = parse(response.get_data(as_text=True), namespaceHTMLElements=False)
    current = tree.findall(".//nav[@aria-label='Desks']//a[@aria-current='true']")
    assert ["".join(link.itertext()) for link in current] == ["HR records"]
