"""``lms records``: bundles of evidence for somebody outside. Exit code 0 done, 1 refused, 2 wrong usage."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from lms.errors import Conflict, Invalid, NotFound, RollcallError
from lms.records.actions import request_bundle, write_bundle
from lms.records.bundle.place import folders
from lms.records.bundle.redaction import LARGEST_FILE
from lms.records.bundle.selection import Selection
from lms.roster.models import Person
from lms.roster.queries import find_person_by_badge_or_email
from lms.web.context import settings

DAY = click.DateTime(["%Y-%m-%d"])
PURPOSE = "Made by the command of the server"


@click.group()
def records() -> None:
    """Make a bundle of evidence for somebody outside."""


@records.command()
@click.option("--person", "badge", metavar="BADGE", help="All records about this person (badge or email address).")
@click.option("--since", type=DAY, metavar="DATE", help="First day of a period, such as 2026-03-01.")
@click.option("--until", type=DAY, metavar="DATE", help="Last day of the period.")
@click.option("--redact", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Fields to withhold.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The zip file to write.")
@click.option("--purpose", default=PURPOSE, help="What it is for; kept on the ledger.")
@click.option("--by", metavar="BADGE", help="Who asks; then it is a look that the person can read, too.")
@click.option(
    "--at", "size", type=click.IntRange(min=1), help="Size of an earlier checkpoint, for the same bytes again."
)
@click.option("--force", is_flag=True, help="Overwrite the file.")
def bundle(  # noqa: PLR0917 - one parameter for each option
    badge: str | None,
    since: datetime | None,
    until: datetime | None,
    redact: Path | None,
    out: Path,
    purpose: str,
    by: str | None,
    size: int | None,
    force: bool,
) -> None:
    """Write one file with records, proofs and all that it takes to check them without this program."""
    if (badge is None) == (since is None) or (since is None) != (until is None):
        raise click.UsageError("Give --person, or --since and --until.")
    if out.exists() and not force:
        raise Conflict(f"{out} exists already. Nothing was written; --force overwrites it.")
    zone = settings().timezone
    period = None if since is None or until is None else Selection.of_period(since.date(), until.date(), zone)
    wanted = request_bundle(
        None if by is None else _person(by),
        person=None if badge is None else _person(badge),
        period=period,
        zone=zone,
        purpose=purpose,
        redaction="" if redact is None else _read(redact),
        at_once=True,
    )
    try:
        made = write_bundle(wanted, out, folders(), size)
    except OSError as error:
        raise RollcallError(f"{out} cannot be written ({error.strerror}). Nothing was kept.") from error
    click.echo(f"Wrote {made.count} records to {out}, over the checkpoint of size {made.size} of {made.log}.")
    click.echo(f"SHA-256 {made.sha256}. That it left is record {made.record_id}.")
    if made.withheld:
        click.echo(f"{made.withheld} fields are withheld.")


def _person(name: str) -> Person:
    found = find_person_by_badge_or_email(name)
    if found is None:
        raise NotFound(f"Nobody on the roster has the badge or email address {name}.")
    return found


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(LARGEST_FILE + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{path} cannot be read as text.") from error
    if not text.strip():
        raise Invalid(f"{path} is empty.")
    return text
