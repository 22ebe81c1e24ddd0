"""A row that no longer says what the ledger recorded is named."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from lms import clock
from lms.catalog.queries import current_content
from lms.db import db
from lms.training import actions, evidence
from lms.training.rules import LESSON
from tests.factories.people import make_person
from tests.factories.training import make_assignment, published_course


@pytest.fixture
def recorded(app: Flask) -> None:
    """One row of each kind that is recorded."""
    published_course()
    person, sergeant = make_person(), make_person()
    first, second = make_assignment(person), make_assignment(person, cycle="other", slug="other")
    gone = make_person()
    make_assignment(gone)
    version_id = current_content(first.course_id).course_version_id
    actions.complete_step(first, "2", LESSON, version_id)
    actions.extend_assignment(first, first.due_on + timedelta(days=10), "Court.", sergeant)
    actions.extend_assignment(first, first.due_on + timedelta(days=5), "More court.", sergeant)
    actions.waive_assignment(second, "Retires.", sergeant)
    actions.close_separated(gone.id, clock.now())
    db.session.commit()


def faults() -> list[str]:
    return [str(fault) for fault in evidence.check_rows()]


def test_untouched_rows_have_no_fault(recorded: None) -> None:
    assert faults() == []


def test_a_changed_name_is_no_fault(recorded: None) -> None:
    db.session.execute(text("UPDATE person SET family_name = 'Married'"))
    assert faults() == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("UPDATE extension SET reason = 'None.' WHERE id = 1", "extension 1: reason"),
        ("UPDATE extension SET until_on = '2031-01-01' WHERE id = 2", "extension 2: until_on"),
        ("UPDATE extension SET granted_by_id = NULL WHERE id = 1", "extension 1: granted_by_id"),
        ("UPDATE waiver SET reason = 'None.'", "waiver 1: reason"),
        ("UPDATE step_progress SET module_ref = '3'", "lesson of module 3: module"),
        ("UPDATE requirement_version SET title = 'Other' WHERE id = 1", "version 1: title"),
        ("UPDATE step_progress SET record_id = NULL", "lesson of module 2: done_at"),
        ("UPDATE assignment SET due_on = original_due_on WHERE id = 1", "assignment 1: due_on"),
        ("DELETE FROM waiver", "assignment 2: outcome"),
        ("UPDATE assignment SET closed_at = made_at WHERE id = 2", "assignment 2: closed_at"),
        ("UPDATE assignment SET outcome = 'satisfied' WHERE id = 2", "assignment 2: outcome"),
        ("UPDATE assignment SET closed_at = made_at WHERE id = 3", "assignment 3: closed_at"),
        ("UPDATE assignment SET closed_at = NULL, outcome = NULL WHERE id = 3", "assignment 3: outcome"),
        ("UPDATE assignment SET closed_at = made_at, outcome = 'separated' WHERE id = 1", "assignment 1: outcome"),
        ("UPDATE requirement SET active = (1 = 0) WHERE id = 1", "version 1: active"),
        ("DELETE FROM waiver", "training.assignment_waived: the row that this record tells of is gone"),
        ("DELETE FROM step_progress", "training.lesson_completed: the row that this record tells of is gone"),
    ],
)
def test_a_changed_row_is_named(recorded: None, change: str, named: str) -> None:
    ids = {}
    for table in ("extension", "waiver", "requirement_version", "assignment"):
        ids[table] = db.session.execute(text(f"SELECT min(id) FROM {table}")).scalar_one()
    assert set(ids.values()) == {1}
    db.session.execute(text(change))
    found = faults()
    assert any(named in fault for fault in found), found


def test_a_row_copied_past_a_missing_constraint_is_named(recorded: None) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite cannot drop a constraint; its rows are compared the same way")
    db.session.execute(text("ALTER TABLE extension DROP CONSTRAINT uq_extension_record_id"))
    columns = "assignment_id, kind, from_on, until_on, reason, granted_by_id, granted_at, record_id"
    db.session.execute(text(f"INSERT INTO extension ({columns}) SELECT {columns} FROM extension WHERE id = 2"))
    found = faults()
    db.session.rollback()
    assert any("extension: 2 rows name this record" in fault for fault in found), found


def test_a_cell_that_cannot_be_read_is_named_with_its_row(recorded: None) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL keeps the type of every cell")
    db.session.execute(text("UPDATE extension SET granted_at = 'yesterday' WHERE id = 1"))
    db.session.expire_all()
    assert any("extension 1: A column holds what it cannot" in fault for fault in faults())


def test_a_lesson_on_an_altered_course_is_counted(recorded: None) -> None:
    db.session.execute(text("UPDATE course_version SET sha256 = 'f' || substr(sha256, 2)"))
    db.session.execute(text("UPDATE step_progress SET opened_at = made_at FROM assignment"))
    found = faults()
    assert any("could not be compared with its text: 1 lesson" in fault for fault in found), found
    assert any("lesson of module 2: opened_at" in fault for fault in found), found
