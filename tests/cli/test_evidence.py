"""``lms ledger`` and ``lms content`` through the whole command."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Run

COURSE = Path("quizzes/sop-110")


def test_checkpoint_is_the_signed_note(run: Run) -> None:
    note = run("ledger", "checkpoint").output.splitlines()
    assert note[0] == "rollcall.local/log"
    assert note[-1].startswith("— rollcall.local/log ")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("UPDATE content_part SET body = replace(body, 'a', 'e') WHERE kind = 'item' AND position % 7 = 0", "item"),
        ("UPDATE clause SET text = text || '.' WHERE ref = 'IV.B.2.f'", "IV.B.2.f"),
        ("UPDATE requirement_version SET path = 'full' WHERE cadence = 'annual'", "path"),
    ],
)
def test_verify_names_a_changed_row(run: Run, instance: Path, change: str, named: str) -> None:
    with sqlite3.connect(instance / "rollcall.sqlite") as database:
        assert database.execute(change).rowcount
    result = run("ledger", "verify")
    assert result.exit_code == 1
    assert named in result.output
    assert "FAULT" in result.output


def test_unchanged_content_makes_no_version(run: Run) -> None:
    assert "Unchanged: sop-110, version 1" in run("content", "publish", str(COURSE)).output


def test_content_check_needs_no_instance(tmp_path: Path) -> None:
    from tests.cli.conftest import run_in

    result = run_in(tmp_path / "none")("content", "check", str(COURSE))
    assert result.exit_code == 0
    assert "No faults." in result.output
    assert not (tmp_path / "none").exists()


def test_content_with_faults_is_refused(run: Run, tmp_path: Path) -> None:
    broken = tmp_path / "course"
    shutil.copytree(COURSE, broken)
    policy = broken / "policy.md"
    policy.write_text(policy.read_text(encoding="utf-8").replace("IV.B.2.f", "IV.B.2.zz"), encoding="utf-8")
    result = run("content", "publish", str(broken))
    assert result.exit_code == 1
    assert "Traceback" not in result.output


def test_jobs_are_listed_and_run_by_hand(run: Run) -> None:
    assert "open-cycles" in run("jobs", "list").output
    assert run("jobs", "run", "open-cycles").output.startswith("1 made")
    assert run("jobs", "run", "nothing").exit_code == 2
