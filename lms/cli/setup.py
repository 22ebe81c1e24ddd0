"""``lms init``: everything that a new instance needs. Running it again adds what is missing and says what is there."""

from __future__ import annotations

import os
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from config import Settings, SettingsError, read_env_file
from lms.cli.apps import load_settings, open_app

SETTING_OPTIONS = {
    "department": "LMS_DEPARTMENT",
    "timezone": "LMS_TIMEZONE",
    "public_url": "LMS_PUBLIC_URL",
    "database_url": "LMS_DATABASE_URL",
    "ledger_origin": "LMS_LEDGER_ORIGIN",
    "smtp_url": "LMS_SMTP_URL",
    "mail_from": "LMS_MAIL_FROM",
}
COURSE = "sop-110"


@dataclass(frozen=True, slots=True)
class NewAdministrator:
    """The first administrator, as given on the command line or typed in."""

    email: str
    name: str
    badge: str
    password: str

    @property
    def names(self) -> tuple[str, str]:
        """Given name and family name: the last word is the family's."""
        given, _, family = self.name.strip().rpartition(" ")
        return given or family, family


@click.command()
@click.option("--department", help="The department's name, as the pages show it.")
@click.option("--timezone", help="Its time zone, such as America/New_York.")
@click.option("--public-url", help="The address that people type; links in letters begin with it.")
@click.option("--database-url", help="postgresql://… ; without it an SQLite file in the instance folder.")
@click.option("--ledger-origin", help="Name of the record of evidence, such as police.example.gov/log.")
@click.option("--smtp-url", help="smtp://… ; without it letters are written as .eml files.")
@click.option("--mail-from", help="Sender of letters: Name <address>.")
@click.option("--admin-email", help="Email address of the first administrator.")
@click.option("--admin-name", help="Given and family name.")
@click.option("--admin-badge", help="Badge or employee number.")
@click.option("--admin-password", help="Password. Other users of this machine may see it; see --password-stdin.")
@click.option("--password-stdin", is_flag=True, help="Read the administrator's password from standard input.")
@click.option("--no-course", is_flag=True, help="Publish no course and set no requirements.")
def init(
    *,
    admin_email: str | None,
    admin_name: str | None,
    admin_badge: str | None,
    admin_password: str | None,
    password_stdin: bool,
    no_course: bool,
    **chosen: str | None,
) -> None:
    """Make the instance folder, database, keys and first administrator.

    Asks for what is missing only on a terminal. Running it again is safe.
    """
    if password_stdin:
        admin_password = sys.stdin.readline().rstrip("\r\n")
    given = {"email": admin_email, "name": admin_name, "badge": admin_badge, "password": admin_password}
    settings = load_settings()
    if not settings.secret_key:
        given = ask_for_missing(given)
    make_folder(settings.instance, {k: v for k, v in chosen.items() if v})
    settings = load_settings()
    say(f"Settings are in {settings.instance}.")
    with open_app(settings):
        prepare_database(settings)
        add_administrator(given, settings)
        if not no_course:
            publish_first_course()
        seal_first()
    say(f"Done. Next: lms --instance {settings.instance} serve --with-worker")


def ask_for_missing(given: dict[str, str | None]) -> dict[str, str | None]:
    """Prompts on a terminal. Raises UsageError (exit code 2) elsewhere, so that a script never hangs."""
    missing = [name for name, value in given.items() if not value]
    if not missing:
        return given
    if not sys.stdin.isatty():
        flags = ", ".join(
            "--admin-password or --password-stdin" if n == "password" else f"--admin-{n}" for n in missing
        )
        raise click.UsageError(f"The first administrator is missing. Give {flags}.")
    labels = {
        "email": "Administrator's email address",
        "name": "Administrator's name",
        "badge": "Badge or employee number",
        "password": "Password",
    }
    for name in missing:
        hidden = name == "password"
        given[name] = click.prompt(labels[name], hide_input=hidden, confirmation_prompt=hidden)
    return given


