"""The administrator's health page."""

from __future__ import annotations

import platform
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from flask import Blueprint, current_app, render_template
from sqlalchemy import text

from lms import clock
from lms.db import db
from lms.jobs import queries
from lms.jobs.queries import ALIVE_WITHIN, JobStatus
from lms.ledger.queries import find_log, newest_checkpoint
from lms.notify.queries import MessageFilter, count_messages
from lms.notify.rules import State as LetterState
from lms.web.access import access
from lms.web.context import settings

bp = Blueprint("jobs", __name__, url_prefix="/jobs")

CHECKPOINT_EXPECTED = timedelta(minutes=10)
LOW_DISK_SHARE = 10
"""Below this percentage of free space the page warns."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the page: ``result`` is ``ok``, ``bad`` or ``waiting``."""

    result: str
    title: str
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class JobLine:
    """A job as the table shows it."""

    status: JobStatus
    result: str
    took: str | None


@bp.get("/health")
@access("system:read")
def health() -> str:
    """Whether database, worker, ledger, mail and disk are as they should be, in words."""
    now = clock.now()
    jobs = [_job_line(status, now) for status in queries.list_jobs()]
    return render_template(
        "jobs/health.html",
        lines=[_database(), _worker(jobs, now), _ledger(now), _mail(now), _disk(settings().instance)],
        jobs=jobs,
        versions=_versions(),
    )


def in_words(span: timedelta) -> str:
    """A length of time as people say it, rounded down to its largest unit: 3 hours, 12 seconds."""
    seconds = max(0, int(span.total_seconds()))
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        if seconds >= size:
            number = seconds // size
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return "less than a second"


def _job_line(status: JobStatus, now: datetime) -> JobLine:
    last = status.last
    if last is None:
        return JobLine(status, "waiting", None)
    took = None if last.finished_at is None else in_words(last.finished_at - last.started_at)
    if last.failed:
        return JobLine(status, "bad", took)
    overdue = status.next_at is not None and now > status.next_at + status.job.every + ALIVE_WITHIN
    return JobLine(status, "waiting" if overdue or last.finished_at is None else "ok", took)


def _database() -> Line:
    name = db.engine.dialect.name
    if name == "sqlite":
        number = db.session.scalar(text("SELECT sqlite_version()"))
        return Line("ok", f"Database: SQLite {number}, embedded", "Fits one machine and a few hundred people.")
    number = db.session.scalar(text("SHOW server_version"))
    return Line("ok", f"Database: PostgreSQL {number}")


def _worker(jobs: list[JobLine], now: datetime) -> Line:
    seen = [line.status.last.started_at for line in jobs if line.status.last is not None]
    if not seen:
        return Line("bad", "Worker: has never run", "Start it with: lms worker")
    ago = f"It last began a job {in_words(now - max(seen))} ago."
    if now - max(seen) > ALIVE_WITHIN:
        return Line("bad", "Worker: is not running", f"{ago} Start it with: lms worker")
    failed = [line.status.job.title for line in jobs if line.result == "bad"]
    if failed:
        return Line("bad", "Worker: runs, but the last run of a job failed", f"Look below at: {', '.join(failed)}.")
    return Line("ok", "Worker: runs", ago)


def _ledger(now: datetime) -> Line:
    log = find_log()
    if log is None:
        return Line("bad", "Ledger: is not open", "Run: lms init")
    signed = newest_checkpoint()
    if signed is None:
        return Line("waiting", f"Ledger: {log.size:,} records, no checkpoint yet", "The worker signs one each minute.")
    age = in_words(now - signed.signed_at)
    detail = f"The newest checkpoint covers {signed.size:,} and was signed {age} ago. To check all: lms ledger verify"
    if signed.size == log.size:
        return Line("ok", f"Ledger: {log.size:,} records, all under a signed checkpoint", detail)
    late = log.last_at is not None and now - max(log.last_at, signed.signed_at) > CHECKPOINT_EXPECTED
    missing = log.size - signed.size
    return Line("bad" if late else "waiting", f"Ledger: {log.size:,} records, {missing:,} not yet sealed", detail)


def _mail(now: datetime) -> Line:
    way = "through the mail server" if settings().smtp_url else f"as files in {settings().mail_folder}"
    pending = (LetterState.WAITING, LetterState.RETRYING, LetterState.SENDING)
    by_state = {state: count_messages(MessageFilter(state=state)) for state in pending}
    waiting, retrying = sum(by_state.values()), by_state[LetterState.RETRYING]
    failed = count_messages(MessageFilter(state=LetterState.FAILED, since=now - timedelta(days=7)))
    detail = f"{waiting:,} waiting, {retrying:,} of them tried before; {failed:,} failed in the last 7 days."
    return Line("bad" if failed else "waiting" if retrying else "ok", f"Letters: go {way}", detail)


def _disk(folder: Path) -> Line:
    place = next(path for path in (folder, *folder.parents) if path.exists())
    usage = shutil.disk_usage(place)
    share = 100 * usage.free // usage.total
    title = f"Disk: {usage.free / 2**30:.1f} GB free of {usage.total / 2**30:.1f} GB"
    if share < LOW_DISK_SHARE:
        return Line("bad", title, f"Only {share} % is free. Make room before signatures can no longer be kept.")
    return Line("ok", title, f"Instance folder: {folder}")


def _versions() -> list[tuple[str, str]]:
    names = ("Flask", "SQLAlchemy", "APScheduler", "cryptography", "gunicorn")
    return [
        ("Rollcall", current_app.extensions["rollcall.version"]),
        ("Python", platform.python_version()),
        *((name, version(name)) for name in names),
        ("System", f"{platform.system()} {platform.release()}"),
    ]
