"""Fixtures that every test may use.

``app`` runs on SQLite and, where ``LMS_TEST_POSTGRES`` names a server, on PostgreSQL too: a test that takes it runs
once on each. Browser and PostgreSQL tests that cannot run say so loudly; with ``LMS_TEST_NO_SKIP=1`` that is a failure.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings

from lms import create_app
from lms.db import db
from lms.roster.models import Person
from tests.support import databases
from tests.support.authority import Authority, serve
from tests.support.browser import chromium
from tests.support.checked_client import CheckedClient
from tests.support.templates import CompiledOnce

# A busy machine is not a fault of the code: speed is measured in bench/, never by a test.
settings.register_profile("rollcall", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("rollcall")

# One for the whole run: see tests/support/templates.py.
Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": CompiledOnce()}

NO_SKIP = os.environ.get("LMS_TEST_NO_SKIP") == "1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what takes a database, a browser or another process, so that ``make check`` can leave it out."""
    for item in items:
        if {"app", "database_url", "sqlite_template", "browser", "prepared"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.database)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Says loudly what was left out."""
    loud = [str(r.longrepr) for r in terminalreporter.stats.get("skipped", []) if "SKIPPED LOUDLY" in str(r.longrepr)]
    if loud:
        terminalreporter.section("NOT TESTED IN THIS RUN", sep="!", red=True, bold=True)
        for reason in sorted({text.rsplit("SKIPPED LOUDLY", 1)[-1].strip(" :'\")") for text in loud}):
            terminalreporter.line(f"  {reason}")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI, a test that was skipped for want of a browser or a database is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if NO_SKIP and exitstatus == 0 and reporter is not None:
        skipped = [r for r in reporter.stats.get("skipped", []) if "SKIPPED LOUDLY" in str(r.longrepr)]
        if skipped:
            session.exitstatus = 1


@pytest.fixture(autouse=True)
def closed_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets a test reach this machine only, so that no letter and no request ever leaves it."""
    real = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"A test tried to reach {address}.")
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Headless Chromium, one for all browser tests."""
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    return databases.make_sqlite_template(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A migrated PostgreSQL database, emptied before each test."""
    if not databases.SERVER:
        pytest.skip("SKIPPED LOUDLY: set LMS_TEST_POSTGRES to test on PostgreSQL too")
    with databases.postgres_template(tmp_path_factory.mktemp("postgres")) as name:
        yield name


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of an empty, migrated database, on each kind in turn."""
    if request.param == "sqlite":
        yield databases.copy_sqlite(request.getfixturevalue("sqlite_template"), tmp_path)
    else:
        yield databases.empty_postgres(request.getfixturevalue("postgres_template"))


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The whole app on an empty, migrated database."""
    made = create_app(databases.test_settings(tmp_path / "instance", database_url))
    made.test_client_class = CheckedClient
    with made.app_context():
        from lms.ledger.actions import open_log

        open_log("rollcall.test/log")
        db.session.commit()
        yield made
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def authority_folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two time-stamping authorities with roots of their own, made once."""
    from tests.support.authority import make_authority

    folder = tmp_path_factory.mktemp("authorities")
    return make_authority(folder / "first"), make_authority(folder / "second")


@pytest.fixture
def authority(authority_folders: tuple[Path, Path]) -> Iterator[Authority]:
    """A time-stamping authority that answers on this machine."""
    with serve(authority_folders[0]) as running:
        yield running


@pytest.fixture
def second_authority(authority_folders: tuple[Path, Path]) -> Iterator[Authority]:
    """Another one, with another root."""
    with serve(authority_folders[1]) as running:
        yield running


@pytest.fixture
def session(app: Flask) -> Any:
    """The database session of the test's own app context."""
    return db.session


@pytest.fixture
def client(app: Flask) -> CheckedClient:
    """A checked client, not signed in."""
    return app.test_client()  # type: ignore[return-value]


@pytest.fixture
def sign_in(app: Flask) -> Callable[..., CheckedClient]:
    """Gives a checked client that is signed in as a person, who first gets the roles named."""
    from tests.factories.people import signed_in_client

    def enter(person: Person, *roles: str) -> CheckedClient:
        return signed_in_client(app, person, *roles)

    return enter
