"""The health page says in words what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from lms import clock
from lms.db import db
from lms.jobs.models import JobRun
from lms.jobs.registry import JOBS
from lms.jobs.views import in_words
from lms.ledger.actions import seal_checkpoint
from lms.roster.models import Person
from tests.factories.people import make_person
from tests.support.checked_client import CheckedClient

SignIn = Callable[..., CheckedClient]


@pytest.fixture
def administrator(app: Flask) -> Person:
    return make_person()


def page(sign_in: SignIn, administrator: Person) -> str:
    response = sign_in(administrator, "administrator").get("/jobs/health")
    assert response.status_code == 200
    return response.get_data(as_text=True)


def test_without_a_worker_it_says_how_to_start_one(sign_in: SignIn, administrator: Person) -> None:
    html = page(sign_in, administrator)
    assert "Worker: has never run" in html
    assert "lms worker" in html
    for job in JOBS:
        assert job.title.replace("'", "&#39;") in html


def test_jobs_are_shown_with_their_last_run(sign_in: SignIn, administrator: Person) -> None:
    now = clock.now()
    for job in JOBS:
        started = now - timedelta(seconds=10)
        db.session.add(JobRun(name=job.name, started_at=started, finished_at=now, outcome=f"{job.name} went well"))
    db.session.commit()
    html = page(sign_in, administrator)
    assert "Worker: runs" in html
    assert "seal-ledger went well" in html
    assert "10 seconds" in html


def test_a_failed_job_is_named(sign_in: SignIn, administrator: Person) -> None:
    db.session.add(
        JobRun(name="reminders", started_at=clock.now(), finished_at=clock.now(), outcome="no such table", failed=True)
    )
    db.session.commit()
    html = page(sign_in, administrator)
    assert "the last run of a job failed" in html
    assert "no such table" in html


def test_the_ledger_shows_its_size_and_its_checkpoint(sign_in: SignIn, administrator: Person) -> None:
    client = sign_in(administrator, "administrator")
    assert "no checkpoint yet" in client.get("/jobs/health").get_data(as_text=True)
    seal_checkpoint()
    db.session.commit()
    assert "all under a signed checkpoint" in client.get("/jobs/health").get_data(as_text=True)


@pytest.mark.parametrize("role", ["supervisor", "training_sergeant", "hr"])
def test_only_an_administrator_may_look(sign_in: SignIn, administrator: Person, role: str) -> None:
    assert sign_in(make_person(), role).get("/jobs/health").status_code == 403


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "less than a second"), (1, "1 second"), (119, "1 minute"), (7200, "2 hours"), (200000, "2 days")],
)
def test_lengths_of_time_are_said_in_their_largest_unit(seconds: int, words: str) -> None:
    assert in_words(timedelta(seconds=seconds)) == words
