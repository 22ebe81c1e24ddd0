"""The history as a whole: the department begins, years go by, and today is reached."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from time import perf_counter

from lms import clock, resources
from lms.catalog.actions import publish_course
from lms.dates import add_years
from lms.db import db
from lms.demo.agenda import Agenda
from lms.demo.department import Member, plan_department
from lms.demo.events import give_credit, schedule_desks, schedule_roster
from lms.demo.office import Office
from lms.demo.scale import Say, Scale
from lms.jobs.registry import deliver_outbox
from lms.ledger.actions import open_log
from lms.ledger.jobs import seal_ledger_job
from lms.policy.jobs import flag_reviews_job
from lms.roster.models import Person
from lms.schedule.actions import set_default_requirements, set_requirement
from lms.schedule.jobs import give_back_leave_job, offer_spaced_job, open_cycles_job, send_reminders_job
from lms.schedule.rules import local_time
from lms.training.models import RequirementVersion
from lms.training.queries import list_current_requirements

COURSE = "sop-110"
OPENING_HOUR = 8
ACTS_A_COMMIT = 60
WEEKS_A_ROUND = 4
SECOND_CREDIT = timedelta(days=77)
"""Before the first anniversary: the second annual training is assigned by then, and not open yet."""
LETTER_DAYS = 8
"""Reminders are written and delivered for the last days only."""
DUE_AHEAD = range(14, 31)
"""Days from today to the annual due date, a 15th or the end of a month: most are done, and the others are due soon.
The classroom days (``SECOND_CREDIT``) lie after the opening of such a year."""


def make_history(scale: Scale, zone: str, say: Say) -> Office:
    """Runs the whole history up to ``scale.now`` in the running app, whose database is migrated and empty."""
    today = clock.local_date(scale.now, zone)
    first_day = add_years(today, -scale.years)
    agenda = Agenda(local_time(first_day, OPENING_HOUR + 1, zone), scale.now)
    members = plan_department(scale.people, scale.years, scale.seed, today)
    office = Office(members, agenda, scale.seed, zone, today)
    with clock.at(office.at(first_day, OPENING_HOUR)):
        _begin(office, first_day)
        schedule_roster(office, (today - first_day).days)
        schedule_desks(office, (today - first_day).days)
    _schedule_jobs(office, first_day)
    if scale.years > 2:
        agenda.once(office.at(add_years(first_day, 1) - SECOND_CREDIT, 13), partial(give_credit, office))
        agenda.once(office.at(add_years(first_day, 2) - SECOND_CREDIT, 13), partial(give_credit, office, but_one_in=4))
    began = perf_counter()
    acts = agenda.run(_Progress(say, first_day, zone))
    db.session.commit()
    with clock.at(scale.now):
        _round(office)
        offer_spaced_job(clock.now())
        _seal()
    say(f"{acts:,} acts in {perf_counter() - began:.0f} s.")
    return office


def _begin(office: Office, first_day: date) -> None:
    """The first morning: the roster as it stands, roles, the course, its requirements, the first assignments."""
    open_log()
    founders = [member for member in office.members if member.hired_on < first_day]
    for member in founders:
        office.join(member)
        clock.tick()
    db.session.commit()
    administrator = office.person(office.find("administrator"))
    publish_course(resources.folder("quizzes") / COURSE, administrator.id)
    sergeant = office.person(office.find("training_sergeant"))
    set_default_requirements(sergeant)
    db.session.commit()
    annual = next(version for version in list_current_requirements() if version.cadence == "annual")
    _move_training_year(office, annual, sergeant)
    db.session.commit()
    flag_reviews_job(clock.now())
    open_cycles_job(clock.now())
    give_credit(office)
    db.session.commit()
    office.plan_new()
    classes: dict[date, list[Member]] = {}
    for member in office.members:
        if member.hired_on >= first_day:
            classes.setdefault(member.hired_on, []).append(member)
    for day, joining in classes.items():
        office.agenda.once(office.at(day, 8), partial(_hire, office, joining))


def _move_training_year(office: Office, annual: RequirementVersion, by: Person) -> None:
    """Ends the training year some weeks after today, whatever the season in which the demonstration is looked at."""
    due = next(
        day for day in (office.today + timedelta(days=n) for n in DUE_AHEAD) if day.day == 15 or _ends_month(day)
    )
    month_day = "02-28" if (due.month, due.day) == (2, 29) else f"{due:%m-%d}"
    set_requirement(
        annual.requirement.slug,
        COURSE,
        title=annual.title,
        cadence=annual.cadence,
        path=annual.path,
        rule={**annual.rule, "due": month_day},
        by=by,
    )


def _ends_month(day: date) -> bool:
    return (day + timedelta(days=1)).day == 1


def _hire(office: Office, joining: list[Member]) -> None:
    for member in joining:
        office.join(member, office.person(office.find("administrator")))
    db.session.commit()
    open_cycles_job(clock.now())
    office.plan_new()


def _schedule_jobs(office: Office, first_day: date) -> None:
    """The worker's jobs: cycles every four weeks, a signed checkpoint each week, and letters in the last days.

    A cycle is announced thirty days before it opens, so that four weeks miss none.
    """
    letters_from = office.today - timedelta(days=LETTER_DAYS)
    for week in range((letters_from - first_day).days // 7 + 1):
        day = first_day + timedelta(weeks=week)
        if week % WEEKS_A_ROUND == 0:
            office.agenda.once(office.at(day, 9), partial(_round, office))
        office.agenda.once(office.at(day, 23), _seal)
    for days in range(LETTER_DAYS + 1):
        office.agenda.once(office.at(letters_from + timedelta(days=days), 8), partial(_day_with_letters, office))


def _round(office: Office) -> None:
    """What the worker does of itself: leave given back, cycles opened."""
    db.session.commit()
    give_back_leave_job(clock.now())
    open_cycles_job(clock.now())
    office.plan_new()
    db.session.commit()


def _seal() -> None:
    db.session.commit()
    seal_ledger_job(clock.now())


def _day_with_letters(office: Office) -> None:
    _round(office)
    _seal()
    send_reminders_job(clock.now())
    deliver_outbox(clock.now())


class _Progress:
    """Commits every few acts, and says how far the years have come."""

    def __init__(self, say: Say, first_day: date, zone: str) -> None:
        self._say = say
        self._zone = zone
        self._quarter = (first_day.year, (first_day.month - 1) // 3)
        self._acts = 0

    def __call__(self, moment: datetime) -> None:
        self._acts += 1
        if self._acts % ACTS_A_COMMIT == 0:
            db.session.commit()
        day = clock.local_date(moment, self._zone)
        quarter = (day.year, (day.month - 1) // 3)
        if quarter != self._quarter:
            self._quarter = quarter
            self._say(f"  {day:%B %Y}: {self._acts:,} acts so far")
