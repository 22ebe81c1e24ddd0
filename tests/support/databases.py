"""Databases for tests: one migrated template for each kind, copied for each test that asks."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from sqlalchemy.engine import make_url

from config import Settings, normal_database_url
from lms import create_app

SERVER = os.environ.get("LMS_TEST_POSTGRES", "")


def test_settings(instance: Path, database_url: str) -> Settings:
    """Settings for tests: cheap password hashing, folders of its own, no network."""
    return Settings(
        instance=instance,
        database_url=database_url,
        secret_key="test-secret-not-for-use",
        department="Portland Police Department",
        ledger_origin="rollcall.test/log",
        public_url="http://localhost",
        password_time_cost=1,
        password_memory_kib=8,
        testing=True,
    )


def migrate(settings: Settings) -> None:
    """Runs all migrations on an empty database."""
    from flask_migrate import upgrade

    app = create_app(settings)
    with app.app_context():
        upgrade()
        from lms.db import db

        db.engine.dispose()


def make_sqlite_template(folder: Path) -> Path:
    """A migrated, empty SQLite file."""
    path = folder / "template.sqlite"
    migrate(test_settings(folder / "template", f"sqlite:///{path}"))
    return path


def copy_sqlite(template: Path, folder: Path) -> str:
    """Address of a copy of the template."""
    path = folder / "rollcall.sqlite"
    shutil.copyfile(template, path)
    return f"sqlite:///{path}"


def _admin() -> psycopg.Connection[tuple[object, ...]]:
    url = make_url(normal_database_url(SERVER)).set(drivername="postgresql")
    return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)


def _url(name: str) -> str:
    return make_url(normal_database_url(SERVER)).set(database=name).render_as_string(hide_password=False)


@contextmanager
def postgres_template(folder: Path) -> Iterator[str]:
    """Name of a migrated, empty PostgreSQL database; dropped at the end."""
    name = f"rollcall_template_{uuid4().hex[:12]}"
    with _admin() as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    try:
        migrate(test_settings(folder / "template-postgres", _url(name)))
        yield name
    finally:
        with _admin() as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def postgres_copy(template: str | None) -> Iterator[str]:
    """Address of a copy of a template database, or of an empty one; dropped at the end."""
    name = f"rollcall_test_{uuid4().hex[:12]}"
    with _admin() as admin:
        admin.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
    try:
        yield _url(name)
    finally:
        with _admin() as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def empty_postgres(name: str) -> str:
    """Address of a migrated database after every row is removed: much quicker than a copy of its own for each test.

    The append-only triggers are passed over for this, as only a superuser can.
    """
    from lms.db import Base

    url = make_url(_url(name)).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
            (name,),
        )
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute("SET LOCAL synchronous_commit = off")
        # DELETE, not TRUNCATE: a handful of rows goes in a millisecond, a new file for each table does not.
        for table in Base.metadata.sorted_tables:
            connection.execute(f'DELETE FROM "{table.name}"')  # type: ignore[arg-type]
        connection.execute(
            "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false) "
            "FROM pg_sequences WHERE last_value IS NOT NULL"
        )
    return _url(name)
