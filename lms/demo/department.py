"""The fictitious roster: who works where, under whom, since when, and what becomes of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from lms.demo.cast import (
    ADMINISTRATION,
    CAST,
    COMMUNITY,
    DAY,
    EVENING,
    FATES_OF_OTHERS,
    NIGHT,
    SMALLEST,
    TRAINING,
    Fate,
)
from lms.demo.cast import Part as CastPart
from lms.demo.names import draw_names
from lms.roster.permissions import SUPERVISOR

HEADQUARTERS = "Office of the Chief"
OPERATIONS, INVESTIGATIONS, SERVICES = "Uniformed Operations", "Investigations", "Support Services"
DETECTIVES, DRUGS, TRAFFIC = "Detective Bureau", "Drug Unit", "Traffic Unit"
DISPATCH, STANDARDS = "Communications", "Professional Standards"
PARENTS = {
    OPERATIONS: HEADQUARTERS, INVESTIGATIONS: HEADQUARTERS, SERVICES: HEADQUARTERS, STANDARDS: HEADQUARTERS,
    DAY: OPERATIONS, EVENING: OPERATIONS, NIGHT: OPERATIONS, COMMUNITY: OPERATIONS, TRAFFIC: OPERATIONS,
    DETECTIVES: INVESTIGATIONS, DRUGS: INVESTIGATIONS,
    DISPATCH: SERVICES, TRAINING: SERVICES, ADMINISTRATION: SERVICES,
}  # fmt: skip

POSTS = (
    (HEADQUARTERS, ("Chief", "Assistant Chief", "Civilian")),
    (OPERATIONS, ("Major",)),
    (INVESTIGATIONS, ("Major",)),
    (SERVICES, ("Major",)),
    (DAY, ("Lieutenant", "Sergeant", "Sergeant", *["Officer"] * 21)),
    (EVENING, ("Lieutenant", "Sergeant", *["Officer"] * 20)),
    (NIGHT, ("Lieutenant", "Sergeant", "Sergeant", *["Officer"] * 18)),
    (DETECTIVES, ("Lieutenant", "Sergeant", "Sergeant", *["Detective"] * 13)),
    (DRUGS, ("Sergeant", *["Detective"] * 3, *["Officer"] * 4)),
    (COMMUNITY, ("Sergeant", *["Officer"] * 7)),
    (TRAFFIC, ("Sergeant", *["Officer"] * 6)),
    (DISPATCH, ("Sergeant", *["Dispatcher"] * 15)),
    (TRAINING, ("Lieutenant", "Officer", "Officer")),
    (STANDARDS, ("Lieutenant", "Sergeant", "Sergeant")),
    (ADMINISTRATION, ("Lieutenant", *["Civilian"] * 7)),
)
"""The posts beside the cast in a department of 160."""
LEADS = ("Chief", "Assistant Chief", "Major", "Lieutenant", "Sergeant")
CLASSES = ((36, 3), (755, 3), (58, 2), (400, 1), (220, 1), (12, 2), (600, 1), (900, 1))
"""Days before today on which people were hired, and how many of 160. Two years and some weeks ago: refreshers are due
around today. A month or two ago: first trainings are past due."""
PILOT_SHARE = 40
"""One in so many of those who were there takes the full course at the beginning; the others get credit for a class."""
SLOW_CLASSES = (36, 58, 755)
"""Every second member of these does not begin, and so is late."""


@dataclass(slots=True)
class Member:
    """One person of the demonstration. ``hired_on`` after the beginning means that he or she joins during it."""

    number: int
    given: str
    family: str
    rank: str
    unit: str
    badge: str
    email: str
    hired_on: date
    fate: Fate | None = None
    part: CastPart | None = None
    flags: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    credit: bool = False
    """Had the classroom course before the beginning, so that the first two years' training is waived."""
    supervisor: Member | None = field(default=None, repr=False)


def plan_department(people: int, years: int, seed: int, today: date) -> list[Member]:
    """Everybody who ever appears, supervisors before their people. The same for the same arguments."""
    random = Random(f"{seed}:department")  # noqa: S311
    members = [*_cast(random, today, years), *_others(max(0, people - SMALLEST), random, today, years)]
    for number, member in enumerate(members, start=1):
        member.number = number
    _give_addresses(members)
    members.sort(key=lambda member: (LEADS.index(member.rank) if member.rank in LEADS else len(LEADS), member.number))
    _set_supervisors(members, random)
    start = today - timedelta(days=years * 365 + 1)
    _deal_fates(members, today, start)
    for member in members:
        # The officers of the cast are there to be looked at; the training sergeant cannot decide on her own training.
        shown = member.part is not None and member.part.role in (
            "officer_refresher",
            "officer_done",
            "training_sergeant",
        )
        member.credit = not shown and member.hired_on < start and member.number % PILOT_SHARE != 0
    return members


