"""``lms people leave|return|separate|rehire|rename``: what changes, what is said, and what the ledger holds."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.test_people import GOOD, HEADER


@pytest.fixture
def lee(run: Run, tmp_path: Path) -> str:
    """The badge of somebody on the roster."""
    path = tmp_path / "people.csv"
    path.write_text(HEADER + GOOD, encoding="utf-8")
    assert run("people", "import", "--new-units", str(path)).exit_code == 0
    return "12"


def row(instance: Path, columns: str, table: str = "person", where: str = "badge = '12'") -> tuple[object, ...]:
    with sqlite3.connect(instance / "rollcall.sqlite") as database:
        return tuple(database.execute(f"SELECT {columns} FROM {table} WHERE {where}").fetchone())


def test_leave_and_return(run: Run, lee: str, instance: Path) -> None:
    away = run("people", "leave", lee, "--kind", "medical", "--from", "2026-03-02", "--note", "Knee.")
    assert away.output == "Lee Doe is on leave from 2026-03-02 until a return is recorded.\n"
    again = run("people", "leave", lee, "--kind", "family", "--from", "2026-04-01")
    assert again.exit_code == 1
    assert "overlaps" in again.output
    assert run("people", "return", lee, "--on", "2026-05-04").output == "Lee Doe is back on 2026-05-04.\n"
    assert row(instance, "kind, starts_on, ends_on", "leave", "1") == ("medical", "2026-03-02", "2026-05-03")
    assert "No leave" in run("people", "return", lee, "--on", "2026-06-01").output


def test_a_planned_leave_is_cancelled(run: Run, lee: str, instance: Path) -> None:
    run("people", "leave", lee, "--kind", "family", "--from", "2100-03-02")
    assert "no leave that begins on 2100-03-03" in run("people", "cancel-leave", lee, "--from", "2100-03-03").output
    done = run("people", "cancel-leave", lee, "--from", "2100-03-02")
    assert done.output == "The leave of Lee Doe from 2100-03-02 is cancelled.\n"
    assert row(instance, "count(*)", "leave", "1") == (0,)
    run("people", "leave", lee, "--kind", "medical", "--from", "2026-03-02")
    begun = run("people", "cancel-leave", lee, "--from", "2026-03-02")
    assert begun.exit_code == 1
    assert "has begun" in begun.output
    assert "no fault found" in run("ledger", "verify").output


def test_separation_and_rehire(run: Run, lee: str, instance: Path) -> None:
    assert "is 2026-06-30." in run("people", "separate", lee, "--on", "2026-06-30").output
    early = run("people", "rehire", lee, "--on", "2026-06-30")
    assert early.exit_code == 1
    assert "after the last day" in early.output
    assert run("people", "rehire", "lee.doe@portland.test", "--on", "2026-09-01").exit_code == 0
    assert row(instance, "separated_on, rehired_on") == ("2026-06-30", "2026-09-01")


def test_rename_keeps_the_former_name(run: Run, lee: str, instance: Path) -> None:
    assert run("people", "rename", lee, "--family", "Doe-Marsh").output == "Lee Doe is Lee Doe-Marsh now.\n"
    assert run("people", "rename", lee, "--family", "Doe-Marsh").output == "Lee Doe-Marsh has that name already.\n"
    assert row(instance, "given_name, family_name, former_names") == ("Lee", "Doe-Marsh", "Lee Doe")
    assert run("people", "rename", lee).exit_code == 2


def test_every_change_is_on_the_ledger_and_holds(run: Run, lee: str, instance: Path) -> None:
    run("people", "leave", lee, "--kind", "family", "--from", "2026-03-02", "--until", "2026-03-09")
    run("people", "separate", lee, "--on", "2026-06-30")
    run("people", "rehire", lee, "--on", "2026-09-01")
    run("people", "rename", lee, "--given", "Leigh")
    with sqlite3.connect(instance / "rollcall.sqlite") as database:
        kinds = {kind for (kind,) in database.execute("SELECT kind FROM ledger_entry")}
    assert kinds >= {
        "roster.leave_recorded",
        "roster.person_separated",
        "roster.person_rehired",
        "roster.person_renamed",
    }
    assert "no fault found" in run("ledger", "verify").output


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("separate", "nobody", "--on", "2026-06-30"), 1, "Nobody on the roster"),
        (("separate", "12", "--on", "6/30/2026"), 2, "not a date such as 2026-03-01"),
        (("leave", "12", "--kind", "vacation", "--from", "2026-06-30"), 2, "vacation"),
    ],
)
def test_what_cannot_be_is_refused(run: Run, lee: str, arguments: tuple[str, ...], code: int, says: str) -> None:
    result = run("people", *arguments)
    assert result.exit_code == code
    assert says in result.output
