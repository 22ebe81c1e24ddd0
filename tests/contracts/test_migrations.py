"""The migrations make exactly what the models say, also over rows that are already there, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import text

from lms import create_app, resources
from lms.db import Base, db
from lms.roster.models import Person
from tests.factories.people import make_person
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
