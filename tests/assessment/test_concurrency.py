"""Two tabs, two devices, a double click: nothing is doubled and nothing is lost. Real threads, real databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask
from sqlalchemy import func, select

from lms.assessment import actions, queries
from lms.assessment.models import Answer, Attempt, AttemptUnlock, ScenarioChoice, ScenarioRun
from lms.db import db
from lms.errors import RollcallError
from lms.ledger.queries import list_entries
from lms.roster.queries import get_person
from lms.training.models import Assignment
from tests.assessment.conftest import CAPSTONE_MODULE, MODULE, SCENARIO, Desk
from tests.factories.people import make_person

THREADS = 4


def together(app: Flask, work: Callable[[int], object]) -> list[object]:
    """Runs ``work(n)`` in several threads at once, each in a transaction of its own; gives back what each returned."""
    barrier = Barrier(THREADS)

    def run(number: int) -> object:
        with app.app_context():
            barrier.wait()
            try:
                outcome = work(number)
                db.session.commit()
                return outcome
            except RollcallError as refusal:
                db.session.rollback()
                return refusal
            finally:
                db.session.remove()

    db.session.commit()
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_the_last_answer_sent_many_times_finishes_once(app: Flask, capstone_desk: Desk) -> None:
    attempt = capstone_desk.start(CAPSTONE_MODULE, "capstone")
    for position in range(1, attempt.total):
        actions.answer(attempt, position, capstone_desk.option_for(attempt, position))
    attempt_id, total = attempt.id, attempt.total
    options = ("a", "b", "c")

    def send(number: int) -> object:
        found = db.session.get_one(Attempt, attempt_id)
        return actions.answer(found, total, options[number % 3]).option_ref

    sent = together(app, send)
    assert len(set(sent)) == 1
    assert count(Answer) == total
    assert len(list_entries(kind="assessment.attempt_finished")) == 1
    db.session.expire_all()
    assert db.session.get_one(Attempt, attempt_id).record_id is not None


def test_one_answer_sent_many_times_is_saved_once(app: Flask, desk: Desk) -> None:
    desk.open_questions()
    attempt_id = desk.start().id
    sent = together(app, lambda n: actions.answer(db.session.get_one(Attempt, attempt_id), 1, "abca"[n]).option_ref)
    assert len(set(sent)) == 1
    assert count(Answer) == 1


def test_starting_at_once_begins_one_sitting(app: Flask, capstone_desk: Desk) -> None:
    assignment_id = capstone_desk.assignment.id

    def start(_number: int) -> object:
        return actions.start_attempt(db.session.get_one(Assignment, assignment_id), CAPSTONE_MODULE, "capstone").id

    assert len(set(together(app, start))) == 1
    assert count(Attempt) == 1


def test_different_choices_at_once_record_one(app: Flask, desk: Desk) -> None:
    desk.open_module()
    assignment_id = desk.assignment.id
    refs = ("post-it", "ask-first", "post-later", "post-it")

    def choose(number: int) -> object:
        run = actions.start_scenario(db.session.get_one(Assignment, assignment_id), MODULE, SCENARIO)
        return actions.choose(run, position=1, scene_ref="phone", choice_ref=refs[number]).choice_ref

    assert len(set(together(app, choose))) == 1
    assert (count(ScenarioRun), count(ScenarioChoice)) == (1, 1)
    assert len(list_entries(kind="assessment.scenario_choice_made")) == 1


def test_a_conversation_recorded_at_once_opens_one_attempt(app: Flask, capstone_desk: Desk) -> None:
    for _ in range(2):
        capstone_desk.fail_capstone()
    assignment_id, sergeant_id = capstone_desk.assignment.id, make_person().id

    def unlock(_number: int) -> object:
        found = db.session.get_one(Assignment, assignment_id)
        return actions.unlock_attempt(found, "Talked.", get_person(sergeant_id)).id

    done = together(app, unlock)
    assert sum(isinstance(outcome, RollcallError) for outcome in done) == THREADS - 1
    assert count(AttemptUnlock) == 1
    assert queries.count_unlocks(assignment_id) == 1


def test_many_officers_at_once_lose_nothing(app: Flask, desk_on: Callable[[str], Desk]) -> None:
    desks = [desk_on("test_out") for _ in range(THREADS)]
    for desk in desks:
        desk.open_capstone()
    ids = [desk.assignment.id for desk in desks]

    def sit(number: int) -> object:
        attempt = actions.start_attempt(db.session.get_one(Assignment, ids[number]), CAPSTONE_MODULE, "capstone")
        db.session.commit()
        for position in range(1, attempt.total + 1):
            actions.answer(attempt, position, desks[number].option_for(attempt, position))
            db.session.commit()
        return attempt.passed

    assert together(app, sit) == [True] * THREADS
    assert len(list_entries(kind="assessment.attempt_finished")) == THREADS
