"""The ``lms`` command: set a department up, run it, look after it.

Exit codes: 0 done, 1 refused with reasons, 2 wrong usage. Starting is quick because a command's code is imported
when it is called; this file imports nothing of a feature.
"""

from __future__ import annotations

from pathlib import Path

import click

from lms import __version__
from lms.cli.groups import LazyGroup, Place, Section

SECTIONS = (
    Section(
        "Set up and run",
        {
            "init": Place("lms.cli.setup:init", "Make the instance folder, database, keys and first administrator."),
            "serve": Place("lms.cli.serving:serve", "Serve the pages, with the worker beside them if asked."),
            "worker": Place("lms.cli.serving:worker", "Run the scheduled jobs; a second one waits as a standby."),
            "demo": Place("lms.cli.demonstration:demo", "Show a fictitious department with three years of history."),
        },
    ),
    Section(
        "Look after it",
        {
            "doctor": Place("lms.cli.doctor:doctor", "Check everything that must work, and say how to mend it."),
            "jobs": Place("lms.jobs.cli:jobs", "List the scheduled jobs, or run one by hand.", in_app=True),
            "people": Place("lms.cli.people:people", "Import people, record leave, return, separation and names."),
        },
    ),
    Section(
        "Content and evidence",
        {
            "content": Place(
                "lms.cli.content:content", "Check, preview and publish courses.", in_app=frozenset({"publish"})
            ),
            "ledger": Place("lms.cli.evidence:ledger", "Verify the record of evidence, say how far it is anchored."),
            "keys": Place("lms.cli.keys:keys", "List, rotate, protect and revoke the keys that sign the evidence."),
            "records": Place("lms.records.cli:records", "Make a bundle of evidence for somebody outside.", in_app=True),
        },
    ),
)


@click.group(cls=LazyGroup, sections=SECTIONS, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--instance",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder of the department's data and settings. [default: LMS_INSTANCE, or ./instance]",
)
@click.version_option(__version__, prog_name="lms")
@click.pass_context
def main(ctx: click.Context, instance: Path | None) -> None:
    """Rollcall: policy training that a department can prove."""
    ctx.obj = instance


__all__ = ["main"]
