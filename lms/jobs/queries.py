"""When each job last ran, how it went, and when it runs next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from lms.db import db
from lms.errors import NotFound
from lms.jobs.models import JobRun
from lms.jobs.registry import JOBS, Job

ALIVE_WITHIN = timedelta(minutes=3)
"""The most frequent jobs run each half minute; silence for longer than this means that no worker runs."""


@dataclass(frozen=True, slots=True)
class JobStatus:
    """One job and its last run, if it ever ran. ``next_at`` is the moment from which it is due."""

    job: Job
    last: JobRun | None
    next_at: datetime | None


def get_job(name: str) -> Job:
    """The job of this name. Raises NotFound with the names that there are."""
    for job in JOBS:
        if job.name == name:
            return job
    raise NotFound(f"There is no job {name!r}. There are: {', '.join(job.name for job in JOBS)}.")


def list_jobs() -> list[JobStatus]:
    """Every job in the order of the registry, in one query."""
    newest = select(func.max(JobRun.id)).group_by(JobRun.name)
    last = {run.name: run for run in db.session.scalars(select(JobRun).where(JobRun.id.in_(newest)))}
    return [
        JobStatus(job, last.get(job.name), last[job.name].started_at + job.every if job.name in last else None)
        for job in JOBS
    ]


def list_due_jobs(now: datetime) -> list[Job]:
    """The jobs whose time has come. A run that lies in the future (the clock went back) holds nothing up."""
    return [
        status.job
        for status in list_jobs()
        if status.last is None
        or status.next_at is None
        or status.next_at <= now
        or status.last.started_at > now + status.job.every
    ]


def worker_seen_at() -> datetime | None:
    """When a worker last began a job; None before any did."""
    return db.session.scalar(select(func.max(JobRun.started_at)))


def worker_is_alive(now: datetime) -> bool:
    """Whether a worker has done anything lately."""
    seen = worker_seen_at()
    return seen is not None and now - seen <= ALIVE_WITHIN
