"""Answers are saved one by one; the last one grades, records and tells training."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from lms.assessment import actions, queries
from lms.assessment.models import Answer, Attempt
from lms.catalog.actions import publish_course
from lms.db import db
from lms.errors import Conflict, Invalid, NotFound
from lms.ledger.queries import list_entries, read_disclosures
from lms.training.actions import waive_assignment
from lms.training.queries import list_steps
from tests.assessment.conftest import CAPSTONE_MODULE, MODULE, Desk
from tests.assessment.test_scenario_actions import republished
from tests.factories.people import make_person

KIND = "assessment.attempt_finished"


def count(table: type[Attempt] | type[Answer]) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_questions_before_their_turn_are_refused(desk: Desk) -> None:
    desk.open_module()
    with pytest.raises(Conflict, match="The clip"):
        actions.start_attempt(desk.assignment, MODULE, "module")


@pytest.mark.parametrize(
    ("module", "kind"), [("99", "module"), (MODULE, "capstone"), (MODULE, "remediation"), ("8", "module"), ("8", "x")]
)
def test_a_kind_that_the_module_does_not_have_is_not_found(desk: Desk, module: str, kind: str) -> None:
    with pytest.raises(NotFound):
        actions.start_attempt(desk.assignment, module, kind)


def test_starting_again_gives_back_the_unfinished_sitting(desk: Desk) -> None:
    desk.open_questions()
    attempt = desk.start()
    assert desk.start().id == attempt.id
    assert (count(Attempt), attempt.number, attempt.total) == (1, 1, 4)
    asked = {desk.content.item(shown["item"]).clause for shown in attempt.presented}
    assert "IV.B.1.c" in asked


def test_an_answer_is_saved_once_and_stays(desk: Desk) -> None:
    desk.open_questions()
    attempt = desk.start()
    first = actions.answer(attempt, 1, "a")
    assert actions.answer(attempt, 1, "b") == first
    assert (count(Answer), first.option_ref) == (1, "a")


def test_answers_come_in_the_order_of_the_questions(desk: Desk) -> None:
    desk.open_questions()
    attempt = desk.start()
    for position in (2, 5, 0, -1):
        with pytest.raises(Conflict):
            actions.answer(attempt, position, "a")
    with pytest.raises(Invalid) as refused:
        actions.answer(attempt, 1, "z")
    assert refused.value.field == "option"
    assert count(Answer) == 0


def test_the_last_answer_finishes_grades_and_completes_the_step(desk: Desk) -> None:
    desk.open_questions()
    attempt = desk.sit()
    assert (attempt.correct, attempt.passed, attempt.missed) == (4, True, [])
    step = list_steps(desk.assignment.id)[MODULE, "questions"]
    assert step.record_id == attempt.record_id
    assert step.done_at is not None


def test_a_failed_module_stays_open_for_as_many_sittings_as_it_takes(desk: Desk) -> None:
    desk.open_questions()
    for number in range(1, 4):
        attempt = desk.sit(missing=("IV.B.1.c",))
        assert (attempt.number, attempt.passed, attempt.missed) == (number, False, ["IV.B.1.c"])
    assert list_steps(desk.assignment.id)[MODULE, "questions"].done_at is None
    assert desk.sit().passed
    assert desk.sit().number == 5


def test_the_record_holds_every_question_as_shown_and_every_answer(desk: Desk) -> None:
    desk.open_questions()
    attempt = desk.sit(missing=("I",))
    disclosed = read_disclosures(str(attempt.record_id))
    answers = queries.list_answers(attempt.id)
    assert disclosed["subject"] == desk.person.subject
    assert disclosed["course_sha256"] == desk.content.sha256
    for shown, given, recorded in zip(attempt.presented, answers, disclosed["items"], strict=True):
        item = desk.content.item(shown["item"])
        assert recorded["item"] == item.ref
        assert recorded["sha256"] == item.sha256
        assert recorded["stem"] == item.stem
        assert recorded["options"] == [{"ref": ref, "text": item.option(ref).text} for ref in shown["options"]]
        assert (recorded["chosen"], recorded["key"]) == (given.option_ref, item.key)
        assert recorded["correct"] is given.correct
    assert disclosed["correct"] == attempt.correct
    assert disclosed["missed"] == attempt.missed
    assert disclosed["passed"] is attempt.passed


def test_a_sitting_keeps_its_version_and_the_next_takes_the_current_one(desk: Desk, tmp_path: object) -> None:
    desk.open_questions()
    attempt = desk.start()
    new = publish_course(republished(tmp_path)).course_version
    db.session.commit()
    assert desk.sit().id == attempt.id
    assert attempt.course_version_id == desk.content.course_version_id
    assert desk.start().course_version_id == new.id


def test_a_closed_training_records_no_further_answer(desk: Desk) -> None:
    desk.open_questions()
    attempt = desk.start()
    actions.answer(attempt, 1, "a")
    waive_assignment(desk.assignment, "Long-term detail", make_person())
    with pytest.raises(Conflict, match="closed"):
        actions.answer(attempt, 2, "a")
    with pytest.raises(Conflict):
        actions.start_attempt(desk.assignment, "3", "module")
    assert actions.answer(attempt, 1, "b").option_ref == "a"


def test_a_passed_capstone_tells_training_and_is_over(capstone_desk: Desk) -> None:
    attempt = capstone_desk.sit(CAPSTONE_MODULE, "capstone")
    assignment = capstone_desk.assignment
    assert attempt.passed
    assert assignment.capstone_passed_at is not None
    assert assignment.capstone_record_id == attempt.record_id
    assert assignment.capstone_summary == {
        "score": 5,
        "total": 5,
        "percent": 100,
        "form": attempt.form_ref,
        "attempt": 1,
        "course_version_id": attempt.course_version_id,
    }
    with pytest.raises(Conflict, match="passed"):
        capstone_desk.start(CAPSTONE_MODULE, "capstone")
    assert len(list_entries(kind=KIND)) == 1


def test_one_missed_critical_clause_fails_the_capstone_at_eighty_percent(capstone_desk: Desk) -> None:
    attempt = capstone_desk.sit(CAPSTONE_MODULE, "capstone", missing=("IV.B.1.c",))
    assert attempt.missed == ["IV.B.1.c"]
    assert attempt.passed is False


def test_results_of_a_person_come_newest_first_without_practice(capstone_desk: Desk) -> None:
    capstone_desk.fail_capstone()
    last = capstone_desk.sit(CAPSTONE_MODULE, "capstone")
    results = queries.list_results(capstone_desk.person.id)
    assert [attempt.number for attempt in results] == [2, 1]
    assert results[0].id == last.id
    assert results[0].assignment.id == capstone_desk.assignment.id
