"""Which assignment one person is due to get next from one requirement (schedule.md, "Rules").

Everything follows from the rule, the person's facts and today; running it twice, or late, gives the same answer.
A cycle whose window went by while nobody ran the schedule is still planned, with the dates that it would have had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from lms.dates import add_months, add_years
from lms.schedule.rules.facts import Completion, Past, PersonFacts
from lms.schedule.rules.requirements import Rule

_ONE = timedelta(days=1)
_COUNTED = frozenset({"completed", "declined", "satisfied"})


@dataclass(frozen=True, slots=True)
class CyclePlan:
    """The dates of an assignment that is to be made, and one true sentence that says why these."""

    cycle: str
    opens_on: date
    due_on: date
    grace_until: date
    valid_through: date | None
    counts_from_on: date
    why: str


def next_cycle(rule: Rule, facts: PersonFacts, today: date) -> CyclePlan | None:
    """The earliest cycle that this person should have an assignment for by ``today`` and has none; or None."""
    if today < facts.service_began_on or rule.basis == "completion":
        return None
    return _BY_BASIS[rule.basis](rule, facts, today)


def _hire(rule: Rule, facts: PersonFacts, today: date) -> CyclePlan | None:
    """Once for each time of service: after a hire, and again after a rehire."""
    began = facts.service_began_on
    if any(past.opens_on >= began for past in facts.history):
        return None
    opens, event = began, "came back" if facts.rehired else "joined"
    if began < rule.starts_on:
        opens, event = rule.starts_on, ""
    if opens + timedelta(days=rule.due_days) < facts.known_since and not facts.rehired:
        opens, event = facts.known_since, "were added to the roster"
    if opens > today:
        return None
    days = f"Due {rule.due_days} days after"
    why = f"{days} you {event} on {written(opens)}." if event else _began_here(rule, opens)
    due = opens + timedelta(days=rule.due_days)
    return CyclePlan(f"hire-{opens}", opens, due, _grace(rule, due), None, opens, why)


def _began_here(rule: Rule, opens: date) -> str:
    return (
        f"This training began here on {written(opens)}. Everybody who was already a member of the department "
        f"does it within {rule.due_days} days."
    )


def _calendar(rule: Rule, facts: PersonFacts, today: date) -> CyclePlan | None:
    """A fixed cycle for everybody. Whoever began less than the minimum active period before it is due is carried."""
    for due in _due_dates(rule):
        plan = _calendar_plan(rule, facts, due)
        if plan.opens_on - timedelta(days=rule.announce_days) > today:
            return None
        carried = add_months(facts.service_began_on, rule.min_active_months) > due
        unknown = due < facts.known_since or due < facts.service_began_on
        if facts.has(plan.cycle) or carried or unknown:
            continue
        if due < today and not (rule.audience.is_everybody or facts.history):
            continue
        return plan
    return None


def _due_dates(rule: Rule) -> Iterator[date]:
    """The due dates of a fixed cycle from the first that does not lie before the requirement."""
    first = date(rule.starts_on.year, *rule.due)
    if first < rule.starts_on:
        first = add_years(first, 1)
    for number in range(0, 400, rule.years):
        yield add_years(first, number)


def _calendar_plan(rule: Rule, facts: PersonFacts, due: date) -> CyclePlan:
    opens = due - timedelta(days=rule.window_days)
    if rule.opens is not None:
        opens = date(due.year, *rule.opens)
        opens = opens if opens <= due else add_years(opens, -1)
    counts_from = _counts_from(rule, facts, opens, due)
    every = "every year" if rule.years == 1 else f"every {rule.years} years"
    why = f"Due {every} on {due:%B} {due.day}; it opens on {written(opens)}."
    early = [item.done_on for item in facts.completions if add_years(due, -rule.years) < item.done_on < counts_from]
    if early:
        why += (
            f" What you completed on {written(max(early))} does not count for it: "
            f"only a completion from {written(counts_from)} on does."
        )
    valid = add_years(due, rule.years)
    return CyclePlan(str(due.year), opens, due, _grace(rule, due), valid, counts_from, why)


def _counts_from(rule: Rule, facts: PersonFacts, opens: date, due: date) -> date:
    """From when a completion counts for the cycle due on ``due``.

    From its opening; where an early completion counts, from the day after the cycle before (or after what was
    done late for that one: a fixed cycle stays on its calendar); and in any case from the day on which repeating
    it by ``due`` would come sooner than the minimum active period.
    """
    candidates = [opens]
    if rule.early == "counts":
        before = add_years(due, -rule.years)
        late = [past.done_on for past in facts.history if past.done_on is not None and past.due_on < past.done_on]
        candidates.append(max([before, *late]) + _ONE)
    if rule.min_active_months:
        spared = add_months(due, -rule.min_active_months)
        while add_months(spared, rule.min_active_months) <= due:
            spared += _ONE
        candidates.append(spared)
    return min(candidates)


@dataclass(frozen=True, slots=True)
class _Anchor:
    """What an anniversary counts from: a date and whole years since, so that 29 February is not lost."""

    root: date
    years: int

    @property
    def day(self) -> date:
        return add_years(self.root, self.years)


def _anniversary(rule: Rule, facts: PersonFacts, today: date) -> CyclePlan | None:
    """Whole years after the last completion; one open assignment at a time."""
    if any(past.outcome is None for past in facts.history):
        return None
    anchor = _anchor(facts)
    if anchor is None:
        return None
    due = add_years(anchor.root, anchor.years + rule.years)
    opens = due - timedelta(days=rule.window_days)
    if opens - timedelta(days=rule.announce_days) > today or facts.has(due.isoformat()):
        return None
    years = "1 year" if rule.years == 1 else f"{rule.years} years"
    if anchor.years:
        why = f"Due {years} after the last due date, {written(anchor.day)}. You lose nothing by being early."
    else:
        why = f"Due {years} after you last completed this course, on {written(anchor.root)}."
    counts_from = opens if rule.early == "ignored" else min(opens, anchor.day + _ONE)
    valid = add_years(anchor.root, anchor.years + 2 * rule.years)
    return CyclePlan(due.isoformat(), opens, due, _grace(rule, due), valid, counts_from, why)


def _anchor(facts: PersonFacts) -> _Anchor | None:
    """Folds the history of this time of service.

    On time: the next date counts from the old due date (before any extension). Late: it starts anew from the
    completion. A completion elsewhere starts the count where nothing did before; later ones leave it alone.
    """
    anchor: _Anchor | None = None
    for event in _events(facts):
        if isinstance(event, Completion):
            anchor = anchor or _Anchor(event.done_on, 0)
        elif event.done_on is not None and event.done_on > event.due_on:
            anchor = _Anchor(event.done_on, 0)
        else:
            anchor = _moved(anchor, event.original_due_on)
    return anchor


def _moved(anchor: _Anchor | None, due: date) -> _Anchor:
    if anchor is not None:
        years = due.year - anchor.root.year
        if add_years(anchor.root, years) == due:
            return _Anchor(anchor.root, years)
    return _Anchor(due, 0)


def _events(facts: PersonFacts) -> list[Completion | Past]:
    """What counts, oldest first. A completion that ended an assignment of this requirement is told by that one."""
    ended = [
        past
        for past in facts.history
        if (past.outcome in _COUNTED and past.done_on is not None) or past.outcome == "waived"
    ]
    told = {past.done_on for past in ended}
    elsewhere = [item for item in facts.completions if item.done_on not in told]
    events: list[tuple[date, Completion | Past]] = [(item.done_on, item) for item in elsewhere]
    events += [(past.done_on or past.original_due_on, past) for past in ended]
    since = facts.service_began_on if facts.rehired else date.min
    return [event for day, event in sorted(events, key=lambda pair: pair[0]) if day >= since]


def _grace(rule: Rule, due: date) -> date:
    return due + timedelta(days=rule.grace_days)


def written(day: date) -> str:
    """March 5, 2026."""
    return f"{day:%B} {day.day}, {day.year}"


_BY_BASIS: Mapping[str, Callable[[Rule, PersonFacts, date], CyclePlan | None]] = {
    "hire": _hire,
    "calendar": _calendar,
    "anniversary": _anniversary,
}
