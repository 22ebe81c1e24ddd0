"""The migrations make exactly what the models say, also over rows that are already there, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from lms import create_app, resources
from lms.db import Base, db
from lms.roster.models import Person
from tests.factories.people import make_person
from tests.factories.training import make_assignment, make_ready_to_sign, published_course, sign
from tests.support import databases


def test_the_models_equal_the_head_of_the_migrations(app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_there_is_one_head() -> None:
    scripts = ScriptDirectory(str(resources.folder("migrations")))
    assert len(scripts.get_heads()) == 1


def test_upgrading_a_database_that_is_at_the_head_keeps_every_row(app: Flask) -> None:
    person_id = make_person().id
    before = _counts()
    db.session.remove()
    upgrade()
    assert _counts() == before
    assert db.session.get(Person, person_id) is not None


def _counts() -> dict[str, int]:
    return {
        table.name: db.session.execute(text(f'SELECT count(*) FROM "{table.name}"')).scalar_one()
        for table in Base.metadata.sorted_tables
    }


def test_foreign_keys_are_on_again_after_a_migration(tmp_path: Path) -> None:
    settings = databases.test_settings(tmp_path, f"sqlite:///{tmp_path / 'fresh.sqlite'}")
    fresh = create_app(settings)
    with fresh.app_context():
        upgrade()
        assert db.session.execute(text("PRAGMA foreign_keys")).scalar_one() == 1
        db.session.remove()
        db.engine.dispose()


def test_the_database_refuses_to_change_or_delete_a_ledger_entry(app: Flask) -> None:
    from lms.ledger.actions import append

    record = append(kind="test.thing_happened", fields={"what": "a test"}).record_id
    db.session.commit()
    for statement in (
        "UPDATE ledger_entry SET kind = 'x' WHERE record_id = :id",
        "DELETE FROM ledger_disclosure WHERE record_id = :id",
    ):
        with pytest.raises(Exception, match=r"only ever added"):
            db.session.execute(text(statement), {"id": record})
        db.session.rollback()


def test_a_completion_from_before_is_given_its_record_and_the_table_keeps_its_rules(app: Flask) -> None:
    from flask_migrate import downgrade

    published_course()
    officer = make_person()
    done = make_ready_to_sign(officer, slug="two-year")
    yearly = make_assignment(officer, path="test_out", slug="annual")
    record_id = sign(officer, done).record_id
    ids = (done.id, yearly.id)
    db.session.remove()
    downgrade(revision="0002")
    names = {column["name"] for column in inspect(db.engine).get_columns("assignment")}
    assert "closed_record_id" not in names
    before = _counts_of("assignment")
    db.session.remove()
    upgrade()
    assert _counts_of("assignment") == before
    kept = db.session.execute(text("SELECT id, closed_record_id FROM assignment")).all()
    assert {row.id: row.closed_record_id for row in kept} == {ids[0]: record_id, ids[1]: None}
    for broken in ("outcome = 'gone'", "outcome = NULL", "due_on = '2001-01-01'", "closed_record_id = 'nothing'"):
        with pytest.raises(IntegrityError):
            db.session.execute(text(f"UPDATE assignment SET {broken} WHERE id = {ids[0]}"))
        db.session.rollback()


def _counts_of(table: str) -> int:
    return db.session.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one()
