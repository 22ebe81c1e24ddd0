"""A small app with the ledger alone, on SQLite and, where LMS_TEST_POSTGRES names a server, on PostgreSQL too."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy.engine import make_url

from lms.db import Base, db
from lms.ledger.actions import open_log
from lms.ledger.place import Place, bind
from lms.ledger.triggers import append_only_ddl

ORIGIN = "police.example/log"
SERVER = os.environ.get("LMS_TEST_POSTGRES", "")


@contextmanager
def postgres_database() -> Iterator[str]:
    """A database of its own, dropped afterwards."""
    if not SERVER:
        pytest.skip("SKIPPED LOUDLY: set LMS_TEST_POSTGRES to test the ledger on PostgreSQL too")
    name = f"ledger_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    try:
        url = make_url(SERVER).set(drivername="postgresql+psycopg", database=name)
        yield url.render_as_string(hide_password=False)
    finally:
        with psycopg.connect(SERVER, autocommit=True) as server:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of an empty database, on each kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    else:
        with postgres_database() as url:
            yield url


def make_app(database_url: str, folder: Path, origin: str = ORIGIN) -> Flask:
    """An app that has nothing but a database and a ledger."""
    app = Flask("ledger-alone")
    app.config["SQLALCHEMY_DATABASE_URI"] = database_url
    db.init_app(app)
    bind(app, Place(origin, folder))
    return app


def make_tables() -> None:
    """Creates the ledger's tables and triggers in the current app's database."""
    tables = [table for name, table in Base.metadata.tables.items() if name.startswith("ledger_")]
    Base.metadata.create_all(db.engine, tables=tables)
    with db.engine.begin() as connection:
        for statement in append_only_ddl(db.engine.dialect.name):
            connection.exec_driver_sql(statement)


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The small app with its log open, inside its context."""
    made = make_app(database_url, tmp_path / "ledger")
    with made.app_context():
        make_tables()
        open_log()
        db.session.commit()
        yield made
        db.session.remove()
        db.engine.dispose()
