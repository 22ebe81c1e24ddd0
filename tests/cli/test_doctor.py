"""``lms doctor`` names what does not work."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def lines(output: str) -> dict[str, str]:
    return {line[7:18].strip(): line for line in output.splitlines() if line.startswith(("ok", "FAULT"))}


def test_all_is_well_once_a_job_has_run(run: Run) -> None:
    before = run("doctor")
    assert before.exit_code == 1
    assert lines(before.output)["worker"].startswith("FAULT")
    assert "lms worker" in lines(before.output)["worker"]
    run("jobs", "run", "seal-ledger")
    result = run("doctor")
    assert result.exit_code == 0, result.output
    assert result.output.endswith("All is well.\n")
    assert list(lines(result.output)) == [
        "settings", "folder", "disk", "database", "ledger key", "checkpoint", "anchors", "worker", "mail", "content",
    ]  # fmt: skip


def test_open_secret_is_a_fault(run: Run, instance: Path) -> None:
    (instance / "secret.key").chmod(0o644)
    assert f"chmod 600 {instance / 'secret.key'}" in lines(run("doctor").output)["folder"]


def test_missing_signing_key_is_a_fault(run: Run, instance: Path) -> None:
    for key in (instance / "ledger").glob("key-*.pem"):
        key.unlink()
    assert lines(run("doctor").output)["ledger key"].startswith("FAULT")


def test_database_behind_the_migrations_is_a_fault(run: Run, instance: Path) -> None:
    with sqlite3.connect(instance / "rollcall.sqlite") as database:
        database.execute("UPDATE alembic_version SET version_num = 'older'")
    result = run("doctor")
    assert "lms init" in lines(result.output)["database"]
    assert "content" not in lines(result.output)


def test_unreachable_database_is_a_line_and_no_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LMS_DATABASE_URL", "sqlite:////nowhere/at/all.sqlite")
    result = run("doctor")
    assert result.exit_code == 1
    assert lines(result.output)["database"].startswith("FAULT")


def test_silent_mail_server_is_a_fault(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LMS_SMTP_URL", "smtp://127.0.0.1:9")
    assert "does not answer" in lines(run("doctor").output)["mail"]
