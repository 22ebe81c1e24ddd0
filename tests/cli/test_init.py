"""``lms init`` makes an instance once, and is safe to run again."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from flask_migrate import downgrade

from config import Settings
from lms import clock
from lms.cli.apps import open_app
from lms.db import db
from lms.ledger.queries import list_entries
from lms.training import actions
from lms.training.models import Assignment
from tests.cli.conftest import ADMIN, PASSWORD, Run, run_in
from tests.factories.people import make_person
from tests.factories.training import make_assignment, note_capstone


def test_init_makes_everything(instance: Path, run: Run) -> None:
    assert stat.S_IMODE((instance / "secret.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((instance / "settings.env").stat().st_mode) == 0o600
    assert stat.S_IMODE((instance / "rollcall.sqlite").stat().st_mode) == 0o600
    assert stat.S_IMODE(instance.stat().st_mode) == 0o700
    assert list((instance / "ledger").glob("key-*.pem"))
    assert run("ledger", "verify").output.endswith("1 signed checkpoints: no fault found.\n")


def test_init_leaves_the_mode_of_a_folder_that_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir(mode=0o750)
    folder.chmod(0o750)
    assert run_in(folder)("init", *ADMIN, "--admin-password", PASSWORD, "--no-course").exit_code == 0
    assert stat.S_IMODE(folder.stat().st_mode) == 0o750
    assert stat.S_IMODE((folder / "rollcall.sqlite").stat().st_mode) == 0o600


def test_init_again_says_what_is_there_and_changes_nothing(instance: Path, run: Run) -> None:
    before = (instance / "secret.key").read_text()
    result = run("init")
    assert result.exit_code == 0
    assert "The administrator is Ada Admin (ada.admin@portland.test); nobody was added." in result.output
    assert "published already" in result.output
    assert (instance / "secret.key").read_text() == before


def test_init_overwrites_no_setting(run: Run, instance: Path) -> None:
    assert run("init", "--department", "Harbor Police").exit_code == 0
    result = run("init", "--department", "Other Police")
    assert result.exit_code == 1
    assert "LMS_DEPARTMENT=Harbor Police" in result.output
    assert "Other" not in (instance / "settings.env").read_text()


def test_init_never_asks_without_a_terminal(tmp_path: Path) -> None:
    result = run_in(tmp_path / "new")("init", "--admin-email", "a@b.test")
    assert result.exit_code == 2
    assert "--admin-name, --admin-badge, --admin-password or --password-stdin" in result.output
    assert not (tmp_path / "new").exists()


def test_weak_password_is_refused_and_a_second_run_succeeds(tmp_path: Path) -> None:
    run = run_in(tmp_path / "new")
    result = run("init", *ADMIN, "--admin-password", "password1234", "--no-course")
    assert result.exit_code == 1
    assert "too easy to guess" in result.output
    again = run("init", *ADMIN, "--admin-password", PASSWORD, "--no-course")
    assert again.exit_code == 0
    assert "Ada Admin can sign in as administrator" in again.output


def test_a_setting_that_cannot_be_used_is_refused_before_it_is_written(tmp_path: Path) -> None:
    result = run_in(tmp_path / "new")("init", *ADMIN, "--admin-password", PASSWORD, "--timezone", "Nowhere")
    assert result.exit_code == 1
    assert "LMS_TIMEZONE" in result.output
    assert not (tmp_path / "new" / "settings.env").exists()


def test_administrator_is_on_the_roster_with_the_role(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from config import Settings
    from lms.roster.permissions import ADMINISTRATOR
    from lms.roster.queries import list_people_with_role

    with open_app(Settings.load({}, instance=instance)):
        [person] = list_people_with_role(ADMINISTRATOR)
        assert (person.given_name, person.family_name, person.badge) == ("Ada", "Admin", "A1")


def test_init_records_what_was_satisfied_before_the_ledger_was_told(instance: Path, run: Run) -> None:
    with open_app(Settings.load({}, instance=instance)):
        person = make_person()
        yearly = make_assignment(person, path="test_out", slug="annual")
        done = make_assignment(person, slug="two-year")
        note_capstone(done)
        actions.complete_assignment(done, "completed", clock.now())
        db.session.commit()
        yearly_id = yearly.id
        db.session.remove()
        downgrade(revision="0002")
    assert "which assignments another one had satisfied: 1." in run("init").output
    assert "satisfied" not in run("init").output
    with open_app(Settings.load({}, instance=instance)):
        entry = list_entries(kind="training.assignment_satisfied")[-1]
        assert db.session.get_one(Assignment, yearly_id).closed_record_id == entry.record_id
        db.session.remove()
