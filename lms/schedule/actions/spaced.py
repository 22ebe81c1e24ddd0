"""Spaced sets are offered: one row for each completion and number, whoever runs this and however often."""

from __future__ import annotations

from datetime import datetime

from lms import clock
from lms.schedule import queries, rules
from lms.schedule.actions.cycles import BATCH, Batch
from lms.training import actions as training
from lms.training.actions import NewSpacedSet


def offer_spaced_after(assignment_id: int, now: datetime, zone: str) -> Batch:
    """Offers the set that fits today after each of the next completions (by id); two statements and the rules'.

    Idempotent. Nobody who left, is on leave, is outside the audience, or has completed the course again since gets
    one of the older completion.
    """
    today = clock.local_date(now, zone)
    spaced = [item for item in queries.list_scheduled() if item.version.cadence == "spaced"]
    if not spaced:
        return Batch(0, None)
    longest = max(rules.longest_days(item.rule.days) for item in spaced)
    rows = queries.list_completions_after(assignment_id, today, longest, BATCH)
    made = queries.list_set_numbers([row.id for row in rows])
    wanted = []
    for row in rows:
        for item in spaced:
            if row.closed_at is None or not queries.starts_sets(row, item):
                continue
            plan = rules.due_set(
                clock.local_date(row.closed_at, zone), made.get(row.id, frozenset()), today, item.rule.days
            )
            if plan is not None:
                wanted.append(
                    NewSpacedSet(row.person_id, row.id, item.version.id, plan.number, plan.opens_on, plan.closes_on)
                )
    offered = training.offer_spaced_sets(wanted)
    return Batch(offered, rows[-1].id if len(rows) == BATCH else None)
