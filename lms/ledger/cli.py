"""What ``lms ledger verify`` and ``status`` do; ``lms.cli`` makes the commands, with the features' checks."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import click

from lms.ledger.anchors import words
from lms.ledger.anchors.standing import Standing
from lms.ledger.limits import CAN, CANNOT
from lms.ledger.verify import Fault, Tally, renew_snapshot, snapshot, verify_log

MARKS = {"ok": "ok    ", "waiting": "wait  ", "bad": "FAULT "}
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
    if tally.stamps:
        covered += f", {tally.stamps} time stamps verified"
    if tally.letters:
        covered += f", {tally.letters} checkpoint letters sent"
    for authority, count in tally.unverified.items():
        click.echo(
            f"NOTE: {count} time stamps of {authority} are kept but cannot be verified here: no root certificate of "
            "this authority is on file. “lms ledger status” says where to put it."
        )
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


def print_status(standing: Standing) -> None:
    """Prints how much is anchored, by whom, since when, what is at risk, the keys, and the limits of it all."""
    click.echo(f"Log {standing.origin}, opened {in_utc(standing.opened_at)}\n")
    for line in words.lines(standing, in_utc):
        click.echo(f"{MARKS[line.result]}  {line.title}")
        if line.detail:
            click.echo(textwrap.indent(textwrap.fill(line.detail, 100, break_long_words=False), "        "))
    if standing.witnesses:
        click.echo("\nWitnesses outside")
    for witness in standing.witnesses:
        last = "never yet" if witness.last_at is None else f"last on {in_utc(witness.last_at)}"
        covers = f", {witness.size:,} records" if witness.size else ""
        click.echo(
            f"  {witness.name}: {words.state_of(witness)[1]}; {words.many(witness.anchors, 'anchor')}, {last}{covers}"
        )
    click.echo("\nSigning keys (compare each fingerprint with the one on the paper in your safe)")
    for key in standing.keys:
        click.echo(f"  {words.key_state(key, in_utc)}, made {in_utc(key.created_at)}\n    {key.fingerprint}")
        click.echo(f"    {key.verifier}")
    for title, sentences in (("What this can show", CAN), ("What it cannot", CANNOT)):
        click.echo(f"\n{title}")
        for sentence in sentences:
            click.echo(textwrap.fill(sentence, 100, initial_indent="  - ", subsequent_indent="    "))


def in_utc(moment: datetime) -> str:
    """2026-03-05 14:12 UTC."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"
