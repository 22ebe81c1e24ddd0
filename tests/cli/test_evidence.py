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


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE person SET created_at = 'long ago', family_name = 'Other'",
        "UPDATE password_credential SET set_at = 'never'",
        "UPDATE course_version SET published_at = 'never'",
        "UPDATE policy_version SET canonical = '{}'",
        "UPDATE content_part SET body = 'no JSON' WHERE kind = 'course'",
        "DELETE FROM policy_document",
        "DELETE FROM course",
        "DELETE FROM requirement",
        "UPDATE ledger_entry SET at = 'never' WHERE position = 3",
        "DELETE FROM ledger_log",
    ],
)
def test_verify_ends_in_named_faults_whatever_is_damaged(run: Run, instance: Path, change: str) -> None:
    with sqlite3.connect(instance / "rollcall.sqlite") as database:
        for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {trigger}")
        assert database.execute(change).rowcount
    result = run("ledger", "verify")
    assert result.exit_code == 1
    assert "FAULT: " in result.output
    assert "faults found." in result.output
    assert "Traceback" not in result.output
    assert "could not go on; the database may be damaged: Name" not in result.output


def test_verify_names_rows_that_share_a_record(run: Run, instance: Path) -> None:
    with sqlite3.connect(instance / "rollcall.sqlite") as database:
        [made] = database.execute("SELECT sql FROM sqlite_master WHERE name = 'policy_version'").fetchone()
        without = made.replace("CONSTRAINT uq_policy_version_record_id UNIQUE (record_id)", "CHECK (1 = 1)")
        assert without != made
        database.execute("ALTER TABLE policy_version RENAME TO before")
        database.execute(without)
        database.execute("INSERT INTO policy_version SELECT * FROM before")
        columns = "document_id, effective_on, revised_on, review_months, sha256, canonical, published_at, record_id"
        database.execute(f"INSERT INTO policy_version (number, {columns}) SELECT 2, {columns} FROM before")
        database.execute("DROP TABLE before")
    result = run("ledger", "verify")
    assert result.exit_code == 1
    assert "policy_version: 2 rows name this record" in result.output
    assert "Traceback" not in result.output


def test_one_altered_item_is_one_line(run: Run, instance: Path) -> None:
    with sqlite3.connect(instance / "rollcall.sqlite") as database:
        change = "UPDATE content_part SET body = body || ' ' WHERE id = (SELECT min(id) FROM content_part WHERE kind = 'item')"
        assert database.execute(change).rowcount == 1
    lines = run("ledger", "verify").output.splitlines()
    assert len([line for line in lines if line.startswith("FAULT")]) == 1


def test_status_says_what_is_at_risk_and_what_to_set(run: Run) -> None:
    result = run("ledger", "status")
    assert result.exit_code == 0
    for words in ("Nobody outside is asked to witness this log.", "LMS_TSA_URLS", "At risk now:", "What it cannot"):
        assert words in result.output
    assert "rollcall.local/log+" in result.output
