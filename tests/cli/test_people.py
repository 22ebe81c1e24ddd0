"""``lms people import``: all of a file or nothing of it, and every fault with its line."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Run

HEADER = "badge,email,given_name,family_name,rank,unit,hired_on,supervisor_badge\n"
GOOD = (
    "12,lee.doe@portland.test,Lee,Doe,Officer,Patrol,2024-02-29,11\n"
    "11,kim.poe@portland.test,Kim,Poe,Sergeant,Patrol,2010-05-01,\n"
)


def people_in(instance: Path) -> list[tuple[str, str | None]]:
    with sqlite3.connect(instance / "rollcall.sqlite") as database:
        return database.execute(
            "SELECT p.badge, s.badge FROM person p LEFT JOIN person s ON s.id = p.supervisor_id ORDER BY p.id"
        ).fetchall()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(HEADER + GOOD, encoding="utf-8-sig")
    return path


def test_supervisors_may_stand_below_their_people(run: Run, file: Path, instance: Path) -> None:
    assert (
        run("people", "import", "--new-units", str(file)).output
        == "New unit: Patrol (2 people)\n2 people added; 0 were on the roster already.\n"
    )
    assert people_in(instance) == [("A1", None), ("11", None), ("12", "11")]


def test_same_file_again_adds_nobody(run: Run, file: Path, instance: Path) -> None:
    run("people", "import", "--new-units", str(file))
    assert run("people", "import", "--new-units", str(file)).output == "0 people added; 2 were on the roster already.\n"
    assert len(people_in(instance)) == 3


def test_dry_run_changes_nothing(run: Run, file: Path, instance: Path) -> None:
    result = run("people", "import", "--new-units", "--dry-run", "--invite", str(file))
    assert "New unit, to be made: Patrol (2 people)\n2 people would be added" in result.output
    assert len(people_in(instance)) == 1


def test_invitations_go_into_the_outbox(run: Run, file: Path, instance: Path) -> None:
    assert "Each gets a letter" in run("people", "import", "--new-units", "--invite", str(file)).output
    assert run("jobs", "run", "deliver-outbox").output.startswith("2 sent")
    letters = [path.read_text() for path in (instance / "mail").glob("*.eml")]
    assert len(letters) == 2
    assert all("http://127.0.0.1:8000/auth/" in letter for letter in letters)


def test_every_bad_line_is_named_and_nobody_is_added(run: Run, file: Path, instance: Path) -> None:
    file.write_text(
        HEADER
        + GOOD
        + "11,other@portland.test,O,P,Officer,Patrol,2020-01-01,\n"
        + "13,not-an-address,O,P,Officer,Patrol,1/2/2020,\n"
        + "14,x@portland.test,,P,Officer,Patrol,2020-01-01,99\n"
        + "15,y@portland.test,O\n"
        + "A1,new@portland.test,O,P,Officer,Patrol,2020-01-01,77\n"
        + "16,z@portland.test,O,P,Officer,Patrol,2020-01-01,16\n"
        + "13,z@portland.test,O,P,Officer,Patrol,2120-01-01,14\n"
    )
    result = run("people", "import", "--new-units", str(file))
    assert result.exit_code == 1
    assert result.output.replace(f"{file}:", "").splitlines() == [
        "4: badge 11 stands in line 3 already",
        "5: email 'not-an-address' is not an email address",
        "5: hired_on '1/2/2020' is not a date such as 2026-03-01",
        "6: given_name is empty",
        "6: supervisor_badge 99 is neither here nor on the roster",
        "7: 3 fields; the header has 8",
        "8: badge A1 is Ada Admin's already",
        "8: supervisor_badge 77 is neither here nor on the roster",
        "9: supervisor_badge is the person's own",
        "10: hired_on 2120-01-01 is before 1940 or more than a year ahead",
        "10: badge 13 stands in line 5 already",
        "10: email z@portland.test stands in line 9 already",
        "12 faults. Nobody was imported.",
    ]
    assert len(people_in(instance)) == 1


def test_circle_of_supervisors_is_a_fault(run: Run, file: Path) -> None:
    file.write_text(HEADER + GOOD.replace("2010-05-01,", "2010-05-01,12"))
    assert "circle" in run("people", "import", "--new-units", str(file)).output


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"badge,email\n", "1: missing columns: given_name, family_name, rank, unit, hired_on"),
        (HEADER.replace("rank", "grade").encode(), "1: unknown columns: grade"),
        (HEADER.encode() + b"1,\xff@b.c,A,B,C,D,2020-01-01,\n", "2: this is not UTF-8"),
        (HEADER.encode() + b'1,"a@b.c,A,B,C,D,2020-01-01,\n', "this is no CSV"),
        (b"", "1: missing columns"),
    ],
)
def test_files_that_cannot_be_read(run: Run, file: Path, content: bytes, says: str) -> None:
    file.write_bytes(content)
    result = run("people", "import", "--new-units", str(file))
    assert result.exit_code == 1
    assert says in result.output


def test_a_unit_is_made_only_when_asked_for(run: Run, file: Path, instance: Path) -> None:
    file.write_text(HEADER + GOOD.replace("Officer,Patrol", "Officer,Administratoin"))
    for extra in ((), ("--dry-run",)):
        result = run("people", "import", *extra, str(file))
        assert result.exit_code == 1
        assert result.output.replace(f"{file}:", "").splitlines() == [
            "2: unit Administratoin does not exist; is it Administration?",
            "3: unit Patrol does not exist; --new-units makes it",
            "2 faults. Nobody was imported.",
        ]
    with sqlite3.connect(instance / "rollcall.sqlite") as database:
        assert database.execute("SELECT name FROM unit").fetchall() == [("Administration",)]


def test_a_supervisor_who_left_is_a_fault(run: Run, file: Path) -> None:
    run("people", "import", "--new-units", str(file))
    run("people", "separate", "11", "--on", "2026-01-31")
    file.write_text(HEADER + "17,n@portland.test,N,N,Officer,Patrol,2024-02-29,11\n")
    assert "2: supervisor_badge 11 is Kim Poe's, who left" in run("people", "import", str(file)).output
