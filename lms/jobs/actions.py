"""Runs a job and keeps how it went. Commits on its own: a job is a unit of work, or several."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, update

from lms import clock
from lms.db import db
from lms.errors import RollcallError
from lms.jobs.models import JobRun
from lms.jobs.queries import get_job
from lms.jobs.registry import Job

log = structlog.get_logger(__name__)
KEPT_RUNS = 100
SHORTEST_KEPT = timedelta(days=1)
CUT_OFF_AFTER = timedelta(hours=1)
"""Until then an unfinished run may well be under way in another process."""
CUT_OFF = "The run ended before it could say how it went."


def run_job(name: str, now: datetime | None = None) -> JobRun:
    """Runs one job now, due or not, and gives back the run; ``failed`` says whether it went wrong.

    A failure is kept as the run's outcome and logged; what the job committed before it stays. Raises NotFound for
    a name that no job has.
    """
    job = get_job(name)
    started_at = now or clock.now()
    run_id = _begin(job, started_at)
    failed = False
    try:
        outcome = job.run(started_at)
    except RollcallError as error:
        failed, outcome = True, error.message
        log.warning("job_refused", job=name, message=error.message)
    except Exception as error:
        failed, outcome = True, f"failed with {type(error).__name__}; the log has the details"
        log.exception("job_failed", job=name)
    db.session.rollback()
    finished_at = max(clock.now(), started_at)
    db.session.execute(
        update(JobRun).where(JobRun.id == run_id).values(finished_at=finished_at, outcome=outcome, failed=failed)
    )
    db.session.commit()
    return db.session.get_one(JobRun, run_id)


def _begin(job: Job, started_at: datetime) -> int:
    """Notes that the job began, settles a run that a crash cut off, and forgets runs that are long past."""
    db.session.rollback()
    db.session.execute(
        update(JobRun)
        .where(
            JobRun.name == job.name,
            JobRun.finished_at.is_(None),
            JobRun.started_at <= started_at - CUT_OFF_AFTER,
        )
        .values(finished_at=started_at, failed=True, outcome=CUT_OFF)
    )
    kept_since = started_at - max(job.every * KEPT_RUNS, SHORTEST_KEPT)
    db.session.execute(delete(JobRun).where(JobRun.name == job.name, JobRun.started_at < kept_since))
    run = JobRun(name=job.name, started_at=started_at, outcome="")
    db.session.add(run)
    db.session.commit()
    return run.id
