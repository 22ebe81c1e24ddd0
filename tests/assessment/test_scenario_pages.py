"""The scenario player in a browser's eyes: every choice saved, none changed, practice without a trace."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from lms.assessment import actions
from lms.assessment.models import ScenarioChoice, ScenarioRun
from lms.catalog.actions import publish_course
from lms.db import db
from lms.ledger.models import LedgerEntry
from tests.assessment.conftest import MODULE, SCENARIO, Desk
from tests.assessment.test_scenario_actions import republished
from tests.factories.people import make_person
from tests.support.checked_client import CheckedClient
from tests.support.queries import counted_queries


@pytest.fixture
def officer(desk: Desk, sign_in: Callable[..., CheckedClient]) -> CheckedClient:
    desk.open_module()
    return sign_in(desk.person)


def page_of(desk: Desk) -> str:
    return f"/assessment/{desk.assignment.id}/{MODULE}/scenarios/{SCENARIO}"


def choose(client: CheckedClient, desk: Desk, position: int, scene: str, choice: str, version: int = 0) -> str:
    """Sends a choice as the page would, and gives back the page that follows."""
    page = page_of(desk)
    data = {
        "version": version or desk.content.course_version_id,
        "position": position,
        "scene": scene,
        "choice": choice,
        "csrf_token": client.token("/auth/password"),
    }
    sent = client.post(f"{page}/choose", data=data)
    assert (sent.status_code, sent.location) == (302, page)
    return client.get(page).get_data(as_text=True)


def count(table: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_the_first_page_tells_the_scene_and_offers_every_choice(desk: Desk, officer: CheckedClient) -> None:
    html = officer.get(page_of(desk)).get_data(as_text=True)
    for choice in desk.content.scenario(SCENARIO).scenes["phone"].choices:
        assert choice.text in html
        assert f'value="{choice.ref}"' in html
    assert "Decision 1 of at most 2" in html
    assert "recruit in your third week" in html
    assert count(ScenarioRun) == 0


def test_a_choice_shows_its_consequence_then_the_clause_then_the_better_way_then_the_next_scene(
    desk: Desk, officer: CheckedClient
) -> None:
    html = choose(officer, desk, 1, "phone", "post-it")
    parts = [
        "Post it right away.",
        "Something follows from this (0 of 3).",
        "express written permission of the Chief of Police",
        "Read the clause first, then decide.",
        "Your supervisor calls about the picture.",
        "Say what happened and take it down.",
    ]
    places = [html.index(part) for part in parts]
    assert places == sorted(places)
    assert "Decision 2 of 2" in html


def test_the_story_goes_on_where_it_was_left_on_another_device(
    desk: Desk, officer: CheckedClient, sign_in: Callable[..., CheckedClient]
) -> None:
    choose(officer, desk, 1, "phone", "ask-first")
    elsewhere = sign_in(desk.person)
    html = elsewhere.get(page_of(desk)).get_data(as_text=True)
    assert "The answer is no." in html
    assert "Something follows from this (3 of 3)." in html


def test_the_back_button_never_changes_a_choice_and_says_so(desk: Desk, officer: CheckedClient) -> None:
    choose(officer, desk, 1, "phone", "ask-first")
    html = choose(officer, desk, 1, "phone", "post-it")
    assert "Your first choice stays" in html
    assert "The answer is no." in html
    made = db.session.scalars(select(ScenarioChoice)).one()
    assert made.choice_ref == "ask-first"


def test_a_double_click_is_one_choice_without_a_word(desk: Desk, officer: CheckedClient) -> None:
    choose(officer, desk, 1, "phone", "ask-first")
    assert "Your first choice stays" not in choose(officer, desk, 1, "phone", "ask-first")
    assert count(ScenarioChoice) == 1


def test_a_second_tab_that_is_behind_is_led_to_where_the_story_is(desk: Desk, officer: CheckedClient) -> None:
    choose(officer, desk, 1, "phone", "ask-first")
    html = choose(officer, desk, 2, "call", "say-so")
    assert "Nothing was recorded" in html
    assert count(ScenarioChoice) == 1


def test_an_ending_marks_the_step_as_done(desk: Desk, officer: CheckedClient) -> None:
    choose(officer, desk, 1, "phone", "ask-first")
    html = choose(officer, desk, 2, "answer", "stay")
    assert "Nothing happens, and that is the point." in html
    assert "This scenario is done" in html
    assert "The story is over" in html
    assert "Questions" in officer.get(f"/training/{desk.assignment.id}/modules/{MODULE}").get_data(as_text=True)
    again = choose(officer, desk, 2, "answer", "give-in")
    assert "Your first choice stays" in again


def test_a_locked_scenario_leads_to_the_module_with_the_reason(
    desk: Desk, sign_in: Callable[..., CheckedClient]
) -> None:
    client = sign_in(desk.person)
    response = client.get(page_of(desk))
    assert response.location == f"/training/{desk.assignment.id}/modules/{MODULE}"
    assert "not open" in client.get(response.location).get_data(as_text=True)
    sent = client.post(
        f"{page_of(desk)}/choose",
        data={
            "version": desk.content.course_version_id,
            "position": 1,
            "scene": "phone",
            "choice": "post-it",
            "csrf_token": client.token("/auth/password"),
        },
    )
    assert sent.status_code == 302
    assert count(ScenarioRun) == 0


def test_a_page_from_before_a_new_version_records_nothing(desk: Desk, officer: CheckedClient, tmp_path: object) -> None:
    publish_course(republished(tmp_path))
    db.session.commit()
    html = choose(officer, desk, 1, "phone", "ask-first")
    assert "The course was updated" in html
    assert count(ScenarioRun) == 0


@pytest.mark.parametrize("missing", ["version", "position", "scene", "choice"])
def test_half_a_choice_is_refused(desk: Desk, officer: CheckedClient, missing: str) -> None:
    data = {"version": "1", "position": "1", "scene": "phone", "choice": "post-it"}
    data.pop(missing)
    data["csrf_token"] = officer.token("/auth/password")
    assert officer.post(f"{page_of(desk)}/choose", data=data).status_code == 422
    assert count(ScenarioRun) == 0


def test_a_choice_that_is_not_offered_is_refused_and_leaves_nothing(desk: Desk, officer: CheckedClient) -> None:
    data = {"version": desk.content.course_version_id, "position": 1, "scene": "phone", "choice": "stay"}
    data["csrf_token"] = officer.token("/auth/password")
    assert officer.post(f"{page_of(desk)}/choose", data=data).status_code == 422
    assert count(ScenarioRun) == 0


def test_nobody_sees_or_plays_for_somebody_else(
    desk: Desk, officer: CheckedClient, sign_in: Callable[..., CheckedClient]
) -> None:
    other = sign_in(make_person())
    assert other.get(page_of(desk)).status_code == 404
    assert other.get(f"{page_of(desk)}/practice").status_code == 404
    data = {"version": 1, "position": 1, "scene": "phone", "choice": "post-it"}
    data["csrf_token"] = other.token("/auth/password")
    assert other.post(f"{page_of(desk)}/choose", data=data).status_code == 404
    assert count(ScenarioRun) == 0


def test_another_way_is_open_after_an_end_records_nothing_and_says_so(desk: Desk, officer: CheckedClient) -> None:
    early = officer.get(f"{page_of(desk)}/practice")
    assert early.location == page_of(desk)
    desk.walk(MODULE, SCENARIO, "ask-first", "stay")
    records = count(LedgerEntry)
    for path, expected in [
        ("", "Your phone lights up"),
        ("post-it", "Something follows from this (0 of 3)."),
        ("post-it.deny", "The picture is out"),
    ]:
        html = officer.get(f"{page_of(desk)}/practice?path={path}").get_data(as_text=True)
        assert expected in html
        assert "Nothing that you choose here is recorded" in html
    assert 'value="post-it.deny"' in officer.get(f"{page_of(desk)}/practice?path=post-it").get_data(as_text=True)
    assert (count(ScenarioChoice), count(LedgerEntry)) == (2, records)


@pytest.mark.parametrize("path", ["nothing", "post-it.stay", "post-it.deny.deny", "..", "a" * 3000])
def test_a_practice_address_that_goes_nowhere_is_not_found(desk: Desk, officer: CheckedClient, path: str) -> None:
    desk.walk(MODULE, SCENARIO)
    assert officer.get(f"{page_of(desk)}/practice?path={path}").status_code == 404


def test_pages_take_few_queries(desk: Desk, officer: CheckedClient) -> None:
    choose(officer, desk, 1, "phone", "ask-first")
    page = page_of(desk)
    with counted_queries() as seen:
        officer.get(page)
    assert len(seen) <= 8, seen


def test_a_run_that_was_closed_half_way_can_be_read_and_not_gone_on_with(desk: Desk, officer: CheckedClient) -> None:
    from lms.training.actions import waive_assignment

    run = actions.start_scenario(desk.assignment, MODULE, SCENARIO)
    actions.choose(run, position=1, scene_ref="phone", choice_ref="ask-first")
    waive_assignment(desk.assignment, "Long-term detail", make_person())
    db.session.commit()
    html = officer.get(page_of(desk)).get_data(as_text=True)
    assert "closed" in html
    assert 'name="choice"' not in html
    assert "closed" in choose(officer, desk, 2, "answer", "stay")
    assert count(ScenarioChoice) == 1
