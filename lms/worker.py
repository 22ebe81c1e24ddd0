"""The scheduler process: one works, any other waits as its standby.

APScheduler gives the ticks and nothing else: its memory decides nothing. Each tick asks the database which jobs are
due (``lms.jobs``) and runs them one after another. The lock that makes one process the worker belongs to the
operating system (SQLite: a lock file) or to a database connection of its own (PostgreSQL: an advisory lock), so that
it is free the moment its holder dies. Were two ever to work at once, the jobs would still do nothing twice.
"""

from __future__ import annotations

import os
import signal
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Protocol

import structlog
from apscheduler.events import EVENT_SCHEDULER_STARTED
from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from config import Settings
from lms import clock
from lms.db import db, read_only
from lms.jobs.actions import run_job
from lms.jobs.queries import list_due_jobs
from lms.jobs.registry import Job
from lms.web.context import EXTENSION

log = structlog.get_logger(__name__)

TICK = timedelta(seconds=5)
STANDBY_TRIES_EVERY = timedelta(seconds=5)
"""How soon a standby takes over after the worker ended."""
ADVISORY_KEY = 0x526F6C6C63616C6C
"""“Rollcall”; one worker for each database."""


class WorkerLock(Protocol):
    """What makes one process the worker."""

    def acquire(self) -> bool:
        """Tries once; whether this process is the worker now."""

    def held(self) -> bool:
        """Whether it still is; a lost database connection ends it."""

    def release(self) -> None:
        """Gives it up. Never raises."""


class FileLock:
    """For SQLite: an exclusive lock on a file of the instance. The system frees it when the process ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def acquire(self) -> bool:
        """Tries once."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("a+", encoding="ascii")
        if not _lock_file(file):
            file.close()
            return False
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._file = file
        return True

    def held(self) -> bool:
        """Until it is released."""
        return self._file is not None

    def release(self) -> None:
        """Closes the file, which frees the lock."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _lock_file(file: IO[str]) -> bool:
    """Locks without waiting, on POSIX and on Windows."""
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class AdvisoryLock:
    """For PostgreSQL: a session's advisory lock, on a connection that is used for nothing else."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._connection: Connection | None = None

    def acquire(self) -> bool:
        """Tries once. A server that cannot be reached counts as a lock that somebody else holds."""
        try:
            with self._app.app_context():
                connection = db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        except SQLAlchemyError:
            log.warning("worker_database_unreachable")
            return False
        try:
            connection.detach()
            for setting, seconds in (("idle", 10), ("interval", 5), ("count", 3)):
                connection.execute(text(f"SET tcp_keepalives_{setting} = {seconds}"))
            got = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": ADVISORY_KEY}))
        except SQLAlchemyError:
            got = False
        if got:
            self._connection = connection
        else:
            _close(connection)
        return got

    def held(self) -> bool:
        """Asks the server: a connection that was lost has lost the lock, too."""
        if self._connection is None:
            return False
        try:
            return bool(self._connection.scalar(text("SELECT 1")) == 1)
        except SQLAlchemyError:
            return False

    def release(self) -> None:
        """Closes the connection, which frees the lock."""
        if self._connection is not None:
            _close(self._connection)
            self._connection = None


def _close(connection: Connection) -> None:
    try:
        connection.close()
    except SQLAlchemyError:
        log.warning("worker_connection_lost")


def make_lock(app: Flask) -> WorkerLock:
    """The lock that fits the app's database."""
    settings: Settings = app.extensions[EXTENSION]
    if settings.database_url.startswith("sqlite"):
        return FileLock(settings.instance / "worker.lock")
    return AdvisoryLock(app)


def run(settings: Settings) -> None:
    """Runs the worker of one department until SIGTERM or SIGINT."""
    from lms import create_app

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run_worker(create_app(settings), stop)


def run_worker(app: Flask, stop_event: threading.Event | None = None) -> None:
    """Works, or waits as a standby and then works, until ``stop_event`` is set. The job under way is finished first."""
    stop = stop_event or threading.Event()
    lock = make_lock(app)
    waiting = False
    while not stop.is_set():
        if lock.acquire():
            log.info("worker_started")
            try:
                _work(app, lock, stop)
            finally:
                lock.release()
            log.info("worker_stopped")
            waiting = False
            continue
        if not waiting:
            log.info("worker_standing_by")
            waiting = True
        stop.wait(STANDBY_TRIES_EVERY.total_seconds())


def _work(app: Flask, lock: WorkerLock, stop: threading.Event) -> None:
    """Ticks until told to stop or until the lock is lost."""
    lost = threading.Event()
    scheduler = BlockingScheduler(timezone=UTC)

    def tick() -> None:
        if not lock.held():
            log.warning("worker_lock_lost")
            lost.set()
        elif not stop.is_set():
            run_due_jobs(app, stop)

    def end() -> None:
        while not stop.wait(0.2) and not lost.is_set():
            pass
        scheduler.shutdown(wait=True)

    scheduler.add_job(
        tick,
        "interval",
        seconds=TICK.total_seconds(),
        id="tick",
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,
        next_run_time=datetime.now(UTC),
    )
    ender = threading.Thread(target=end, name="worker-ender", daemon=True)
    scheduler.add_listener(lambda _event: ender.start(), EVENT_SCHEDULER_STARTED)
    scheduler.start()
    ender.join()


def _due_jobs() -> list[Job]:
    """What the database says is due, in a transaction that holds up no writer."""
    token = read_only.set(True)
    try:
        return list_due_jobs(clock.now())
    finally:
        db.session.rollback()
        read_only.reset(token)


def run_due_jobs(app: Flask, stop: threading.Event | None = None) -> list[str]:
    """Runs every job that is due, one after another; says which. What fails is noted and tried at its next time."""
    ran: list[str] = []
    with app.app_context():
        try:
            for job in _due_jobs():
                if stop is not None and stop.is_set():
                    break
                run_job(job.name)
                ran.append(job.name)
        except SQLAlchemyError:
            log.exception("worker_tick_failed")
        finally:
            db.session.remove()
    return ran
