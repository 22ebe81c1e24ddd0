"""``lms content``: check authored files, and publish them. Exit code 0 fine, 1 refused, 2 wrong usage."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import click

from lms.catalog.actions import ContentRefused, publish_course
from lms.catalog.content.check import CheckedCourse, check_course
from lms.catalog.content.faults import ContentFault
from lms.db import db
from lms.errors import RollcallError

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def content() -> None:
    """Check and publish the authored content of a course."""


@content.command()
@click.argument("path", type=FOLDER)
def check(path: Path) -> None:
    """Check the course in PATH; every fault comes as file:line: place: what is wrong."""
    checked = check_course(path)
    if not isinstance(checked, CheckedCourse):
        _refuse(path, checked)
    click.echo("\n".join(summary_lines(checked)))


@content.command()
@click.argument("path", type=FOLDER)
def publish(path: Path) -> None:
    """Publish the course in PATH; unchanged files make no new version."""
    try:
        published = publish_course(path)
    except ContentRefused as refused:
        db.session.rollback()
        _refuse(path, refused.faults)
    except RollcallError as error:
        db.session.rollback()
        click.echo(error.message, err=True)
        raise SystemExit(1) from None
    version = published.course_version
    name = f"{version.course.slug}, version {version.number} ({version.sha256[:12]})"
    db.session.commit()
    click.echo(f"Published {name}." if published.new else f"Unchanged: {name} is current.")


def summary_lines(checked: CheckedCourse) -> list[str]:
    """What a course without faults holds, and how its bank covers each unit."""
    policy = checked.policy
    taught = sum(clause.taught for clause in policy.clauses)
    items = checked.count("item")
    permitted = sum(unit.permitted for unit in checked.coverage)
    width = max(len(f"{unit.unit}  {unit.title}") for unit in checked.coverage)
    return [
        f"{checked.slug}: {checked.title}. No faults.",
        f"Policy {policy.number}, {policy.title}, revised {policy.revised_on}: "
        f"{len(policy.clauses)} clauses, {taught} taught.",
        f"{checked.count('module')} modules, {checked.count('scenario')} scenarios, {items} items "
        f"({permitted * 100 // items} percent permitted), {checked.count('form')} capstone forms.",
        "",
        f"{'Unit':<{width}}  Items  Permitted",
        *(f"{f'{u.unit}  {u.title}':<{width}}  {u.items:>5}  {u.permitted:>9}" for u in checked.coverage),
    ]


def _refuse(path: Path, faults: list[ContentFault]) -> NoReturn:
    for fault in faults:
        click.echo(f"{path.as_posix()}/{fault}")
    count = sum(not fault.is_note for fault in faults)
    click.echo(f"{count} {'fault' if count == 1 else 'faults'}. Nothing was published.", err=True)
    raise SystemExit(1)
