"""One process works, another stands by; jobs stay single whoever runs them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from lms import worker
from lms.db import db
from lms.jobs.models import JobRun
from lms.roster.models import Person
from lms.schedule.actions import set_default_requirements
from lms.training.models import Assignment
from lms.web.context import EXTENSION
from tests.factories.people import make_person
from tests.factories.training import published_course

ROOT = Path(__file__).resolve().parents[2]


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Polls; fails after ``seconds``."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def runs() -> int:
    """How many runs there are; leaves no transaction open, which on SQLite would hold up the worker."""
    db.session.rollback()
    count = db.session.scalar(select(func.count()).select_from(JobRun)) or 0
    db.session.rollback()
    return count


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ticks and tries that do not keep a test waiting."""
    monkeypatch.setattr(worker, "TICK", timedelta(seconds=0.2))
    monkeypatch.setattr(worker, "STANDBY_TRIES_EVERY", timedelta(seconds=0.2))


class Running:
    """A worker in a thread."""

    def __init__(self, app: Flask) -> None:
        self.stop = threading.Event()
        self.thread = threading.Thread(target=worker.run_worker, args=(app, self.stop))
        self.thread.start()

    def end(self) -> None:
        self.stop.set()
        self.thread.join(30)
        assert not self.thread.is_alive()


def test_only_one_holds_the_lock(app: Flask) -> None:
    first, second = worker.make_lock(app), worker.make_lock(app)
    assert first.acquire()
    assert first.held()
    assert not second.acquire()
    first.release()
    assert not first.held()
    assert second.acquire()
    second.release()


def test_a_lost_connection_loses_the_lock(app: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        return  # The lock file has no connection to lose.
    lock = worker.make_lock(app)
    assert lock.acquire()
    db.session.execute(text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"))
    db.session.rollback()
    assert not lock.held()
    lock.release()


def test_a_standby_takes_over(app: Flask, quick: None) -> None:
    first = Running(app)
    wait_for(lambda: runs() > 0)
    second = Running(app)
    time.sleep(0.5)
    first.end()
    before = runs()
    db.session.execute(text("DELETE FROM job_run"))
    db.session.commit()
    assert before > 0
    wait_for(lambda: runs() > 0)
    second.end()


def test_a_worker_that_lost_its_lock_stops_and_stands_by(
    app: Flask, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = threading.Event()

    class Shaky(worker.FileLock):
        def held(self) -> bool:
            return super().held() and not lost.is_set()

        def acquire(self) -> bool:
            lost.clear()
            return super().acquire()

    shaky = Shaky(app.extensions[EXTENSION].instance / "shaky.lock")
    monkeypatch.setattr(worker, "make_lock", lambda _app: shaky)
    running = Running(app)
    wait_for(lambda: runs() > 0)
    lost.set()
    wait_for(lambda: not lost.is_set())
    running.end()


def test_two_ticks_at_once_double_nothing(app: Flask) -> None:
    """Were the lock ever to fail, the jobs themselves still make nothing twice."""
    published_course()
    set_default_requirements()
    for _ in range(10):
        make_person()
    db.session.commit()
    barrier = threading.Barrier(2)

    def tick() -> None:
        barrier.wait()
        worker.run_due_jobs(app)

    threads = [threading.Thread(target=tick) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    people = db.session.scalar(select(func.count()).select_from(Person))
    rows = db.session.execute(select(Assignment.person_id, Assignment.requirement_id, Assignment.cycle)).all()
    assert len(rows) == len(set(rows)) >= (people or 0)
    stages = db.session.execute(text("SELECT topic_id, stage, count(*) FROM outbox_message GROUP BY topic_id, stage"))
    assert all(count == 1 for _, _, count in stages)
    assert not db.session.scalars(select(JobRun.outcome).where(JobRun.failed)).all()


@pytest.mark.crash
def test_sigterm_ends_the_process_cleanly_and_a_kill_frees_the_lock(app: Flask) -> None:
    settings = app.extensions[EXTENSION]
    settings.instance.mkdir(parents=True, exist_ok=True)
    code = (
        "import sys; from pathlib import Path; from config import Settings; from lms.worker import run;"
        "folder, url, origin = sys.argv[1:];"
        "run(Settings(instance=Path(folder), database_url=url, secret_key='x', ledger_origin=origin))"
    )
    arguments = [sys.executable, "-c", code, str(settings.instance), settings.database_url, settings.ledger_origin]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(arguments, env=environ, cwd=ROOT)

    def clear() -> None:
        db.session.rollback()
        db.session.execute(text("DELETE FROM job_run"))
        db.session.commit()

    first = start()
    wait_for(lambda: runs() >= 7, 60)
    first.kill()
    first.wait(10)
    clear()
    second = start()
    wait_for(lambda: runs() >= 7, 60)
    second.send_signal(signal.SIGTERM)
    assert second.wait(30) == 0
    db.session.rollback()
    assert not db.session.scalars(select(JobRun.id).where(JobRun.finished_at.is_(None))).all()
