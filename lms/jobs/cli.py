"""``lms jobs``: what the worker does, and running one job by hand. Exit code 0 fine, 1 failed, 2 wrong usage."""

from __future__ import annotations

from datetime import datetime

import click

from lms.errors import NotFound
from lms.jobs import queries
from lms.jobs.actions import run_job


@click.group()
def jobs() -> None:
    """List the worker's jobs, or run one by hand."""


@jobs.command("list")
def list_command() -> None:
    """Show every job with its last run, outcome and next run (times in UTC)."""
    rows = [("JOB", "LAST RUN", "NEXT RUN", "OUTCOME")]
    for status in queries.list_jobs():
        last = status.last
        outcome = "never ran"
        if last is not None:
            outcome = last.outcome if last.finished_at else "running"
            outcome = f"FAILED: {outcome}" if last.failed else outcome
        began = None if last is None else last.started_at
        rows.append((status.job.name, _moment(began, "-"), _moment(status.next_at, "now"), outcome))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        fixed = "  ".join(text.ljust(width) for text, width in zip(row[:3], widths, strict=True))
        click.echo(f"{fixed}  {row[3]}".rstrip())


@jobs.command("run")
@click.argument("name")
def run_command(name: str) -> None:
    """Run the job NAME now. Running a job twice changes nothing more."""
    try:
        run = run_job(name)
    except NotFound as error:
        raise click.BadParameter(error.message, param_hint="NAME") from None
    click.echo(run.outcome, err=run.failed)
    if run.failed:
        raise SystemExit(1)


def _moment(at: datetime | None, none: str) -> str:
    return none if at is None else at.strftime("%Y-%m-%d %H:%M:%S")
