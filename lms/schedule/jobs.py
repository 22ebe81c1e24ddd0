"""What the worker does for the schedule. Each job is safe to run at any time, late, twice, or in two processes.

Work is committed batch by batch, so that a crash loses one batch at most, and the next run does it again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from lms import clock
from lms.db import db
from lms.notify.models import OutboxMessage
from lms.roster.actions import end_roles_of_separated
from lms.schedule import actions, queries
from lms.schedule.actions import Batch, Sender
from lms.web.context import settings


def sender() -> Sender:
    """What letters say of this department."""
    return Sender(settings().department, settings().public_url, settings().timezone)


def open_cycles_job(now: datetime) -> str:
    """Ends the roles of people who left, closes what belongs to them, then makes every assignment that is missing."""
    zone = settings().timezone
    closed = 0
    ended = _committed(lambda: end_roles_of_separated(clock.local_date(now, zone)))
    while count := _committed(lambda: actions.close_separated(now, zone)):
        closed += count
    made = _run_batches(lambda last_id: actions.open_cycles_after(last_id, now, zone))
    roles = f", {ended} {'role' if ended == 1 else 'roles'} ended" if ended else ""
    return f"{made} made, {closed} closed because the person left{roles}"


def give_back_leave_job(now: datetime) -> str:
    """Gives the days of ended leaves back, one leave a transaction."""
    today = clock.local_date(now, settings().timezone)
    leaves = moved = 0
    while ids := queries.list_ended_leaves(today, 100):
        db.session.rollback()
        for leave_id in ids:
            moved += _committed(partial(actions.give_back_leave, leave_id, now))
            leaves += 1
    db.session.rollback()
    return f"{leaves} leaves ended, {moved} due dates moved"


def offer_spaced_job(now: datetime) -> str:
    """Offers the spaced sets that fit today."""
    made = _run_batches(lambda last_id: actions.offer_spaced_after(last_id, now, settings().timezone))
    return f"{made} spaced sets offered"


def send_reminders_job(now: datetime) -> str:
    """Puts the notices that fit today and the weekly digest into the outbox."""
    letters = _run_batches(lambda last_id: actions.send_reminders_after(last_id, now, sender()))
    digests = _committed(lambda: actions.send_digests(now, sender()))
    return f"{letters} notices, {digests} digests"


def why_not_send(now: datetime) -> Callable[[OutboxMessage], str | None]:
    """The question that delivery asks about each of the schedule's letters at the moment of sending."""
    return partial(queries.why_not_send, today=clock.local_date(now, settings().timezone))


def _run_batches(work: Callable[[int], Batch]) -> int:
    made, last_id = 0, 0
    while True:
        batch = work(last_id)
        db.session.commit()
        made += batch.made
        if batch.last_id is None:
            return made
        last_id = batch.last_id


def _committed(work: Callable[[], int]) -> int:
    count = work()
    db.session.commit()
    return count
