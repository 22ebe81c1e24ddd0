"""The command's face: its help, its exit codes, its quick start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from lms.cli import SECTIONS, main

HELP = (Path(__file__).parent / "help.txt").read_text(encoding="utf-8")
HEAVY = ("flask", "sqlalchemy", "pydantic", "apscheduler", "cryptography")


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "lms.cli", *arguments], capture_output=True, text=True, check=False)


def test_help_reads_as_agreed() -> None:
    result = CliRunner().invoke(main, ["--help"], prog_name="lms", terminal_width=100)
    assert result.output == HELP


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys\nfrom lms.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")


@pytest.mark.parametrize("name", [name for section in SECTIONS for name in section.commands])
def test_every_command_has_help(name: str) -> None:
    result = CliRunner().invoke(main, [name, "--help"], prog_name="lms")
    assert result.exit_code == 0
    assert result.output.startswith(f"Usage: lms {name}")


@pytest.mark.parametrize(
    "arguments", [["bogus"], ["serve", "--port", "0"], ["content", "check", "/nowhere"], ["people"]]
)
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(main, arguments).exit_code == 2


@pytest.mark.slow
def test_refusal_is_exit_code_1_without_a_traceback(tmp_path: Path) -> None:
    done = command("--instance", str(tmp_path / "none"), "doctor")
    assert done.returncode == 1
    assert done.stderr == f"{tmp_path / 'none'} is not set up yet. Run: lms init\n"


@pytest.mark.slow
def test_unusable_setting_is_named(tmp_path: Path) -> None:
    (tmp_path / "settings.env").write_text("LMS_TIMEZONE=Mars/Olympus\n")
    done = command("--instance", str(tmp_path), "doctor")
    assert done.returncode == 1
    assert "LMS_TIMEZONE" in done.stderr
    assert "Traceback" not in done.stderr
