"""What happens to the roster and on the desks: leaves, separations, extensions, waivers, looks, an export."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from random import Random

from sqlalchemy import select

from lms import clock
from lms.assessment.actions import unlock_attempt
from lms.assessment.queries import list_waiting_conversations
from lms.dates import add_years
from lms.db import db
from lms.demo import signing
from lms.demo.agenda import Process
from lms.demo.cast import Fate
from lms.demo.department import Member
from lms.demo.office import Office
from lms.demo.words import (
    CREDIT,
    CREDIT_AGAIN,
    EXPORT_PURPOSE,
    EXTENSIONS,
    LEAVE_NOTES,
    LOOK_PURPOSES,
    QUESTIONS,
    UNLOCK_NOTES,
    WAIVERS,
)
from lms.records.actions import look_at, record_export
from lms.records.export import CSV_HEADER, export_cells
from lms.records.queries import iter_attestations
from lms.records.rules import period_moments
from lms.roster import actions as roster
from lms.schedule.actions import send_reminders
from lms.schedule.jobs import give_back_leave_job, sender
from lms.training.actions import extend_assignment, waive_assignment
from lms.training.models import Assignment
from lms.training.queries import get_assignment
from lms.web.csv_files import csv_bytes

NEW_FAMILY_NAMES = ("Bergeron", "Hollis", "Castonguay")
PATIENCE_DAYS = 3
"""A conversation takes place some days after the second failed attempt."""


def schedule_roster(office: Office, days: int) -> None:
    """Puts leaves, separations, returns and a change of name on the agenda, within a history of ``days`` days."""
    random = Random(f"{office.seed}:roster")  # noqa: S311
    for number, member in enumerate(office.with_fate(Fate.LEFT)):
        _leave_for_good(office, member, round(days * (0.88 - 0.8 * ((number * 37) % 10) / 10)))
    for member in office.with_fate(Fate.REHIRED):
        _leave_for_good(office, member, round(days * 0.6))
        _come_back(office, member, round(days * 0.2))
    for number, member in enumerate(office.with_fate(Fate.DEPLOYED)):
        kind = ("military", "family")[number % 2]
        _take_leave(office, member, kind, round(days * 0.45), round(days * (0.3 - 0.1 * number)))
    for member in office.with_fate(Fate.MILITARY):
        _take_leave(office, member, "military", 70, -random.randrange(40, 90))
    for member in office.with_fate(Fate.MEDICAL):
        _take_leave(office, member, "medical", 21, None)
    for number, member in enumerate(office.with_fate(Fate.MARRIED)):
        _marry(office, member, round(days * 0.3), NEW_FAMILY_NAMES[number % len(NEW_FAMILY_NAMES)])


def _leave_for_good(office: Office, member: Member, days_ago: int) -> None:
    day = office.today - timedelta(days=days_ago)
    office.agenda.once(
        office.at(day, 15),
        lambda: roster.separate_person(office.person(member), day, office.person(office.find("hr")), today=day),
    )


def _come_back(office: Office, member: Member, days_ago: int) -> None:
    day = office.today - timedelta(days=days_ago)
    office.agenda.once(
        office.at(day, 8), lambda: roster.rehire_person(office.person(member), day, office.person(office.find("hr")))
    )


def _take_leave(office: Office, member: Member, kind: str, from_ago: int, until_ago: int | None) -> None:
    starts = office.today - timedelta(days=from_ago)
    ends = None if until_ago is None else office.today - timedelta(days=until_ago)
    office.agenda.once(
        office.at(starts, 7),
        lambda: roster.record_leave(
            office.person(member),
            kind=kind,
            starts_on=starts,
            ends_on=ends,
            note=LEAVE_NOTES[kind],
            by=office.person(office.find("hr")),
        ),
    )
    if ends is not None:
        office.agenda.once(office.at(ends + timedelta(days=1), 6), _give_back)


def _give_back() -> None:
    db.session.commit()
    give_back_leave_job(clock.now())


def _marry(office: Office, member: Member, days_ago: int, family: str) -> None:
    def act() -> None:
        person = office.person(member)
        roster.rename_person(person, person.given_name, family, office.person(office.find("hr")))

    office.agenda.once(office.at(office.today - timedelta(days=days_ago), 11), act)


def schedule_desks(office: Office, days: int) -> None:
    """Puts what the training sergeant and HR do by hand on the agenda."""
    for number, member in enumerate(office.with_fate(Fate.EXTENDED)):
        _on_current(office, member, 6 + number, partial(_extend, office, number))
    for number, member in enumerate(office.with_fate(Fate.WAIVED)):
        _on_current(office, member, 12 + number, partial(_waive, office, number))
    late = [member for member in office.members if member.fate is Fate.LATE]
    for member in late[:3]:
        _on_current(office, member, 2, _remind)
    office.agenda.add(clock.now() + timedelta(days=1), _sergeant(office))
    looked_at = [member for member in office.members if member.fate in (Fate.DONE, Fate.DECLINED, None)]
    for number, purpose in enumerate(LOOK_PURPOSES):
        ago = max(2, round(days * (0.7 - number * 0.14)))
        subject = looked_at[(number * 5) % len(looked_at)]
        moment = office.at(office.today - timedelta(days=ago), 10, 20)
        office.agenda.once(moment, partial(_look, office, subject, purpose))
    office.agenda.once(office.at(office.today - timedelta(days=round(days * 0.25)), 14), lambda: _export(office))


def _on_current(office: Office, member: Member, days_ago: int, act: Callable[[Assignment], None]) -> None:
    def run() -> None:
        row = db.session.scalar(
            select(Assignment.id)
            .where(Assignment.person_id == office.ids.get(member.number, 0), Assignment.closed_at.is_(None))
            .order_by(Assignment.due_on)
            .limit(1)
        )
        if row is not None:
            act(get_assignment(row))

    office.agenda.once(office.at(office.today - timedelta(days=days_ago), 13, 15), run)


def give_credit(office: Office, but_one_in: int = 0) -> None:
    """The training sergeant waives what is open for those who sat in the classroom: all, or all but one in so many."""
    sergeant = office.person(office.find("training_sergeant"))
    credited = [
        office.ids[member.number]
        for member in office.members
        if member.credit and (not but_one_in or member.number % but_one_in)
    ]
    rows = db.session.scalars(
        select(Assignment)
        .where(Assignment.person_id.in_(credited), Assignment.closed_at.is_(None))
        .order_by(Assignment.id)
    )
    for row in rows.all():
        waive_assignment(row, CREDIT_AGAIN if but_one_in else CREDIT, sergeant)


def _extend(office: Office, number: int, row: Assignment) -> None:
    until = row.due_on + timedelta(days=21 + 7 * number)
    extend_assignment(row, until, EXTENSIONS[number % len(EXTENSIONS)], office.person(office.find("training_sergeant")))


def _waive(office: Office, number: int, row: Assignment) -> None:
    waive_assignment(row, WAIVERS[number % len(WAIVERS)], office.person(office.find("training_sergeant")))


def _remind(row: Assignment) -> None:
    send_reminders([row], clock.now(), sender())


def _sergeant(office: Office) -> Process:
    """Answers questions and opens attempts after a conversation, every third day."""
    sergeant = office.ids[office.find("training_sergeant").number]
    waits_on = {office.ids[m.number] for m in office.members if m.fate is Fate.CONVERSATION and m.number in office.ids}
    talks = 0
    while True:
        signing.answer_oldest(sergeant, dict(QUESTIONS))
        for waiting in list_waiting_conversations():
            rested = clock.now() - waiting.last_finished_at > timedelta(days=PATIENCE_DAYS)
            if rested and waiting.person.id not in waits_on and waiting.person.id != sergeant:
                note = UNLOCK_NOTES[talks % len(UNLOCK_NOTES)]
                unlock_attempt(waiting.assignment, note, office.person(office.find("training_sergeant")))
                talks += 1
        yield clock.now() + timedelta(days=3)


def _look(office: Office, subject: Member, purpose: str) -> None:
    if subject.number in office.ids:
        look_at(office.person(office.find("hr")), office.person(subject), purpose)


def _export(office: Office) -> None:
    """Attestations of a year leave as the same file that the page would give."""
    since_on, until_on = add_years(office.today_now(), -1), office.today_now()
    period = period_moments(since_on, until_on, office.zone)
    rows = [export_cells(row, office.zone) for row in iter_attestations(*period)]
    record_export(
        office.person(office.find("hr")),
        since_on=since_on,
        until_on=until_on,
        purpose=EXPORT_PURPOSE,
        count=len(rows),
        sha256=hashlib.sha256(csv_bytes(CSV_HEADER, rows)).hexdigest(),
    )
