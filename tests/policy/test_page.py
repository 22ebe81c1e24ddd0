"""The page that shows the whole policy."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import pytest

from lms import clock
from lms.policy.actions import publish_policy
from tests.factories.people import make_person
from tests.policy.parsed import SMALL, revised, shipped_policy
from tests.support.checked_client import CheckedClient
from tests.support.queries import counted_queries

OVERDUE = "This policy is past its review date"
Enter = Callable[..., CheckedClient]


@pytest.fixture
def officer(session: Any, sign_in: Enter) -> CheckedClient:
    publish_policy(shipped_policy())
    session.commit()
    return sign_in(make_person())


def text_of(html: str) -> str:
    plain = re.sub(r"<[^>]+>", " ", re.sub(r"</?em>", "", html))
    return " ".join(unescape(plain).split())


def test_every_clause_stands_on_the_page_under_its_id(officer: CheckedClient) -> None:
    html = officer.get("/policy/sop-110").get_data(as_text=True)
    shown = text_of(html)
    for clause in shipped_policy().clauses:
        assert f'id="{clause.ref}"' in html
        assert clause.text.replace("*", "") in shown


def test_contents_lead_to_every_section(officer: CheckedClient) -> None:
    html = officer.get("/policy/sop-110").get_data(as_text=True)
    targets = re.findall(r'href="#(section-[^"]+)"', html)
    assert len(targets) == 12
    for target in targets:
        assert f'id="{target}"' in html


def test_dates_are_shown_to_everybody(officer: CheckedClient) -> None:
    shown = text_of(officer.get("/policy/sop-110").get_data(as_text=True))
    for day in ("January 15, 2012", "January 10, 2021", "January 10, 2023"):
        assert day in shown


def test_review_that_is_overdue_is_told_to_the_training_sergeant(session: Any, sign_in: Enter) -> None:
    publish_policy(shipped_policy())
    session.commit()
    sergeant = sign_in(make_person(), "training_sergeant")
    assert OVERDUE in sergeant.get("/policy/sop-110").get_data(as_text=True)


def test_review_that_is_overdue_is_not_told_to_an_officer(officer: CheckedClient) -> None:
    assert OVERDUE not in officer.get("/policy/sop-110").get_data(as_text=True)


def test_review_that_is_not_due_is_told_to_nobody(session: Any, sign_in: Enter) -> None:
    publish_policy(revised(clock.today("America/New_York")))
    session.commit()
    assert OVERDUE not in sign_in(make_person(), "training_sergeant").get("/policy/sop-7").get_data(as_text=True)


def test_owner_of_the_policy_is_told_of_the_overdue_review(session: Any, sign_in: Enter) -> None:
    owner = make_person()
    publish_policy(SMALL).document.owner_id = owner.id
    session.commit()
    assert OVERDUE in sign_in(owner).get("/policy/sop-7").get_data(as_text=True)


def test_earlier_text_says_that_it_was_replaced(session: Any, sign_in: Enter) -> None:
    with clock.at(datetime(2025, 3, 1, tzinfo=UTC)):
        publish_policy(SMALL)
        publish_policy(revised(date(2025, 3, 1)))
        session.commit()
    client = sign_in(make_person())
    assert "This is an earlier text" in client.get("/policy/sop-7?version=1").get_data(as_text=True)
    assert "This is an earlier text" not in client.get("/policy/sop-7?version=2").get_data(as_text=True)
    assert client.get("/policy/sop-7?version=9").status_code == 404
    assert client.get("/policy/sop-8").status_code == 404


def test_list_leads_to_the_only_policy_and_lists_several(session: Any, sign_in: Enter) -> None:
    client = sign_in(make_person())
    assert "No policy yet" in client.get("/policy/").get_data(as_text=True)
    publish_policy(SMALL)
    session.commit()
    assert client.get("/policy/").location == "/policy/sop-7"
    publish_policy(shipped_policy())
    session.commit()
    listed = client.get("/policy/").get_data(as_text=True)
    assert "SOP 7, Radios" in listed
    assert "SOP 110, Social Media" in listed


def test_visitor_must_sign_in(session: Any, client: CheckedClient) -> None:
    publish_policy(SMALL)
    session.commit()
    assert client.get("/policy/sop-7").status_code == 302


def test_page_takes_few_queries(officer: CheckedClient) -> None:
    officer.get("/policy/sop-110")
    with counted_queries() as seen:
        officer.get("/policy/sop-110")
    assert len(seen) <= 5, seen
