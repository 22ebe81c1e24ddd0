"""The ledger's part of the ``lms`` command.

``lms ledger verify`` is put together in ``lms.cli``, with cross-checks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click
from flask.cli import with_appcontext

from lms.errors import NotFound
from lms.ledger.queries import newest_checkpoint
from lms.ledger.verify import Fault, Tally, snapshot, verify_log

CrossCheck = Callable[[], Iterable[Fault]]
"""A higher feature's check of its own rows against the records, through ``iter_disclosed``."""


@click.group("ledger")
def ledger() -> None:
    """The tamper-evident log of records."""


@ledger.command("checkpoint")
@with_appcontext
def checkpoint() -> None:
    """Print the newest signed checkpoint."""
    newest = newest_checkpoint()
    if newest is None:
        raise NotFound("No checkpoint has been signed yet.")
    click.echo(newest.note, nl=False)


def run_verify(cross_checks: Iterable[CrossCheck] = ()) -> int:
    """Audits every log, then the rows that the features keep; prints, and gives the exit code (0 or 1)."""
    tally, faults = Tally(), 0
    with snapshot():
        for fault in verify_log(tally=tally):
            click.echo(f"FAULT: {fault}")
            faults += 1
        for check in cross_checks:
            for fault in check():
                click.echo(f"FAULT: {fault}")
                faults += 1
    covered = f"{tally.records} records checked, {tally.checkpoints} signed checkpoints"
    if tally.disposed:
        covered += f", {tally.disposed} records whose content was disposed of"
    click.echo(f"{covered}: {'no fault found' if not faults else f'{faults} faults found'}.")
    return 1 if faults else 0
