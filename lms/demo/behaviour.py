"""How people answer, choose and dawdle: plausible patterns by clause and person, drawn from a seed.

Whether an attempt passes is decided first; which answers are wrong follows from it. So the history comes out the
same although the application shuffles items and forms with real chance.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from lms.assessment.rules.drawing import Question
from lms.catalog.rules import Mastery, Scene
from lms.demo.cast import COMMUNITY, EVENING, NIGHT
from lms.demo.department import DISPATCH, DRUGS, Member

HARD = {
    "III.post": 3.0, "III.social-media": 2.2, "IV.B.1.a": 1.4, "IV.B.1.d": 2.0, "IV.B.2.a": 2.6, "IV.B.2.c": 2.8,
    "IV.B.2.e": 2.6, "IV.B.2.f": 1.8, "IV.B.2.g": 0.6, "IV.B.2.h": 0.4, "IV.B.2.i": 1.2, "IV.B.2.k.1": 1.8,
    "IV.B.2.k.2": 2.4, "IV.B.2.k.3": 2.6, "IV.B.2.l": 1.3, "IV.B.2.m": 2.5, "IV.B.2.n": 1.5,
}  # fmt: skip
"""How often a clause is misunderstood, against 1 for the others."""


@dataclass(frozen=True, slots=True)
class Temper:
    """A member's habits: ``care`` from 0 (careless) to 1, ``haste`` from 0 (last minute) to 1 (first day)."""

    care: float
    haste: float
    hours: tuple[int, int]
    """First and last hour of the day in which he or she trains; the second may be past midnight (24 and more)."""
    weak: frozenset[str]
    """Clauses that this person in particular gets wrong."""


def temper_of(member: Member, seed: int) -> Temper:
    """The same for the same member and seed."""
    random = Random(f"{seed}:{member.number}:temper")  # noqa: S311
    hours = {NIGHT: (23, 29), EVENING: (15, 22), DISPATCH: (6, 21), DRUGS: (11, 20), COMMUNITY: (9, 17)}
    return Temper(
        care=random.betavariate(5, 2),
        haste=random.random(),
        hours=hours.get(member.unit, (7, 16)),
        weak=frozenset(random.sample(sorted(HARD), 3)),
    )


def moment_of(day: date, temper: Temper, random: Random, zone: str) -> datetime:
    """A time on a local day at which this person is at work."""
    first, last = temper.hours
    minutes = random.randrange(first * 60, last * 60 - 30)
    return datetime.combine(day, time(0), ZoneInfo(zone)) + timedelta(minutes=minutes, seconds=random.randrange(60))


def start_day(opens_on: date, due_on: date, temper: Temper, random: Random) -> date:
    """When somebody begins: early or late by habit, and one in sixteen after the due date."""
    days = max(1, (due_on - opens_on).days)
    if random.random() < 0.06:
        return due_on + timedelta(days=random.randrange(1, 21))
    part = random.betavariate(1.8 + 2.4 * (1 - temper.haste), 1.4 + 1.8 * temper.haste)
    return opens_on + timedelta(days=round(part * (days - 1)))


def passes_first(temper: Temper, random: Random) -> bool:
    """Whether the first capstone attempt passes: about six in seven do."""
    return random.random() < 0.68 + 0.27 * temper.care


def pick_wrong(
    questions: Sequence[Question], mastery: Mastery, *, passes: bool, temper: Temper, random: Random
) -> frozenset[int]:
    """The positions answered wrongly, so that the attempt passes, or does not."""
    total = len(questions)
    allowed = total - -(-mastery.pass_percent * total // 100)
    critical = {q.position for q in questions if q.item.clause in mastery.critical}
    order = sorted(questions, key=lambda q: random.random() ** (1 / _weight(q.item.clause, temper.weak)), reverse=True)
    if passes:
        slips = sum(random.random() < 0.75 * (1.05 - temper.care) for _ in range(allowed))
        return frozenset([q.position for q in order if q.position not in critical][:slips])
    missed = [q.position for q in order if q.position in critical][:1]
    others = [q.position for q in order if q.position not in missed]
    few = random.randrange(2) if missed and random.random() < 0.4 else allowed + random.randrange(1, 3)
    return frozenset(missed + others[:few])


def _weight(clause: str, weak: Collection[str]) -> float:
    return HARD.get(clause, 1.0) * (2.5 if clause in weak else 1.0)


def pick_option(question: Question, wrong: bool, random: Random) -> str:
    """The right option, or a wrong one: the same tempting one for most people."""
    if not wrong:
        return question.item.key
    others = sorted(option.ref for option in question.options if not option.correct)
    tempting = others[Random(question.item.ref).randrange(len(others))]  # noqa: S311
    return tempting if random.random() < 0.7 else random.choice(others)


def pick_choice(scene: Scene, temper: Temper, random: Random) -> str:
    """A way to act: the best more often than not, else mostly one that is nearly right."""
    best = max(scene.choices, key=lambda choice: choice.rating)
    chance = 0.45 + 0.5 * temper.care - 0.08 * (HARD.get(best.clause, 1.0) - 1)
    if random.random() < chance:
        return best.ref
    others = [choice for choice in scene.choices if choice is not best] or [best]
    return random.choices(others, weights=[1 + choice.rating for choice in others])[0].ref
