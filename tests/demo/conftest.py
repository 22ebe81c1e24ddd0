"""A small department, prepared once for all tests of this folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from lms import create_app
from lms.db import db
from lms.demo import prepare as prepare_module
from lms.demo.prepare import Prepared, prepare

NOW = datetime(2026, 3, 18, 15, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Thirteen people and one year, as of a day in March."""
    folder = tmp_path_factory.mktemp("small") / "demo"
    return prepare(folder, lambda _: None, people=13, years=1, now=NOW)


@pytest.fixture
def copied(small: Prepared, tmp_path: Path) -> Path:
    """A copy of the small department's folder, to be harmed."""
    shutil.copytree(small.settings.instance, tmp_path / "demo")
    return tmp_path / "demo"


@pytest.fixture
def demo_app(small: Prepared) -> Iterator[Flask]:
    """The small department's app."""
    app = create_app(small.settings)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def no_making(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails where a department would be made."""

    def made(*_: object) -> None:
        raise AssertionError("a department was made")

    monkeypatch.setattr(prepare_module, "_make_department", made)
