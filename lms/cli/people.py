"""``lms people``: new people from a CSV file, all of them or none; changes of status stand in ``people_status``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import cast

import click

from lms.cli.apps import load_ready_settings, open_app
from lms.cli.people_file import Line, LineFault, in_order, read_people
from lms.cli.people_status import cancel_leave, come_back, leave, rehire, rename, separate


@click.group()
def people() -> None:
    """Import people from a file, and record leave, return, separation, rehire and names."""


for _command in (leave, cancel_leave, come_back, separate, rehire, rename):
    people.add_command(_command)


@people.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--invite", is_flag=True, help="Send each new person a link to set a password.")
@click.option("--new-units", is_flag=True, help="Make the units of FILE that do not exist yet.")
def import_people(file: Path, dry_run: bool, invite: bool, new_units: bool) -> None:
    """Add the people in FILE, a CSV file in UTF-8.

    Its columns: badge, email, given_name, family_name, rank, unit, hired_on (2026-03-01), supervisor_badge. People
    who are on the roster already are left as they are. Every fault is named at once, and one refuses the whole file.
    """
    settings = load_ready_settings()
    from lms import clock

    today = clock.today(settings.timezone)
    lines, faults = read_people(file, today)
    with open_app(settings):
        from lms.db import db

        faults += faults_against_roster(lines, today)
        new = [line for line in lines if line.person_id is None]
        units = unknown_units(new)
        if not new_units:
            faults += unit_faults(new, units)
        if faults:
            refuse(file, faults)
        for line in in_order(new):
            add(line)
        if invite and not dry_run:
            send_invitations(new, today)
        (db.session.rollback if dry_run else db.session.commit)()
    say_units(units, dry_run=dry_run)
    say_done(len(new), len(lines) - len(new), dry_run=dry_run, invited=invite)


def refuse(file: Path, faults: list[LineFault]) -> None:
    """Prints every fault with its line, and ends with exit code 1."""
    for fault in sorted(faults, key=lambda fault: fault.line):
        click.echo(f"{file}:{fault.line}: {fault.message}")
    click.echo(f"{len(faults)} {'fault' if len(faults) == 1 else 'faults'}. Nobody was imported.", err=True)
    raise SystemExit(1)


def faults_against_roster(lines: list[Line], today: date) -> list[LineFault]:
    """Marks the lines of people who are on the roster; names those that do not fit it."""
    from lms.roster.queries import find_person_by_badge_or_email, find_person_by_email

    faults: list[LineFault] = []
    listed = {line.badge for line in lines}
    for line in lines:
        same_badge, same_email = find_person_by_badge_or_email(line.badge), find_person_by_email(line.email)
        if same_badge is not None and same_email is not None and same_badge.id == same_email.id:
            line.person_id = same_badge.id
        else:
            if same_badge is not None:
                faults.append(LineFault(line.number, f"badge {line.badge} is {same_badge.full_name}'s already"))
            if same_email is not None:
                faults.append(LineFault(line.number, f"email {line.email} is {same_email.full_name}'s already"))
        if line.supervisor_badge and line.supervisor_badge not in listed:
            faults += supervisor_faults(line, today)
    return faults


def supervisor_faults(line: Line, today: date) -> Iterator[LineFault]:
    """What is wrong with a supervisor who is not in the file."""
    from lms.roster.queries import find_person_by_badge_or_email
    from lms.roster.rules import is_separated

    badge = line.supervisor_badge
    supervisor = find_person_by_badge_or_email(badge)
    if supervisor is None:
        yield LineFault(line.number, f"supervisor_badge {badge} is neither here nor on the roster")
    elif is_separated(supervisor.separated_on, supervisor.rehired_on, today):
        yield LineFault(line.number, f"supervisor_badge {badge} is {supervisor.full_name}'s, who left")


def unknown_units(new: list[Line]) -> dict[str, int]:
    """The units of new people that do not exist yet, each with how many people it would have."""
    from lms.roster.queries import list_units

    known = {unit.name for unit in list_units()}
    return dict(Counter(line.unit for line in new if line.unit and line.unit not in known))


def unit_faults(new: list[Line], units: Mapping[str, int]) -> Iterator[LineFault]:
    """The lines with a unit that does not exist: a slip in a name must not make one."""
    from lms.roster.queries import list_units

    known = {unit.name.casefold(): unit.name for unit in list_units()}
    for line in new:
        if line.unit in units:
            near = get_close_matches(line.unit.casefold(), known, 1)
            hint = f"; is it {known[near[0]]}?" if near else "; --new-units makes it"
            yield LineFault(line.number, f"unit {line.unit} does not exist{hint}")


def add(line: Line) -> None:
    """Adds one person; supervisors come before their people."""
    from lms.roster import actions
    from lms.roster.queries import find_person_by_badge_or_email

    supervisor = find_person_by_badge_or_email(line.supervisor_badge) if line.supervisor_badge else None
    person = actions.add_person(
        badge=line.badge,
        email=line.email,
        given_name=line.given_name,
        family_name=line.family_name,
        rank=line.rank,
        unit=actions.add_unit(line.unit),
        hired_on=cast(date, line.hired_on),
        supervisor=supervisor,
    )
    line.person_id = person.id


def send_invitations(new: list[Line], today: date) -> None:
    """Puts a letter with a one-time link for each into the outbox; the worker sends it."""
    from flask import current_app

    from lms.auth import actions, rules
    from lms.auth.emails import invitation
    from lms.notify.rules import Letter
    from lms.roster.queries import get_person
    from lms.web.context import settings

    path = next(r for r in current_app.url_map.iter_rules() if r.endpoint == "auth.set_password_by_link")
    for line in new:
        person = get_person(line.person_id or 0)

        def compose(token: str, name: str = person.given_name) -> Letter:
            built = path.build({"token": token})
            link = settings().public_url + (built[1] if built else "")
            return invitation(name=name, link=link, department=settings().department, days=rules.INVITATION_LINK.days)

        actions.send_link(person, lifetime=rules.INVITATION_LINK, compose=compose, today=today)


def say_units(units: Mapping[str, int], *, dry_run: bool) -> None:
    """The units that were made, or would be."""
    for name, count in sorted(units.items()):
        persons = "1 person" if count == 1 else f"{count} people"
        click.echo(f"{'New unit, to be made' if dry_run else 'New unit'}: {name} ({persons})")


def say_done(new: int, known: int, *, dry_run: bool, invited: bool) -> None:
    """What was done, or would be."""
    persons = "1 person" if new == 1 else f"{new} people"
    if dry_run:
        click.echo(f"{persons} would be added; {known} are on the roster already. Nothing was changed.")
        return
    letters = " Each gets a letter with a link." if invited and new else ""
    click.echo(f"{persons} added; {known} were on the roster already.{letters}")
