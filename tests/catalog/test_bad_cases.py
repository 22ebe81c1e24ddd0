"""Every broken course is refused within a second, in words, at its line, with exit code 1, and nothing is run."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from lms.catalog.cli import content
from tests.catalog.bad_cases import EDITS, WHOLE, broken_by, golden, told
from tests.support.timing import within_a_second

CASES = sorted({**WHOLE, **EDITS})


def test_there_are_enough_cases_and_each_has_its_words() -> None:
    assert len(CASES) >= 40
    assert sorted(golden()) == CASES


@pytest.mark.parametrize("name", CASES)
def test_broken_content_is_refused_in_words(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course = broken_by(name, tmp_path)
    monkeypatch.chdir(tmp_path)
    with within_a_second():
        result = CliRunner().invoke(content, ["check", str(course)])
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    assert not (tmp_path / "EXECUTED").exists()
    assert told(course) == golden()[name]