def _cast(random: Random, today: date, years: int) -> Iterator[Member]:
    for part in CAST:
        hired = _long_ago(random, today, years)
        if part.hired_days_ago is not None:
            hired = today - timedelta(days=part.hired_days_ago)
        yield Member(
            0, part.given, part.family, part.rank, part.unit, "", "", hired, part.fate, part, roles=part.grants
        )


def _others(count: int, random: Random, today: date, years: int) -> Iterator[Member]:
    names = draw_names(random, {(part.given, part.family) for part in CAST})
    posts = _some_posts(count)
    joined = _hire_dates(count, random, today, years)
    for unit, rank in posts:
        given, family = next(names)
        hired = joined.pop() if joined and rank in ("Officer", "Dispatcher") else _long_ago(random, today, years)
        recent = (today - hired).days < 120 and rank == "Officer"
        yield Member(
            0,
            given,
            family,
            "Recruit" if recent else rank,
            TRAINING if recent else unit,
            "",
            "",
            hired,
            flags=("undercover",) if unit == DRUGS and rank != "Sergeant" else (),
            roles=(SUPERVISOR,) if rank in LEADS else (),
        )


def _some_posts(count: int) -> list[tuple[str, str]]:
    """As many posts as asked for, from all units alike; more officers where the department is larger."""
    posts = [(unit, rank) for unit, ranks in POSTS for rank in ranks]
    if count <= len(posts):
        return [posts[place * len(posts) // count] for place in range(count)]
    shifts = (DAY, EVENING, NIGHT)
    return posts + [(shifts[place % 3], "Officer") for place in range(count - len(posts))]


def _hire_dates(count: int, random: Random, today: date, years: int) -> list[date]:
    dates = [
        today - timedelta(days=days)
        for days, size in CLASSES
        if days < years * 365 - 30
        for _ in range(max(1, round(size * count / 148)))
    ]
    dates = dates[: count // 3]
    random.shuffle(dates)
    return dates


def _long_ago(random: Random, today: date, years: int) -> date:
    return today - timedelta(days=years * 365 + 60 + int(random.betavariate(1.2, 2.4) * 27 * 365))


def _give_addresses(members: list[Member]) -> None:
    taken: set[str] = set()
    for member in sorted(members, key=lambda member: (member.hired_on, member.number)):
        name = "".join(c for c in f"{member.given}.{member.family}".lower() if c.isalpha() or c in ".-").strip(".")
        address, extra = f"{name}@portlandpd.example", 2
        while address in taken:
            address, extra = f"{name}{extra}@portlandpd.example", extra + 1
        taken.add(address)
        sworn = member.rank not in ("Civilian", "Dispatcher")
        member.email, member.badge = address, f"{100 + len(taken) * 3}" if sworn else f"C{200 + len(taken)}"


def _set_supervisors(members: list[Member], random: Random) -> None:
    """Sergeants of the same unit lead its officers; the next higher rank, upwards through the units, leads them."""
    for member in members:
        rank = LEADS.index(member.rank) if member.rank in LEADS else len(LEADS)
        unit: str | None = member.unit
        while unit is not None and member.supervisor is None:
            above = [m for m in members if m.unit == unit and m.rank in LEADS and LEADS.index(m.rank) < rank]
            if above:
                lowest = max(LEADS.index(m.rank) for m in above)
                member.supervisor = random.choice([m for m in above if LEADS.index(m.rank) == lowest])
            unit = PARENTS.get(unit)


def _deal_fates(members: list[Member], today: date, start: date) -> None:
    free = [m for m in members if m.part is None and m.rank in ("Officer", "Detective") and m.hired_on < start]
    free.sort(key=lambda member: (member.number * 7919) % 1009)
    free.sort(key=lambda member: "undercover" in member.flags)
    usable = free[: max(len(free) * 2 // 3, min(len(free), 6))]
    for member, fate in zip(usable, FATES_OF_OTHERS, strict=False):
        member.fate = fate
    slow = [m for m in members if m.part is None and _in_slow_class(m, today)]
    slow.sort(key=lambda member: (member.hired_on, member.number), reverse=True)
    for member in slow[::2]:
        member.fate = Fate.LATE


def _in_slow_class(member: Member, today: date) -> bool:
    return (today - member.hired_on).days in SLOW_CLASSES
