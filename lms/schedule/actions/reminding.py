"""Reminders that the training sergeant sends by hand, to one person or to many, each at most once a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from lms import clock
from lms.notify.actions import enqueue
from lms.notify.queries import find_message
from lms.roster.queries import is_on_leave
from lms.roster.rules import is_separated
from lms.schedule import emails, queries
from lms.schedule.actions.notices import Sender, notice_about
from lms.schedule.rules.stages import REMINDER_STAGE, NoReminder
from lms.training.models import Assignment


@dataclass(frozen=True, slots=True)
class Skipped:
    """Somebody who was not reminded, and why; ``at`` is when today's reminder was written, where that is why."""

    assignment: Assignment
    why: NoReminder
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reminded:
    """Who was reminded, and who was not."""

    sent: tuple[Assignment, ...]
    skipped: tuple[Skipped, ...]


def send_reminders(assignments: Sequence[Assignment], now: datetime, sender: Sender) -> Reminded:
    """Enqueues the sergeant's own reminder for each assignment where that makes sense today.

    The assignments' people are loaded. Raises nothing: whoever is skipped is named with the reason.
    """
    today = clock.local_date(now, sender.zone)
    sent, skipped = [], []
    for assignment in assignments:
        refused = _send(assignment, today, sender)
        if refused is None:
            sent.append(assignment)
        else:
            skipped.append(refused)
    return Reminded(tuple(sent), tuple(skipped))


def _send(assignment: Assignment, today: date, sender: Sender) -> Skipped | None:
    why = _why_not(assignment, today)
    if why is not None:
        return Skipped(assignment, why)
    letter = emails.reminder_letter(notice_about(assignment, sender, "/training/"), today)
    key = f"assignment:{assignment.id}:{REMINDER_STAGE}:{today.isoformat()}"
    message = enqueue(
        person_id=assignment.person.id,
        to_address=assignment.person.email,
        topic=queries.ASSIGNMENT_TOPIC,
        topic_id=assignment.id,
        stage=REMINDER_STAGE,
        subject=letter.subject,
        body_text=letter.body,
        dedupe_key=key,
    )
    if message is not None:
        return None
    earlier = find_message(key)
    return Skipped(assignment, NoReminder.TODAY, None if earlier is None else earlier.created_at)


def _why_not(assignment: Assignment, today: date) -> NoReminder | None:
    if assignment.closed_at is not None:
        return NoReminder.CLOSED
    person = assignment.person
    if is_separated(person.separated_on, person.rehired_on, today):
        return NoReminder.SEPARATED
    if assignment.awaiting_witnesses:
        return NoReminder.WITNESSES
    if is_on_leave(person.id, today):
        return NoReminder.ON_LEAVE
    return NoReminder.NOT_YET_OPEN if today < assignment.opens_on else None
