"""``lms content``: check authored files, draw their scenarios, publish them.

Exit code 0 fine, 1 refused, 2 wrong usage.
"""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import click

from lms.catalog.actions import ContentRefused, publish_course
from lms.catalog.content.check import CheckedCourse, check_course
from lms.catalog.content.draft import read_draft
from lms.catalog.content.faults import ContentFault
from lms.catalog.content.json_schema import write_schemas
from lms.catalog.content.report import report_lines
from lms.catalog.maps import draw_scenario
from lms.db import db
from lms.errors import RollcallError

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def content() -> None:
    """Check, draw and publish the authored content of a course."""


@content.command()
@click.argument("path", type=FOLDER)
def check(path: Path) -> None:
    """Check the course in PATH; every fault comes as file:line: place: what is wrong."""
    checked = check_course(path)
    if not isinstance(checked, CheckedCourse):
        _refuse(path, checked)
    click.echo("\n".join(report_lines(checked)))


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


@content.command()
@click.option("--write", "folder", type=click.Path(file_okay=False, path_type=Path), required=True, metavar="DIR")
def schema(folder: Path) -> None:
    """Write a JSON Schema of each kind of content file into DIR, for editors."""
    try:
        for path in write_schemas(folder):
            click.echo(path.as_posix())
    except OSError as error:
        click.echo(f"{folder} cannot be written ({error.strerror}).", err=True)
        raise SystemExit(1) from None


@content.command(name="map")
@click.argument("path", type=FOLDER)
@click.option("--scenario", metavar="ID", help="Draw this scenario alone.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("maps"), show_default=True)
def draw_maps(path: Path, scenario: str | None, out: Path) -> None:
    """Draw each scenario of the course in PATH as a map (SVG): its scenes, and the ways that choices open."""
    entries = [entry for entry in read_draft(path).scenarios if scenario in (None, entry.ref)]
    if not entries:
        what = f"no scenario {scenario}" if scenario else "no scenarios that could be drawn"
        click.echo(f"There is {what} in {path.as_posix()}. Run “lms content check” to see what is wrong.", err=True)
        raise SystemExit(1)
    out.mkdir(parents=True, exist_ok=True)
    unread = 0
    for entry in entries:
        if entry.content is None:
            unread += 1
            click.echo(f"{path.as_posix()}/{entry.file}:{entry.first}: {entry.ref} cannot be drawn yet.", err=True)
            continue
        file = out / f"{entry.ref}.svg"
        file.write_text(draw_scenario(entry.content), encoding="utf-8", newline="\n")
        click.echo(file.as_posix())
    if unread:
        click.echo("Run “lms content check” to see what is wrong.", err=True)
        raise SystemExit(1)


def _refuse(path: Path, faults: list[ContentFault]) -> NoReturn:
    for fault in faults:
        click.echo(f"{path.as_posix()}/{fault}")
    count = sum(not fault.is_note for fault in faults)
    click.echo(f"{count} {'fault' if count == 1 else 'faults'}. Nothing was published.", err=True)
    raise SystemExit(1)
