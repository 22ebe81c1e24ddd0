"""The table of jobs: what is due, how runs are kept, and that nothing happens twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select, text

from lms import clock
from lms.db import Base, db
from lms.errors import Conflict, NotFound
from lms.jobs import actions, queries, registry
from lms.jobs.cli import jobs as jobs_command
from lms.jobs.models import JobRun
from lms.roster import actions as roster
from lms.roster.models import Person
from lms.schedule.actions import set_default_requirements
from tests.factories.people import make_person
from tests.factories.training import published_course

START = datetime(2026, 3, 1, 15, tzinfo=UTC)


@pytest.fixture
def department(app: Flask) -> Person:
    """A sergeant, an officer whose first training begins, and one who is back from leave."""
    with clock.at(START):
        published_course()
        set_default_requirements()
        sergeant = make_person(hired_on=START.date())
        roster.grant_role(sergeant, "training_sergeant", by=None)
        back = make_person(hired_on=START.date())
        leave_on = START.date() + timedelta(days=2)
        roster.record_leave(back, kind="family", starts_on=leave_on, ends_on=leave_on, by=None)
        db.session.commit()
    return sergeant


def all_rows() -> dict[str, list[tuple[Any, ...]]]:
    """Everything in the database but the runs themselves."""
    tables = [table for table in Base.metadata.sorted_tables if table.name != "job_run"]
    return {
        table.name: [tuple(row) for row in db.session.execute(select(table).order_by(*table.primary_key))]
        for table in tables
    }


def run_all(moment: datetime) -> list[str]:
    with clock.at(moment):
        return [actions.run_job(job.name).outcome for job in registry.JOBS]


def test_running_every_job_twice_changes_nothing_the_second_time(department: Person) -> None:
    moment = START + timedelta(days=4)
    for _ in range(3):  # what one job makes, another may have to carry on: letters are written, then sent, then sealed
        run_all(moment)
    before = all_rows()
    assert before["assignment"]
    assert before["outbox_message"]
    assert before["ledger_checkpoint"]
    for job in registry.JOBS:
        with clock.at(moment):
            assert not actions.run_job(job.name).failed
        assert all_rows() == before, job.name


def test_a_months_downtime_doubles_nothing(department: Person) -> None:
    run_all(START)
    run_all(START + timedelta(days=35))
    count = select(func.count()).select_from(Base.metadata.tables["assignment"])
    assert db.session.scalar(count) == 2
    keys = db.session.execute(text("SELECT dedupe_key FROM outbox_message WHERE topic = 'assignment'")).scalars().all()
    assert len(keys) == len(set(keys)) == 4, "each person: it opens; and after the downtime one letter, not three"


def test_only_the_database_decides_what_is_due(app: Flask) -> None:
    assert [job.name for job in queries.list_due_jobs(START)] == [job.name for job in registry.JOBS]
    run_all(START)
    assert queries.list_due_jobs(START) == []
    due = {job.name for job in queries.list_due_jobs(START + timedelta(minutes=1))}
    assert due == {"deliver-outbox", "seal-ledger", "make-bundles"}
    assert len(queries.list_due_jobs(START + timedelta(days=30))) == len(registry.JOBS)


def test_a_clock_that_went_back_holds_nothing_up(app: Flask) -> None:
    run_all(START)
    assert len(queries.list_due_jobs(START - timedelta(days=3))) == len(registry.JOBS)


def test_a_failure_is_kept_and_undoes_what_was_not_committed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(now: datetime) -> str:
        db.session.add(JobRun(name="ghost", started_at=now))
        db.session.flush()
        raise RuntimeError("no luck")

    jobs = (replace(registry.JOBS[0], run=broken),)
    monkeypatch.setattr(queries, "JOBS", jobs)
    run = actions.run_job(jobs[0].name)
    assert (run.failed, run.outcome) == (True, "failed with RuntimeError; the log has the details")
    assert run.finished_at is not None
    assert db.session.scalars(select(JobRun.name)).all() == [jobs[0].name]


def test_a_refusal_is_told_in_its_own_words(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_now: datetime) -> str:
        raise Conflict("Not now.")

    monkeypatch.setattr(queries, "JOBS", (replace(registry.JOBS[0], run=refused),))
    assert actions.run_job(registry.JOBS[0].name).outcome == "Not now."


def test_a_run_that_a_crash_cut_off_is_settled_by_the_next(app: Flask) -> None:
    db.session.add(JobRun(name="open-cycles", started_at=START, outcome=""))
    db.session.commit()
    actions.run_job("open-cycles", START + timedelta(hours=1))
    first = db.session.scalars(select(JobRun).order_by(JobRun.id)).first()
    assert first is not None
    assert (first.failed, first.outcome) == (True, actions.CUT_OFF)


def test_old_runs_are_forgotten(app: Flask) -> None:
    for days in (0, 1, 2, 30):
        actions.run_job("deliver-outbox", START + timedelta(days=days))
        actions.run_job("policy-review", START + timedelta(days=days))
    rows = db.session.execute(select(JobRun.name, func.count()).group_by(JobRun.name))
    kept = {row[0]: row[1] for row in rows}
    assert kept == {"deliver-outbox": 1, "policy-review": 4}


def test_whether_a_worker_is_alive(app: Flask) -> None:
    assert not queries.worker_is_alive(START)
    actions.run_job("deliver-outbox", START)
    assert queries.worker_is_alive(START + timedelta(minutes=2))
    assert not queries.worker_is_alive(START + timedelta(minutes=5))


def test_an_unknown_job_is_refused_with_the_names_there_are(app: Flask) -> None:
    with pytest.raises(NotFound, match="deliver-outbox, seal-ledger"):
        actions.run_job("make-coffee")


def test_the_commands(app: Flask) -> None:
    runner = CliRunner()
    listed = runner.invoke(jobs_command, ["list"])
    assert listed.exit_code == 0
    assert all(job.name in listed.output for job in registry.JOBS)
    assert "never ran" in listed.output
    ran = runner.invoke(jobs_command, ["run", "open-cycles"])
    assert (ran.exit_code, ran.output) == (0, "0 made, 0 closed because the person left\n")
    assert "0 made" in runner.invoke(jobs_command, ["list"]).output
    assert runner.invoke(jobs_command, ["run", "make-coffee"]).exit_code == 2


def test_a_failed_run_by_hand_ends_with_1(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_now: datetime) -> str:
        raise Conflict("Not now.")

    monkeypatch.setattr(queries, "JOBS", (replace(registry.JOBS[0], run=refused),))
    result = CliRunner().invoke(jobs_command, ["run", registry.JOBS[0].name])
    assert result.exit_code == 1
    assert "FAILED: Not now." in CliRunner().invoke(jobs_command, ["list"]).output


def test_names_are_unique_and_every_job_says_what_it_does() -> None:
    names = [job.name for job in registry.JOBS]
    assert len(set(names)) == len(names)
    assert all(job.title and job.every > timedelta(0) for job in registry.JOBS)


def test_letters_of_people_who_finished_are_dropped_at_sending(
    department: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = START + timedelta(hours=1)
    with clock.at(moment):
        actions.run_job("open-cycles")
        actions.run_job("reminders")
        roster.separate_person(department, START.date(), by=None, today=clock.today("UTC"))
        db.session.commit()
    with clock.at(moment + timedelta(days=1)):
        outcome = actions.run_job("deliver-outbox").outcome
    assert "1 sent" in outcome
    assert "dropped" in outcome
