"""Notices about due dates are put into the outbox, each once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload

from lms import clock
from lms.db import db
from lms.notify.actions import enqueue
from lms.notify.queries import count_failed
from lms.notify.rules import Letter
from lms.roster.models import Person
from lms.roster.permissions import SERGEANT
from lms.roster.queries import active_on, current_leaves, list_people_with_role
from lms.schedule import emails, queries, rules
from lms.schedule.actions.cycles import BATCH, Batch
from lms.schedule.emails import DigestFacts, LateOfficer, Notice
from lms.schedule.rules import STAGES, Stage
from lms.schedule.rules.stages import SUPERVISOR_STAGE
from lms.training.models import Assignment
from lms.training.queries import state_expression
from lms.training.rules import State

MORNING = 7
"""No letter leaves before this hour, local time."""
LATE_LISTED = 25


@dataclass(frozen=True, slots=True)
class Sender:
    """What every letter says of where it comes from."""

    department: str
    public_url: str
    zone: str


@dataclass(frozen=True, slots=True)
class _Due:
    """A letter that should be in the outbox. ``said_by`` are the keys of letters that said as much already."""

    key: str
    stage: str
    to: Person
    assignment: Assignment
    letter: Letter
    said_by: tuple[str, ...] = ()


def send_reminders_after(assignment_id: int, now: datetime, sender: Sender) -> Batch:
    """Enqueues the newest fitting notice of the next open assignments (by id) where it was not enqueued before.

    After a long downtime each person gets one letter for each assignment, not every one that was missed.
    """
    today = clock.local_date(now, sender.zone)
    rows = queries.list_noticed_after(assignment_id, today, BATCH)
    due = [letter for row in rows if queries.is_meant(row) for letter in _letters_for(row, today, sender)]
    used = queries.list_used_keys([key for letter in due for key in (letter.key, *letter.said_by)])
    made = sum(_put(item, now, today, sender) for item in due if used.isdisjoint((item.key, *item.said_by)))
    return Batch(made, rows[-1].id if len(rows) == BATCH else None)


def _letters_for(row: Assignment, today: date, sender: Sender) -> Iterator[_Due]:
    stage = rules.stage_of(row.opens_on, row.due_on, today)
    if stage is None:
        return
    notice = notice_about(row, sender, "/training/")
    key = rules.dedupe_key(row.id, stage, row.due_on, row.original_due_on)
    later = STAGES[1:] if stage is Stage.OPENS else ()
    said_by = tuple(rules.dedupe_key(row.id, stage, row.original_due_on, row.original_due_on) for stage in later)
    yield _Due(key, stage, row.person, row, emails.notice_letter(stage, notice, today), said_by)
    supervisor = row.person.supervisor
    if stage is Stage.OVERDUE and supervisor is not None:
        key = rules.dedupe_key(row.id, SUPERVISOR_STAGE, row.due_on, row.original_due_on)
        letter = emails.supervisor_letter(supervisor.full_name, notice_about(row, sender, "/reporting/team"))
        yield _Due(key, SUPERVISOR_STAGE, supervisor, row, letter)


def notice_about(row: Assignment, sender: Sender, path: str) -> Notice:
    """What a letter about one assignment says. Its person is loaded."""
    return Notice(
        name=row.person.full_name,
        title=row.title,
        opens_on=row.opens_on,
        due_on=row.due_on,
        grace_until=row.grace_until,
        why=row.why,
        url=f"{sender.public_url}{path}",
        department=sender.department,
    )


def _put(due: _Due, now: datetime, today: date, sender: Sender) -> bool:
    message = enqueue(
        person_id=due.to.id,
        to_address=due.to.email,
        topic=queries.ASSIGNMENT_TOPIC,
        topic_id=due.assignment.id,
        stage=due.stage,
        subject=due.letter.subject,
        body_text=due.letter.body,
        dedupe_key=due.key,
        not_before=max(now, rules.local_time(today, MORNING, sender.zone)),
    )
    return message is not None


def send_digests(now: datetime, sender: Sender) -> int:
    """Enqueues this week's digest for each training sergeant who has none yet; says how many."""
    today = clock.local_date(now, sender.zone)
    year, week, _ = today.isocalendar()
    people = {person.id: person for person in list_people_with_role(SERGEANT)}
    keys = {person_id: f"digest:{year}-W{week:02d}:{person_id}" for person_id in people}
    missing = set(keys.values()) - queries.list_used_keys(list(keys.values()))
    away = current_leaves(today) if missing else {}
    facts = _digest_facts(today, sender) if missing else None
    made = 0
    for person_id, person in people.items():
        if facts is None or keys[person_id] not in missing or person_id in away:
            continue
        letter = emails.digest_letter(person.full_name, facts, today)
        message = enqueue(
            person_id=person_id,
            to_address=person.email,
            topic=queries.DIGEST_TOPIC,
            topic_id=None,
            stage="weekly",
            subject=letter.subject,
            body_text=letter.body,
            dedupe_key=keys[person_id],
            not_before=max(now, rules.local_time(today, MORNING, sender.zone)),
        )
        made += message is not None
    return made


def _digest_facts(today: date, sender: Sender) -> DigestFacts:
    state = state_expression(today)
    here = (Assignment.closed_at.is_(None), Assignment.opens_on <= today)
    rows = db.session.execute(select(state, func.count()).where(*here).group_by(state))
    counts = Counter({str(name): int(count) for name, count in rows})
    late = db.session.scalars(
        select(Assignment)
        .join(Assignment.person)
        .where(*here, active_on(today), state.in_((State.OVERDUE.value, State.DELINQUENT.value)))
        .options(contains_eager(Assignment.person).options(joinedload(Person.unit)))
        .order_by(Assignment.due_on, Person.family_name, Assignment.id)
        .limit(LATE_LISTED)
    )
    return DigestFacts(
        open=counts[State.OPEN],
        due_soon=counts[State.DUE_SOON],
        overdue=counts[State.OVERDUE],
        delinquent=counts[State.DELINQUENT],
        awaiting_witnesses=counts[State.AWAITING_WITNESSES],
        failed_letters=count_failed(),
        late=[LateOfficer(row.person.full_name, row.person.unit.name, row.title, row.due_on) for row in late],
        url=f"{sender.public_url}/reporting/",
        department=sender.department,
    )
