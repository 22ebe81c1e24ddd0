"""``lms doctor``: one line for each thing that must work; exit code 1 where one does not."""

from __future__ import annotations

import click

from lms.cli.apps import load_ready_settings, open_app
from lms.cli.checks import AFTER_DATABASE, FIRST, Check, Finding, check_database


@click.command()
def doctor() -> None:
    """Check everything that must work, and say how to mend it."""
    settings = load_ready_settings()
    faults = 0

    def look(check: Check) -> Finding:
        nonlocal faults
        finding = check(settings)
        faults += not finding.ok
        click.echo(line_of(finding))
        return finding

    for check in FIRST:
        look(check)
    with open_app(settings):
        if look(check_database).ok:
            for check in AFTER_DATABASE:
                look(check)
    if faults:
        click.echo(f"{faults} {'fault' if faults == 1 else 'faults'}.", err=True)
        raise SystemExit(1)
    click.echo("All is well.")


def line_of(finding: Finding) -> str:
    """The line: ok or FAULT, the thing, what is so, and what to do."""
    mark = "ok   " if finding.ok else "FAULT"
    mend = "" if finding.ok or not finding.mend else f" → {finding.mend}"
    return f"{mark}  {finding.name:<11}  {finding.says}{mend}"
