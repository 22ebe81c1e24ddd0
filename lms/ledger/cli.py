"""What ``lms ledger verify`` does; the command itself is put together in ``lms.cli``, with the features' checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import click

from lms.ledger.verify import Fault, Tally, renew_snapshot, snapshot, verify_log

CrossCheck = Callable[[], Iterable[Fault]]
"""A higher feature's check of its own rows against the records, through ``iter_disclosed``."""


def run_verify(cross_checks: Iterable[CrossCheck] = ()) -> int:
    """Audits every log, then the rows that the features keep; prints, and gives the exit code (0 or 1)."""
    tally, faults = Tally(), 0
    checks = [("the ledger", lambda: verify_log(tally=tally)), *((_rows_of(check), check) for check in cross_checks)]
    with snapshot():
        for name, check in checks:
            for fault in _to_its_end(name, check):
                click.echo(f"FAULT: {fault}")
                faults += 1
    for note in tally.notes:
        click.echo(f"NOTE: {note}")
    covered = f"{tally.records} records checked, {tally.checkpoints} signed checkpoints"
    if tally.disposed:
        covered += f", {tally.disposed} records whose content was disposed of"
    click.echo(f"{covered}: {'no fault found' if not faults else f'{faults} faults found'}.")
    return 1 if faults else 0


def _to_its_end(name: str, check: CrossCheck) -> Iterator[Fault]:
    """A check's faults; a database so damaged that the check cannot go on is a fault itself, and the others go on."""
    try:
        yield from check()
    except Exception as error:
        renew_snapshot()
        reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        what = f"The check could not go on; the database may be damaged: {type(error).__name__}: {reason}"
        yield Fault(None, None, name, what)


def _rows_of(check: CrossCheck) -> str:
    """What a check is about: ``the rows of roster`` for ``lms.roster.evidence.check_rows``."""
    parts = check.__module__.split(".")
    return f"the rows of {parts[1] if len(parts) > 1 else parts[0]}"
