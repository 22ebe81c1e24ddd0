"""``lms people leave``, ``return``, ``separate`` …: changes of one person's status, each with its ledger record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from lms.cli.apps import load_ready_settings, open_app
from lms.roster.rules import LEAVE_KINDS

if TYPE_CHECKING:
    from lms.roster.models import Person


class Day(click.ParamType):  # type: ignore[type-arg] # it is generic to the checker alone
    """A date such as 2026-03-01."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Reads the date. Ends with exit code 2 where there is none."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date such as 2026-03-01.", param, ctx)


DAY = Day()


@contextmanager
def changing(name: str) -> Iterator[Person]:
    """The person of this badge or email address; what is changed is committed at the end. Raises NotFound."""
    with open_app(load_ready_settings()):
        from lms.db import db
        from lms.errors import NotFound
        from lms.roster.queries import find_person_by_badge_or_email

        person = find_person_by_badge_or_email(name)
        if person is None:
            raise NotFound(f"Nobody on the roster has the badge or email address {name}. Nothing was changed.")
        yield person
        db.session.commit()


@click.command()
@click.argument("person")
@click.option("--kind", required=True, type=click.Choice(tuple(LEAVE_KINDS)), help="HR alone sees it.")
@click.option("--from", "starts_on", required=True, type=DAY, help="First day away.")
@click.option("--until", "ends_on", type=DAY, help="Last day away; leave it out while that is not known.")
@click.option("--note", default="", help="HR alone sees it.")
def leave(person: str, kind: str, starts_on: date, ends_on: date | None, note: str) -> None:
    """Record a time away of PERSON, a badge or email address."""
    with changing(person) as found:
        from lms.roster.actions import record_leave

        record_leave(found, kind=kind, starts_on=starts_on, ends_on=ends_on, note=note, by=None)
        until = f"until {ends_on}" if ends_on else "until a return is recorded"
        said = f"{found.full_name} is on leave from {starts_on} {until}."
    click.echo(said)


@click.command("cancel-leave")
@click.argument("person")
@click.option("--from", "starts_on", required=True, type=DAY, help="First day away, as it was recorded.")
def cancel_leave(person: str, starts_on: date) -> None:
    """Take back a leave of PERSON that has not begun."""
    with changing(person) as found:
        from lms.errors import NotFound
        from lms.roster import actions
        from lms.roster.queries import list_leaves
        from lms.web.context import today

        planned = next((leave for leave in list_leaves(found.id) if leave.starts_on == starts_on), None)
        if planned is None:
            raise NotFound(f"{found.full_name} has no leave that begins on {starts_on}. Nothing was changed.")
        actions.cancel_leave(found, planned.id, today(), by=None)
        said = f"The leave of {found.full_name} from {starts_on} is cancelled."
    click.echo(said)


@click.command("return")
@click.argument("person")
@click.option("--on", "back_on", required=True, type=DAY, help="First day back at work.")
def come_back(person: str, back_on: date) -> None:
    """End the leave of PERSON; the worker gives the days back to open training."""
    with changing(person) as found:
        from lms.roster.actions import return_from_leave

        return_from_leave(found, back_on, by=None)
        said = f"{found.full_name} is back on {back_on}."
    click.echo(said)


@click.command()
@click.argument("person")
@click.option("--on", "separated_on", required=True, type=DAY, help="Last day of service.")
def separate(person: str, separated_on: date) -> None:
    """Record the last day of service of PERSON, and sign them out; all records stay."""
    with changing(person) as found:
        from lms.auth.actions import revoke_sessions
        from lms.roster.actions import separate_person
        from lms.web.context import today

        separate_person(found, separated_on, by=None, today=today())
        revoke_sessions(found)
        said = f"The last day of service of {found.full_name} is {separated_on}."
    click.echo(said)


@click.command()
@click.argument("person")
@click.option("--on", "rehired_on", required=True, type=DAY, help="First day back in service.")
def rehire(person: str, rehired_on: date) -> None:
    """Record the return to service of PERSON, who had left. Roles are not given back."""
    with changing(person) as found:
        from lms.roster.actions import rehire_person

        rehire_person(found, rehired_on, by=None)
        said = f"{found.full_name} is in service again from {rehired_on}."
    click.echo(said)


@click.command()
@click.argument("person")
@click.option("--given", "given_name", help="New first name.")
@click.option("--family", "family_name", help="New last name.")
def rename(person: str, given_name: str | None, family_name: str | None) -> None:
    """Give PERSON another name; a search finds the former one, too."""
    if given_name is None and family_name is None:
        raise click.UsageError("Give --given, --family, or both.")
    with changing(person) as found:
        from lms.roster.actions import rename_person

        before = found.full_name
        given, family = given_name or found.given_name, family_name or found.family_name
        rename_person(found, given, family, by=None)
        said = (
            f"{before} is {found.full_name} now." if found.full_name != before else f"{before} has that name already."
        )
    click.echo(said)
