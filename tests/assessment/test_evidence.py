"""A changed byte in a row is named, record and column."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from lms.assessment import actions, queries
from lms.assessment.evidence import check_rows
from lms.db import db
from tests.assessment.conftest import CAPSTONE_MODULE, Desk
from tests.factories.people import make_person
from tests.factories.training import make_ready_to_sign, published_course


@pytest.fixture
def history(capstone_desk: Desk) -> Desk:
    """Two failed capstones, their practice, and a conversation."""
    for _ in range(2):
        capstone_desk.fail_capstone()
    actions.unlock_attempt(capstone_desk.assignment, "We talked.", make_person())
    capstone_desk.start(CAPSTONE_MODULE, "capstone")
    db.session.commit()
    return capstone_desk


def places() -> list[str]:
    db.session.expire_all()
    faults = list(check_rows())
    assert all(fault.record_id and fault.what for fault in faults)
    return [fault.where for fault in faults]


def tamper(statement: str, **values: Any) -> None:
    changed = db.session.execute(text(statement), values)
    assert changed.rowcount == 1  # type: ignore[attr-defined]
    db.session.commit()


def first_id(table: str) -> int:
    return int(db.session.execute(text(f"SELECT min(id) FROM {table}")).scalar_one())


def test_an_untouched_history_has_no_faults(history: Desk) -> None:
    assert places() == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("correct", 5),
        ("passed", True),
        ("missed", "[]"),
        ("total", 6),
        ("number", 9),
        ("form_ref", "form-9"),
        ("kind", "module"),
        ("module_ref", "2"),
        ("started_at", "2020-01-01 00:00:00.000000"),
        ("finished_at", "2020-01-01 00:00:00.000000"),
    ],
)
def test_a_changed_attempt_is_named_with_its_column(history: Desk, column: str, value: object) -> None:
    attempt_id = first_id("attempt")
    tamper(f"UPDATE attempt SET {column} = :value WHERE id = :id", value=value, id=attempt_id)
    assert f"attempt {attempt_id}: {column}" in places()


@pytest.mark.parametrize("change", ["swap", "sha256", "item", "shorter"])
def test_a_changed_presentation_is_named(history: Desk, change: str) -> None:
    attempt = queries.attempts_of(history.assignment.id)[0]
    presented = json.loads(json.dumps(attempt.presented))
    if change == "swap":
        presented[0]["options"].reverse()
    elif change == "shorter":
        presented.pop()
    else:
        presented[0][change] = presented[1][change]
    tamper("UPDATE attempt SET presented = :value WHERE id = :id", value=json.dumps(presented), id=attempt.id)
    assert f"attempt {attempt.id}: presented" in places()


@pytest.mark.parametrize(
    ("column", "value"),
    [("option_ref", "z"), ("item_ref", "other"), ("answered_at", "2020-01-01 00:00:00.000000")],
)
def test_a_changed_answer_is_named(history: Desk, column: str, value: str) -> None:
    answer_id = first_id("answer")
    row = db.session.execute(text("SELECT attempt_id, position FROM answer WHERE id = :id"), {"id": answer_id}).one()
    tamper(f"UPDATE answer SET {column} = :value WHERE id = :id", value=value, id=answer_id)
    assert places() == [f"attempt {row.attempt_id}, answer {row.position}: {column}"]


def test_an_answer_turned_right_is_named(history: Desk) -> None:
    row = db.session.execute(text("SELECT id, attempt_id, position FROM answer WHERE NOT correct ORDER BY id")).first()
    assert row is not None
    tamper("UPDATE answer SET correct = :value WHERE id = :id", value=True, id=row.id)
    assert places() == [f"attempt {row.attempt_id}, answer {row.position}: correct"]


def test_a_deleted_and_an_added_answer_are_named(history: Desk) -> None:
    attempt_id = first_id("attempt")
    tamper("DELETE FROM answer WHERE attempt_id = :id AND position = 2", id=attempt_id)
    assert f"attempt {attempt_id}, answer 2: option_ref" in places()
    tamper("UPDATE answer SET position = 9 WHERE attempt_id = :id AND position = 3", id=attempt_id)
    assert f"attempt {attempt_id}, answer 9" in places()


@pytest.mark.parametrize(
    ("column", "value", "where"),
    [
        ("choice_ref", "ask-first", "choice_ref"),
        ("choice_ref", "nothing", "choice_ref"),
        ("scene_ref", "answer", "scene_ref"),
        ("clause", "I", "clause"),
        ("rating", 3, "rating"),
        ("position", 7, "position"),
        ("chosen_at", "2020-01-01 00:00:00.000000", "chosen_at"),
    ],
)
def test_a_changed_choice_is_named(history: Desk, column: str, value: object, where: str) -> None:
    choice_id = first_id("scenario_choice")
    tamper(f"UPDATE scenario_choice SET {column} = :value WHERE id = :id", value=value, id=choice_id)
    assert places() == [f"scenario choice {choice_id}: {where}"]


@pytest.mark.parametrize(("column", "value"), [("note", "Nothing."), ("unlocked_at", "2020-01-01 00:00:00.000000")])
def test_a_changed_conversation_is_named(history: Desk, column: str, value: str) -> None:
    unlock_id = first_id("attempt_unlock")
    tamper(f"UPDATE attempt_unlock SET {column} = :value WHERE id = :id", value=value, id=unlock_id)
    assert places() == [f"unlocked attempt {unlock_id}: {column}"]


def test_an_attempt_given_to_somebody_else_is_named(history: Desk) -> None:
    attempt_id = first_id("attempt")
    tamper("UPDATE attempt SET person_id = :other WHERE id = :id", other=make_person().id, id=attempt_id)
    assert places() == [f"attempt {attempt_id}: person_id"]


def test_a_record_without_its_row_and_a_row_with_a_foreign_record_are_named(history: Desk) -> None:
    choice = db.session.execute(text("SELECT id, record_id FROM scenario_choice ORDER BY id")).first()
    attempt_id = first_id("attempt")
    assert choice is not None
    tamper("DELETE FROM scenario_choice WHERE id = :id", id=choice.id)
    tamper("UPDATE attempt SET record_id = :record WHERE id = :id", record=choice.record_id, id=attempt_id)
    assert places() == ["scenario choice", "attempt", f"attempt {attempt_id}: record_id"]


ALTERED = "UPDATE content_part SET body = body || ' ' WHERE kind = 'item' AND ref = :ref"


def test_one_altered_part_is_named_once_and_what_rests_on_it_is_counted(history: Desk) -> None:
    ref = db.session.execute(text("SELECT ref FROM content_part WHERE kind = 'item' ORDER BY position")).scalar()
    tamper(ALTERED, ref=ref)
    db.session.expire_all()
    [fault] = list(check_rows())
    choices, attempts = (
        db.session.execute(text(f"SELECT count(*) FROM {table} WHERE record_id IS NOT NULL")).scalar_one()
        for table in ("scenario_choice", "attempt")
    )
    assert attempts > 1
    assert fault.where == "course sop-110, version 1"
    assert fault.what.endswith(f"{attempts} attempts, {choices} scenario choice{'' if choices == 1 else 's'}")


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ("UPDATE attempt SET correct = 5 WHERE id = :attempt", "attempt {attempt}: correct"),
        ("UPDATE answer SET option_ref = 'z' WHERE id = :answer", "attempt {attempt}, answer 1: option_ref"),
        ("UPDATE scenario_choice SET rating = 3 WHERE id = :choice", "scenario choice {choice}: rating"),
    ],
)
def test_an_altered_part_hides_no_change_of_a_row_that_rests_on_it(history: Desk, change: str, where: str) -> None:
    ref = db.session.execute(text("SELECT ref FROM content_part WHERE kind = 'item' ORDER BY position")).scalar()
    tamper(ALTERED, ref=ref)
    ids = {"attempt": first_id("attempt"), "answer": first_id("answer"), "choice": first_id("scenario_choice")}
    attempt_of_answer = db.session.execute(
        text("SELECT attempt_id FROM answer WHERE id = :id"), {"id": ids["answer"]}
    ).scalar_one()
    named = where.format(**{**ids, "attempt": attempt_of_answer if ":answer" in change else ids["attempt"]})
    tamper(change, **{name: value for name, value in ids.items() if f":{name}" in change})
    db.session.expire_all()
    assert named in [fault.where for fault in check_rows()]


@pytest.fixture
def passed(app: Flask) -> int:
    """The id of a full path with everything done but the signature."""
    published_course()
    return make_ready_to_sign(make_person()).id


EARLIER = "'2020-01-01 00:00:00.000000'"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (f"UPDATE scenario_run SET finished_at = {EARLIER}", "scenario run {run}: finished_at"),
        ("UPDATE scenario_run SET finished_at = NULL", "scenario run {run}: finished_at"),
        (f"UPDATE step_progress SET done_at = {EARLIER} WHERE step LIKE 'scenario:%'", ": done_at"),
        ("UPDATE step_progress SET done_at = NULL WHERE step LIKE 'scenario:%'", ": done_at"),
        ("DELETE FROM step_progress WHERE step LIKE 'scenario:%'", ": done_at"),
        ("UPDATE step_progress SET record_id = NULL WHERE step LIKE 'scenario:%'", ": record_id"),
        (f"UPDATE step_progress SET done_at = {EARLIER} WHERE step = 'questions' AND done_at IS NOT NULL", ": done_at"),
        ("UPDATE step_progress SET done_at = NULL WHERE step = 'questions'", ": done_at"),
        ("UPDATE step_progress SET record_id = NULL WHERE step = 'questions' AND done_at IS NOT NULL", ": record_id"),
        (f"UPDATE assignment SET capstone_passed_at = {EARLIER}", "assignment {assignment}: capstone_passed_at"),
        ("UPDATE assignment SET capstone_passed_at = NULL", "assignment {assignment}: capstone_passed_at"),
        (
            "UPDATE assignment SET capstone_summary = replace(CAST(capstone_summary AS text), '\"score\"', '\"sc\"')",
            "assignment {assignment}: capstone_summary",
        ),
        (
            "UPDATE assignment SET capstone_record_id = (SELECT min(record_id) FROM ledger_entry)",
            "assignment {assignment}: capstone_record_id",
        ),
    ],
)
def test_what_follows_from_choices_and_attempts_is_held_against_them(passed: int, change: str, named: str) -> None:
    assert places() == []
    if db.engine.dialect.name == "postgresql":
        change = change.replace("'\"sc\"')", "'\"sc\"')::json")
    assert db.session.execute(text(change)).rowcount  # type: ignore[attr-defined]
    db.session.commit()
    db.session.expire_all()
    expected = named.format(run=first_id("scenario_run"), assignment=passed)
    found = [fault.where for fault in check_rows()]
    assert any(expected in where for where in found), found


def test_a_capstone_that_nobody_passed_is_named(history: Desk) -> None:
    record = db.session.execute(text("SELECT record_id FROM attempt ORDER BY id")).scalar()
    tamper("UPDATE assignment SET capstone_passed_at = made_at, capstone_record_id = :record", record=record)
    db.session.expire_all()
    assert {fault.what for fault in check_rows()} == {"is set, but no attempt was passed"}
