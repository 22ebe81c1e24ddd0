"""The department while its history runs: who is on the roster by now, and their plans for what is assigned."""

from __future__ import annotations

import secrets
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import select

from lms import clock
from lms.auth.actions import set_password
from lms.db import db
from lms.demo import signing
from lms.demo.agenda import Agenda
from lms.demo.behaviour import moment_of, passes_first, start_day, temper_of
from lms.demo.cast import Fate
from lms.demo.department import PARENTS, Member
from lms.demo.learning import Plan, go_through
from lms.demo.words import OPEN_QUESTIONS, QUESTIONS
from lms.roster import actions as roster
from lms.roster.models import Person, Unit
from lms.training.local import local_date
from lms.training.models import Assignment

CURRENT_DAYS = 60
"""An assignment due later than this many days ago is the one that a fate is about."""
DAYS_AGO = {
    Fate.MIDDLE: 3, Fate.CAPSTONE: 5, Fate.FAILED_ONCE: 2, Fate.TO_SIGN: 2, Fate.DONE: 33, Fate.CONVERSATION: 7,
    Fate.DECLINES: 3, Fate.ASKS: 4,
}  # fmt: skip
"""When a member with a fate begins the current assignment."""
IDLE = frozenset({Fate.WAITS, Fate.LATE, Fate.WAIVED, Fate.EXTENDED, Fate.MILITARY, Fate.MEDICAL})
"""Fates that do not begin the current assignment."""
ASKED_EACH = 60
"""About one signature in so many comes with a question."""


class Office:
    """Members by number, their ids and passwords, and the assignments that already have a plan."""

    def __init__(self, members: list[Member], agenda: Agenda, seed: int, zone: str, today: date) -> None:
        self.members = members
        self.agenda = agenda
        self.seed = seed
        self.zone = zone
        self.today = today
        self.ids: dict[int, int] = {}
        self._passwords: dict[int, str] = {}
        self._by_id: dict[int, Member] = {}
        self._units: dict[str, int] = {}
        self._last_planned = 0
        self._asked = 0
        self._open_asked = 0

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """A local time of a day."""
        return datetime.combine(day, time(hour, minute), ZoneInfo(self.zone))

    def person(self, member: Member) -> Person:
        """The member's row."""
        return db.session.get_one(Person, self.ids[member.number])

    def find(self, role: str) -> Member:
        """The member of the cast with this role."""
        return next(member for member in self.members if member.part is not None and member.part.role == role)

    def with_fate(self, fate: Fate) -> list[Member]:
        """Everybody outside the cast with this fate, in the order in which they were dealt."""
        return [member for member in self.members if member.fate is fate and member.part is None]

    def password_of(self, person_id: int) -> str:
        """What the person types; nobody outside this process ever knew it."""
        return self._passwords[person_id]

    def join(self, member: Member, by: Person | None = None) -> Person:
        """Puts a member on the roster with roles and a password."""
        person = roster.add_person(
            badge=member.badge,
            email=member.email,
            given_name=member.given,
            family_name=member.family,
            rank=member.rank,
            unit=self._unit(member.unit),
            hired_on=member.hired_on,
            supervisor=None if member.supervisor is None else self.person(member.supervisor),
            flags=member.flags,
        )
        for role in member.roles:
            roster.grant_role(person, role, by)
        password = secrets.token_urlsafe(12)
        set_password(person, password, by=person)
        self.ids[member.number] = person.id
        self._by_id[person.id] = member
        self._passwords[person.id] = password
        return person

    def _unit(self, name: str) -> Unit:
        if name not in self._units:
            parent = PARENTS.get(name)
            self._units[name] = roster.add_unit(name, None if parent is None else self._unit(parent)).id
        return db.session.get_one(Unit, self._units[name])

    def plan_new(self) -> None:
        """Gives every assignment that was made since the last time to its member as a plan."""
        rows = db.session.execute(
            select(Assignment.id, Assignment.person_id, Assignment.opens_on, Assignment.due_on)
            .where(Assignment.id > self._last_planned, Assignment.closed_at.is_(None))
            .order_by(Assignment.id)
        ).all()
        for assignment_id, person_id, opens_on, due_on in rows:
            self._last_planned = assignment_id
            if person_id in self._by_id:
                self._plan(self._by_id[person_id], assignment_id, opens_on, due_on)

    def _plan(self, member: Member, assignment_id: int, opens_on: date, due_on: date) -> None:
        random = Random(f"{self.seed}:{member.number}:{due_on}")  # noqa: S311
        temper = temper_of(member, self.seed)
        current = due_on > self.today - timedelta(days=CURRENT_DAYS)
        fate = self._fate_now(member, due_on, current)
        if fate in IDLE:
            return
        person_id = self.ids[member.number]
        plan = Plan(person_id, assignment_id, self.password_of(person_id), temper, random, self.zone, fate=fate)
        day = start_day(opens_on, due_on, temper, random)
        if not passes_first(temper, random):
            twice = random.random() < 0.12 and member.part is None and member.fate is not Fate.CONVERSATION
            plan.fails = 2 if twice else 1
        if fate is not None:
            plan.fails = {Fate.FAILED_ONCE: 1, Fate.CONVERSATION: 2}.get(fate, 0)
            plan.witnesses = self._witnesses(fate, member)
        if fate in DAYS_AGO:
            day = self.today - timedelta(days=DAYS_AGO[fate] + (member.number % 5 if fate is Fate.DONE else 0))
        plan.reservation = self._question(fate, random)
        self.agenda.add(moment_of(max(day, opens_on), temper, random, self.zone), go_through(plan))

    def _fate_now(self, member: Member, due_on: date, current: bool) -> Fate | None:
        """Which fate rules this assignment; none rules the others."""
        fate = member.fate
        if fate is Fate.DECLINED:
            return fate if not current and due_on > self.today - timedelta(days=400) else None
        return fate if current and (fate in DAYS_AGO or fate in IDLE) else None

    def _witnesses(self, fate: Fate, member: Member) -> tuple[int, ...]:
        if fate is Fate.DECLINES:
            return tuple(self.ids[self.find(role).number] for role in ("witness_one", "witness_two"))
        if fate is not Fate.DECLINED:
            return ()
        others = [m for m in self.members if m.number in self.ids and m.fate in (None, Fate.DONE) and m is not member]
        first, second = others[0], others[-1]
        for days, witness in ((1, first), (2, second)):
            self._confirm_later(self.ids[witness.number], days)
        return self.ids[first.number], self.ids[second.number]

    def _confirm_later(self, person_id: int, days: int) -> None:
        """Looks every morning whether there is something to confirm; after a year nobody asks any more."""

        def mornings() -> signing.Mornings:
            for _ in range(400):
                if signing.confirm(person_id, self.password_of(person_id)):
                    return
                yield clock.now() + timedelta(days=1)

        self.agenda.add(clock.now() + timedelta(days=days), mornings())

    def _question(self, fate: Fate | None, random: Random) -> str:
        if fate is Fate.ASKS:
            self._open_asked += 1
            return OPEN_QUESTIONS[(self._open_asked - 1) % len(OPEN_QUESTIONS)]
        if fate is None and random.randrange(ASKED_EACH) == 0:
            self._asked += 1
            return QUESTIONS[(self._asked - 1) % len(QUESTIONS)][0]
        return ""

    def today_now(self) -> date:
        """The local date of the simulated moment."""
        return local_date(clock.now())
