"""Questions in a browser's eyes: one a page, saved at once, feedback on the same address."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from sqlalchemy import func, select

from lms.assessment.models import Answer, Attempt
from lms.catalog.rules import Item
from lms.db import db
from lms.training.actions import waive_assignment
from tests.assessment.conftest import CAPSTONE_MODULE, MODULE, Desk
from tests.factories.people import make_person
from tests.support.checked_client import CheckedClient
from tests.support.queries import counted_queries


@pytest.fixture
def officer(desk: Desk, sign_in: Callable[..., CheckedClient]) -> CheckedClient:
    desk.open_questions()
    return sign_in(desk.person)


def start_page(desk: Desk, module: str = MODULE) -> str:
    return f"/assessment/{desk.assignment.id}/{module}/questions"


def begin(client: CheckedClient, desk: Desk) -> Attempt:
    """Presses Start."""
    sent = client.submit(f"{start_page(desk)}/start", form_at=start_page(desk))
    db.session.rollback()
    attempt = db.session.scalars(select(Attempt).order_by(Attempt.id.desc())).first()
    assert attempt is not None
    assert sent.location == f"/assessment/attempts/{attempt.id}/1"
    assert client.get(f"/assessment/attempts/{attempt.id}").location == sent.location
    return attempt


def item_of(desk: Desk, attempt: Attempt, position: int) -> Item:
    return desk.content.item(attempt.presented[position - 1]["item"])


def give(client: CheckedClient, attempt: Attempt, position: int, option: str) -> str:
    """Answers through the page and gives back the page that follows."""
    url = f"/assessment/attempts/{attempt.id}/{position}"
    sent = client.post(url, data={"option": option, "csrf_token": client.token("/auth/password")})
    assert sent.status_code == 302
    return client.get(sent.location, follow_redirects=True).get_data(as_text=True)


def send_in_place(client: CheckedClient, attempt: Attempt, position: int, option: str) -> Any:
    """Answers as the page's script does."""
    data = {"option": option, "csrf_token": client.token("/auth/password")}
    return client.post(
        f"/assessment/attempts/{attempt.id}/{position}", data=data, headers={"X-Rollcall-Part": "answer"}
    )


