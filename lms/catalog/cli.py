"""``lms content``: check, draw, publish and exchange authored files. Exit code 0 fine, 1 refused, 2 wrong usage."""

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
from lms.catalog.exchange.bank import Bank, CannotExchange, read_bank
from lms.catalog.exchange.formats import FORMATS, export_bank, import_file
from lms.catalog.maps import draw_scenario
from lms.db import db
from lms.errors import RollcallError

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT = click.Path(dir_okay=False, path_type=Path)


@click.group()
def content() -> None:
    """Check, draw, preview, publish and exchange the authored content of a course."""


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


@content.command()
@click.argument("path", type=FOLDER)
@click.option("--format", "form", type=click.Choice(FORMATS), required=True, help="The format to write.")
@click.option("--out", type=OUT, required=True, help="The file to write.")
@click.option("--module", help="Only the items of this module, such as 3.")
@click.option("--force", is_flag=True, help="Overwrite the file.")
def export(path: Path, form: str, out: Path, module: str | None, force: bool) -> None:
    """Write the item bank of the course in PATH for another system."""
    try:
        bank = read_bank(path, module)
        if not isinstance(bank, Bank):
            _refuse(path, bank, "exported")
        _write(out, export_bank(bank, form), force)
    except CannotExchange as error:
        _stop(error.message)
    click.echo(f"Wrote {_count(len(bank.items), 'item')} to {out.as_posix()}.")


@content.command("import")
@click.argument("file", type=FILE)
@click.option("--format", "form", type=click.Choice(FORMATS), help="The format; told from the file if not given.")
@click.option("--out", type=OUT, required=True, help="The bank.yaml to write.")
@click.option("--module", help="Only the questions that are tagged for this module, such as 3.")
@click.option("--force", is_flag=True, help="Overwrite the bank.yaml.")
def import_(file: Path, form: str | None, out: Path, module: str | None, force: bool) -> None:
    """Make a bank.yaml of the questions in FILE; what cannot be kept comes as file:line: place: what it is."""
    try:
        found = import_file(file, form, module)
        for note in found.notes:
            click.echo(str(note))
        if not found.items:
            _stop(f"{file.as_posix()} holds no question that can be kept. Nothing was written.")
        _write(out, found.text.encode(), force)
    except CannotExchange as error:
        _stop(error.message)
    kept, notes = _count(len(found.items), "item"), _count(len(found.notes), "note")
    click.echo(f"Wrote {kept} to {out.as_posix()}. {notes if notes[0] != '0' else 'No notes'}.", err=True)


def _refuse(path: Path, faults: list[ContentFault], done: str = "published") -> NoReturn:
    for fault in faults:
        click.echo(f"{path.as_posix()}/{fault}")
    count = sum(not fault.is_note for fault in faults)
    _stop(f"{_count(count, 'fault')}. Nothing was {done}.")


def _stop(message: str) -> NoReturn:
    click.echo(message, err=True)
    raise SystemExit(1)


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _write(out: Path, data: bytes, force: bool) -> None:
    """Writes a file; without ``force`` never over another, not even one that appears in this moment."""
    try:
        with out.open("wb" if force else "xb") as opened:
            opened.write(data)
    except FileExistsError:
        raise CannotExchange(f"{out.as_posix()} exists already. Nothing was written; --force overwrites it.") from None
    except OSError as error:
        raise CannotExchange(f"{out.as_posix()} cannot be written ({error.strerror}).") from None
