"""What tests of the command share: a runner on an instance folder of their own, made once and copied."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lms.cli import main

PASSWORD = "granite velvet lobster 19"
ADMIN = (
    "--admin-email", "ada.admin@portland.test", "--admin-name", "Ada Admin", "--admin-badge", "A1",
)  # fmt: skip
Run = Callable[..., Result]


def run_in(folder: Path) -> Run:
    """A runner whose commands work on ``folder``, whatever the environment says."""

    def run(*arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(main, ["--instance", str(folder), *arguments], input=stdin, catch_exceptions=False)

    return run


@pytest.fixture(autouse=True)
def cheap_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps the environment's settings out, and password hashing cheap."""
    for name in ("LMS_INSTANCE", "LMS_DATABASE_URL", "LMS_SECRET_KEY", "LMS_PUBLIC_URL", "LMS_SMTP_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LMS_PASSWORD_TIME_COST", "1")
    monkeypatch.setenv("LMS_PASSWORD_MEMORY_KIB", "8")


@pytest.fixture(scope="session")
def made_instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance that ``lms init`` made, with the course."""
    folder = tmp_path_factory.mktemp("made") / "instance"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LMS_PASSWORD_TIME_COST", "1")
        patch.setenv("LMS_PASSWORD_MEMORY_KIB", "8")
        patch.delenv("LMS_DATABASE_URL", raising=False)
        result = run_in(folder)("init", *ADMIN, "--password-stdin", stdin=f"{PASSWORD}\n")
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def instance(made_instance: Path, tmp_path: Path) -> Path:
    """A copy of a made instance."""
    shutil.copytree(made_instance, tmp_path / "instance")
    return tmp_path / "instance"


@pytest.fixture
def run(instance: Path) -> Run:
    """A runner on a made instance."""
    return run_in(instance)
