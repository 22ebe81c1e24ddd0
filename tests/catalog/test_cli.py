"""``lms content``: exit codes and what is printed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from click.testing import CliRunner

from lms.catalog.cli import content
from tests.catalog.courses import BANK, TINY, copy_tiny, edit


def test_check_of_good_content_prints_counts_and_coverage() -> None:
    result = CliRunner().invoke(content, ["check", str(TINY)])
    assert result.exit_code == 0
    assert "3 modules, 3 scenarios, 16 items (31 percent permitted), 3 capstone forms." in result.output
    assert "IV.B.2.f  Undercover identification  3                2      4          1" in result.output
    assert "always one position: a " in result.output
    assert "Capstone forms: two of them share " in result.output
    assert "modules/02-confidential-content/lesson.md" in result.output


def test_check_of_bad_content_prints_every_fault_and_fails(tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    line = edit(course, BANK, "verdict: duty", "verdict: maybe")
    edit(course, "course.yaml", 'module: "8"', 'module: "9"')
    result = CliRunner().invoke(content, ["check", str(course)])
    assert result.exit_code == 1
    assert f"{course}/{BANK}:{line}: items.policy-lawful-use.verdict: This must be" in result.output
    assert f"{course}/course.yaml:" in result.output
    assert "Nothing was published." in result.output


def test_check_without_a_folder_is_wrong_usage(tmp_path: Path) -> None:
    for arguments in (["check"], ["check", str(tmp_path / "nowhere")], ["check", str(TINY / "course.yaml")], ["chek"]):
        assert CliRunner().invoke(content, arguments).exit_code == 2


def test_publish_says_whether_there_is_a_new_version(session: Any) -> None:
    first = CliRunner().invoke(content, ["publish", str(TINY)])
    again = CliRunner().invoke(content, ["publish", str(TINY)])
    assert (first.exit_code, again.exit_code) == (0, 0)
    assert first.output.startswith("Published sop-110, version 1 (")
    assert again.output.startswith("Unchanged: sop-110, version 1 (")


def test_publish_of_bad_content_publishes_nothing(session: Any, tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    edit(course, BANK, "verdict: duty", "verdict: maybe")
    result = CliRunner().invoke(content, ["publish", str(course)])
    assert result.exit_code == 1
    assert "This must be 'permitted'" in result.output
    assert CliRunner().invoke(content, ["publish", str(TINY)]).output.startswith("Published sop-110, version 1 (")