def make_folder(instance: Path, chosen: dict[str, str]) -> None:
    """Makes the folder, ``secret.key`` (mode 0600) and the lines of ``settings.env`` that were chosen.

    Raises SettingsError where the file says something else than what is given now: nothing is overwritten.
    """
    instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = instance / "settings.env"
    stands = read_env_file(path)
    wanted = {SETTING_OPTIONS[name]: value for name, value in chosen.items()}
    for name, value in wanted.items():
        if "\n" in value:
            raise SettingsError(f"{name} must be one line.")
        if stands.get(name, value) != value:
            raise SettingsError(f"{path} says {name}={stands[name]}. Change it there; init overwrites no setting.")
    Settings.load({**os.environ, **wanted}, instance=instance)
    new = {name: value for name, value in wanted.items() if name not in stands}
    if new or not path.exists():
        before = path.read_text(encoding="utf-8") if path.exists() else "# Settings of this Rollcall; see docs.\n"
        write_private(path, before + "".join(f"{name}={value}\n" for name, value in new.items()))
    if not (instance / "secret.key").exists():
        write_private(instance / "secret.key", secrets.token_urlsafe(48) + "\n")


def write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner can read, whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def prepare_database(settings: Settings) -> None:
    """Migrates to the newest tables and opens the ledger's log with its first key."""
    from flask_migrate import upgrade

    from lms.db import db
    from lms.ledger.actions import open_log
    from lms.ledger.queries import find_log
    from lms.training.actions import record_satisfied_before

    unrecorded = _has_unrecorded_satisfied()
    upgrade()
    say(f"The database {safe_address(settings.database_url)} is up to date.")
    is_open = find_log() is not None
    db.session.rollback()
    log = open_log()
    origin = log.origin
    if unrecorded and (count := record_satisfied_before()):
        say(f"Recorded on the ledger which assignments another one had satisfied: {count}.")
    db.session.commit()
    how = "already" if is_open else f"now; its first key is in {settings.ledger_folder}"
    say(f"The ledger {origin} is open {how}.")


def _has_unrecorded_satisfied() -> bool:
    """Whether this is a database from before migration 0003: there an assignment names no record that ended it."""
    from sqlalchemy import inspect

    from lms.db import db

    found = inspect(db.engine)
    if not found.has_table("assignment"):
        return False
    return all(column["name"] != "closed_record_id" for column in found.get_columns("assignment"))


def add_administrator(given: dict[str, str | None], settings: Settings) -> None:
    """Adds the first administrator; where one exists, nobody is added."""
    from lms.db import db
    from lms.roster.permissions import ADMINISTRATOR
    from lms.roster.queries import list_people_with_role

    existing = list_people_with_role(ADMINISTRATOR)
    if existing:
        say(f"The administrator is {existing[0].full_name} ({existing[0].email}); nobody was added.")
        db.session.rollback()
        return
    db.session.rollback()
    wanted = ask_for_missing(given)
    new = NewAdministrator(**{name: str(value) for name, value in wanted.items()})
    _write_administrator(new, settings)
    db.session.commit()
    say(f"{new.name} can sign in as administrator with {new.email}.")


def _write_administrator(new: NewAdministrator, settings: Settings) -> None:
    from lms import clock
    from lms.auth.actions import set_password
    from lms.roster import actions
    from lms.roster.permissions import ADMINISTRATOR

    given_name, family_name = new.names
    person = actions.add_person(
        badge=new.badge,
        email=new.email,
        given_name=given_name,
        family_name=family_name,
        rank="Administrator",
        unit=actions.add_unit("Administration"),
        hired_on=clock.today(settings.timezone),
    )
    actions.grant_role(person, ADMINISTRATOR, by=None)
    set_password(person, new.password, by=None, department=settings.department)


def publish_first_course() -> None:
    """Publishes the training on SOP 110 and sets its default requirements, once."""
    from lms import resources
    from lms.catalog.actions import publish_course
    from lms.catalog.queries import find_course
    from lms.db import db
    from lms.schedule.actions import set_default_requirements

    if find_course(COURSE) is not None:
        say(f"The course {COURSE} is published already. New content: lms content publish PATH")
        db.session.rollback()
        return
    db.session.rollback()
    version = publish_course(resources.folder("quizzes") / COURSE).course_version
    set_default_requirements(by=None)
    title = version.title
    db.session.commit()
    say(f"The course “{title}” is published, with its on-hire, annual, biennial and spaced requirements.")


def seal_first() -> None:
    """Signs a checkpoint over what was just recorded, so that receipts can be proved from the first minute."""
    from lms.db import db
    from lms.ledger.actions import seal_checkpoint

    checkpoint = seal_checkpoint()
    if checkpoint is not None:
        size = checkpoint.size
        db.session.commit()
        say(f"A checkpoint over {size} records is signed.")
    db.session.rollback()


def safe_address(url: str) -> str:
    """A database's address without its password."""
    from sqlalchemy.engine import make_url

    return make_url(url).render_as_string(hide_password=True)


def say(text: str) -> None:
    """One line of progress."""
    click.echo(text)