def count(table: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_the_start_page_says_how_many_what_passes_and_what_must_be_right(desk: Desk, officer: CheckedClient) -> None:
    html = officer.get(start_page(desk)).get_data(as_text=True)
    for words in ("at least 4 right (80%)", "IV.B.1.c", "as many as you like", "Start"):
        assert words in html
    assert count(Attempt) == 0


def test_one_question_a_page_in_the_order_that_was_kept(desk: Desk, officer: CheckedClient) -> None:
    attempt = begin(officer, desk)
    html = officer.get(f"/assessment/attempts/{attempt.id}/1").get_data(as_text=True)
    item = item_of(desk, attempt, 1)
    assert "Question 1 of 4" in html
    assert item.stem in html
    texts = [item.option(ref).text for ref in attempt.presented[0]["options"]]
    places = [html.index(f">{text}<") for text in texts]
    assert places == sorted(places)
    assert html.count('type="radio"') == 3


def test_a_right_answer_shows_why_the_clause_and_the_safer_way_on_the_same_address(
    desk: Desk, officer: CheckedClient
) -> None:
    attempt = begin(officer, desk)
    item = item_of(desk, attempt, 1)
    html = give(officer, attempt, 1, item.key)
    for words in ("Right.", item.option(item.key).feedback, item.rewrite, "The policy, word for word", "Next"):
        assert words in html
    assert 'type="radio"' not in html
    assert f'href="/assessment/attempts/{attempt.id}/2"' in html


def test_a_wrong_answer_says_why_not_and_why_the_best_one(desk: Desk, officer: CheckedClient) -> None:
    attempt = begin(officer, desk)
    item = item_of(desk, attempt, 1)
    wrong = next(option for option in item.options if not option.correct)
    html = give(officer, attempt, 1, wrong.ref)
    for words in ("Not the best answer.", wrong.feedback, item.option(item.key).feedback, "Your answer: not the best"):
        assert words in html


def test_a_script_gets_the_reasons_and_the_next_question_in_one_reply(desk: Desk, officer: CheckedClient) -> None:
    attempt = begin(officer, desk)
    total = attempt.total
    for position in range(1, total + 1):
        item = item_of(desk, attempt, position)
        parts = send_in_place(officer, attempt, position, item.key).get_json()
        assert "Right." in parts["answered"]["html"]
        assert parts["answered"]["title"].startswith(f"Answer {position} of {total}")
        if position < total:
            assert parts["next"]["address"] == f"/assessment/attempts/{attempt.id}/{position + 1}"
            assert parts["next"]["title"].startswith(f"Question {position + 1} of {total}")
            assert item_of(desk, attempt, position + 1).options[0].text in unescape(parts["next"]["html"])
    assert parts["next"] is None
    assert f"/assessment/attempts/{attempt.id}/result" in parts["answered"]["html"]
    assert count(Answer) == total


def test_a_script_is_led_to_the_page_when_another_answer_was_kept(desk: Desk, officer: CheckedClient) -> None:
    attempt = begin(officer, desk)
    key = item_of(desk, attempt, 1).key
    send_in_place(officer, attempt, 1, key)
    other = next(option.ref for option in item_of(desk, attempt, 1).options if option.ref != key)
    led = send_in_place(officer, attempt, 1, other).get_json()
    assert led == {"go": f"/assessment/attempts/{attempt.id}/1"}
    assert "Your first answer stays" in officer.get(led["go"]).get_data(as_text=True)
    assert send_in_place(officer, attempt, 3, key).get_json() == {"go": f"/assessment/attempts/{attempt.id}"}
    assert count(Answer) == 1


def test_an_answer_once_given_stays_and_is_shown(desk: Desk, officer: CheckedClient) -> None:
    attempt = begin(officer, desk)
    item = item_of(desk, attempt, 1)
    wrong = next(option.ref for option in item.options if not option.correct)
    give(officer, attempt, 1, wrong)
    html = give(officer, attempt, 1, item.key)
    assert "Your first answer stays" in html
    assert "Not the best answer." in html
    assert "stays on the record" not in give(officer, attempt, 1, wrong)
    assert count(Answer) == 1


def test_no_answer_chosen_is_said_at_the_question(desk: Desk, officer: CheckedClient) -> None:
    attempt = begin(officer, desk)
    response = officer.submit(f"/assessment/attempts/{attempt.id}/1")
    assert response.status_code == 422
    assert "Choose an answer first." in response.get_data(as_text=True)
    assert count(Answer) == 0


def test_no_answer_chosen_is_said_in_place_to_a_script(desk: Desk, officer: CheckedClient) -> None:
    attempt = begin(officer, desk)
    response = send_in_place(officer, attempt, 1, "")
    assert response.status_code == 422
    again = response.get_json()["again"]
    assert again["title"].startswith("Question 1 of 4")
    for said in ("Choose an answer first.", 'aria-invalid="true"', 'type="radio"', "csrf_token"):
        assert said in again["html"]
    assert count(Answer) == 0


def test_an_option_that_was_not_shown_is_refused(desk: Desk, officer: CheckedClient) -> None:
    attempt = begin(officer, desk)
    assert officer.submit(f"/assessment/attempts/{attempt.id}/1", {"option": "z"}).status_code == 422
    assert count(Answer) == 0


@pytest.mark.parametrize("position", [0, 5, 999])
def test_a_question_beyond_the_last_is_not_found(desk: Desk, officer: CheckedClient, position: int) -> None:
    attempt = begin(officer, desk)
    assert officer.get(f"/assessment/attempts/{attempt.id}/{position}").status_code == 404
    token = officer.token("/auth/password")
    sent = officer.post(f"/assessment/attempts/{attempt.id}/{position}", data={"option": "a", "csrf_token": token})
    assert sent.status_code == 404


def test_a_question_whose_turn_has_not_come_leads_to_the_one_that_is_next(desk: Desk, officer: CheckedClient) -> None:
    attempt = begin(officer, desk)
    assert officer.get(f"/assessment/attempts/{attempt.id}/3").location == f"/assessment/attempts/{attempt.id}/1"
    html = give(officer, attempt, 3, "a")
    assert "Question 1 of 4" in html
    assert "Nothing was recorded" in html
    assert officer.get(f"/assessment/attempts/{attempt.id}/result").location.endswith("/1")


def test_a_sitting_goes_on_at_the_exact_question_on_another_device(
    desk: Desk, officer: CheckedClient, sign_in: Callable[..., CheckedClient]
) -> None:
    attempt = begin(officer, desk)
    give(officer, attempt, 1, "a")
    elsewhere = sign_in(desk.person)
    assert "Go on: question 2 of 4" in elsewhere.get(start_page(desk)).get_data(as_text=True)
    again = elsewhere.submit(f"{start_page(desk)}/start", form_at="/auth/password")
    assert again.location == f"/assessment/attempts/{attempt.id}/2"


def test_the_result_says_the_score_and_what_was_missed_and_what_comes_next(desk: Desk, officer: CheckedClient) -> None:
    attempt = begin(officer, desk)
    for position in range(1, 5):
        html = give(officer, attempt, position, desk.option_for(attempt, position, ("IV.B.1.c",)))
    assert "See the result" in html
    assert officer.get(f"/assessment/attempts/{attempt.id}").location == f"/assessment/attempts/{attempt.id}/result"
    result = officer.get(f"/assessment/attempts/{attempt.id}/result").get_data(as_text=True)
    for words in ("Not passed yet", "of 4", "IV.B.1.c (must be right)", "Try again", "express written permission"):
        assert words in result
    assert "discipline" in result
    listed = officer.get(start_page(desk)).get_data(as_text=True)
    assert "Not passed" in listed
    assert "Start again" in listed


def test_passing_leads_on_with_the_training(desk: Desk, officer: CheckedClient) -> None:
    attempt = begin(officer, desk)
    for position in range(1, 5):
        give(officer, attempt, position, desk.option_for(attempt, position))
    result = officer.get(f"/assessment/attempts/{attempt.id}/result").get_data(as_text=True)
    for words in ("Passed", "4 of 4 (100%)", "No clause was missed.", "Go on with the training"):
        assert words in result
    assert officer.get(f"/assessment/attempts/{attempt.id}/4").status_code == 200


def test_locked_questions_lead_to_the_module_with_the_reason(desk: Desk, sign_in: Callable[..., CheckedClient]) -> None:
    client = sign_in(desk.person)
    response = client.get(start_page(desk))
    assert response.location == f"/training/{desk.assignment.id}/modules/{MODULE}"
    assert "These questions are not open." in client.get(response.location).get_data(as_text=True)
    sent = client.submit(f"{start_page(desk)}/start", form_at="/auth/password")
    assert sent.status_code == 302
    assert count(Attempt) == 0


@pytest.mark.parametrize("path", ["99/questions", "2/scenarios/no-such"])
def test_a_part_that_the_course_does_not_have_is_not_found(desk: Desk, officer: CheckedClient, path: str) -> None:
    assert officer.get(f"/assessment/{desk.assignment.id}/{path}").status_code == 404


def test_nobody_sees_or_answers_for_somebody_else(
    desk: Desk, officer: CheckedClient, sign_in: Callable[..., CheckedClient]
) -> None:
    attempt = begin(officer, desk)
    attempt_id = attempt.id
    other = sign_in(make_person(), "training_sergeant", "hr", "administrator")
    for path in ("", "/1", "/result"):
        assert other.get(f"/assessment/attempts/{attempt_id}{path}").status_code == 404
    for path in (start_page(desk), f"/assessment/{desk.assignment.id}/remediation"):
        assert other.get(path).status_code == 404
    data = {"option": "a", "csrf_token": other.token("/auth/password")}
    assert other.post(f"/assessment/attempts/{attempt_id}/1", data=data).status_code == 404
    assert count(Answer) == 0


def test_a_training_closed_half_way_can_be_read_and_not_gone_on_with(desk: Desk, officer: CheckedClient) -> None:
    attempt = begin(officer, desk)
    give(officer, attempt, 1, "a")
    waive_assignment(desk.assignment, "Long-term detail", make_person())
    db.session.commit()
    assert 'type="radio"' not in officer.get(f"/assessment/attempts/{attempt.id}/2").get_data(as_text=True)
    assert "closed" in give(officer, attempt, 2, "a")
    assert count(Answer) == 1
    assert officer.get(f"/assessment/attempts/{attempt.id}/1").status_code == 200


def test_a_question_page_and_an_answer_take_few_queries(desk: Desk, officer: CheckedClient) -> None:
    attempt = begin(officer, desk)
    attempt_id = attempt.id
    give(officer, attempt, 1, "a")
    token = officer.token("/auth/password")
    for page in ("1", "2"):
        with counted_queries() as seen:
            officer.get(f"/assessment/attempts/{attempt_id}/{page}")
        assert len(seen) <= 8, seen
    with counted_queries() as seen:
        officer.post(f"/assessment/attempts/{attempt_id}/2", data={"option": "a", "csrf_token": token})
    assert len(seen) <= 8, seen


def test_other_pages_take_few_queries(desk: Desk, officer: CheckedClient) -> None:
    attempt = begin(officer, desk)
    for position in range(1, 5):
        give(officer, attempt, position, desk.option_for(attempt, position))
    attempt_id, start = attempt.id, start_page(desk)
    for page in (f"/assessment/attempts/{attempt_id}/result", start):
        with counted_queries() as seen:
            officer.get(page)
        assert len(seen) <= 8, seen


def test_the_capstone_start_page_says_how_many_attempts_are_left(
    capstone_desk: Desk, sign_in: Callable[..., CheckedClient]
) -> None:
    html = sign_in(capstone_desk.person).get(start_page(capstone_desk, CAPSTONE_MODULE)).get_data(as_text=True)
    for words in ("2 of 2 left", "at least 4 right", "clauses IV.B.1.c, IV.B.2.f"):
        assert words in html


def test_an_answer_after_signing_out_leads_to_the_sign_in_and_back(desk: Desk, officer: CheckedClient) -> None:
    attempt = begin(officer, desk)
    at = f"/assessment/attempts/{attempt.id}/1"
    officer.delete_cookie("rollcall")
    sent = officer.post(at, data={"option": "a"}, headers={"Referer": f"http://localhost{at}"})
    assert sent.location == f"/auth/sign-in?next={at}"
    assert "You are signed out" in officer.get(sent.location).get_data(as_text=True)
    assert count(Answer) == 0
