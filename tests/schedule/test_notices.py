"""Each notice is put into the outbox once, and sent only while it is true."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lms import clock
from lms.db import db
from lms.notify.models import OutboxMessage
from lms.roster import actions as roster
from lms.roster.actions import record_leave, separate_person
from lms.roster.models import Person
from lms.schedule import actions, jobs, queries
from lms.schedule.rules.stages import NoReminder
from lms.training import actions as training
from lms.training.models import Assignment
from tests.schedule.conftest import complete, noon

Join = Callable[..., Person]


def day(moment: datetime) -> str:
    """One run of the schedule's jobs."""
    with clock.at(moment):
        jobs.open_cycles_job(moment)
        return jobs.send_reminders_job(moment)


def letters(person: Person | None = None) -> list[str]:
    query = select(OutboxMessage).order_by(OutboxMessage.id)
    if person is not None:
        query = query.where(OutboxMessage.person_id == person.id)
    return [message.stage for message in db.session.scalars(query)]


def message(stage: str) -> OutboxMessage:
    return db.session.scalars(select(OutboxMessage).where(OutboxMessage.stage == stage)).one()


def test_an_officer_who_does_nothing_gets_each_letter_once(joined: Join) -> None:
    boss = joined(date(2026, 1, 2), hired_on=date(2010, 1, 1))
    person = joined(date(2026, 3, 1), supervisor=boss)
    complete_first(boss)
    for offset in range(45):
        day(noon(2026, 3, 1) + timedelta(days=offset))
    assert letters(person) == ["opens", "7_days", "due_tomorrow", "overdue"]
    assert letters(boss).count("overdue_supervisor") == 1


def complete_first(person: Person) -> None:
    day(noon(2026, 1, 2))
    complete(person, "hire-2026-01-01", noon(2026, 1, 3))


def test_a_long_window_has_a_letter_30_days_before(joined: Join) -> None:
    person = joined(date(2026, 1, 2), hired_on=date(2010, 1, 1))
    complete_first(person)
    for moment in (noon(2026, 10, 2), noon(2026, 11, 30), noon(2026, 12, 1), noon(2026, 12, 24)):
        day(moment)
    assert letters(person) == ["opens", "opens", "30_days", "7_days"]


def test_after_a_months_downtime_one_letter_goes_out_not_four(joined: Join) -> None:
    person = joined(date(2026, 3, 1))
    assert day(noon(2026, 4, 20)).startswith("1 notices")
    assert letters(person) == ["overdue"]
    assert day(noon(2026, 4, 20)).startswith("0 notices")


def test_letters_wait_for_the_morning(joined: Join) -> None:
    joined(date(2026, 3, 1))
    day(datetime(2026, 3, 2, 6, 30, tzinfo=UTC))
    assert message("opens").not_before == datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_nobody_on_leave_or_gone_or_waiting_for_witnesses_is_written_to(joined: Join) -> None:
    away, gone, declined = (joined(date(2026, 3, 1)) for _ in range(3))
    with clock.at(noon(2026, 3, 1)):
        jobs.open_cycles_job(clock.now())
        roster.record_leave(away, kind="medical", starts_on=date(2026, 3, 1), ends_on=None, by=None)
        roster.separate_person(gone, date(2026, 3, 1), by=None, today=clock.today("UTC"))
        row = db.session.scalars(select(Assignment).where(Assignment.person_id == declined.id)).one()
        training.mark_awaiting_witnesses(row)
        db.session.commit()
    day(noon(2026, 3, 2))
    assert letters() == []


def test_an_extension_gets_notices_of_its_own(joined: Join) -> None:
    person, sergeant = joined(date(2026, 3, 1)), joined(date(2026, 1, 2), hired_on=date(2010, 1, 1))
    complete_first(sergeant)
    day(noon(2026, 3, 25))
    with clock.at(noon(2026, 3, 26)):
        row = db.session.scalars(select(Assignment).where(Assignment.person_id == person.id)).one()
        training.extend_assignment(row, date(2026, 4, 30), "Court dates all week.", sergeant)
        db.session.commit()
    day(noon(2026, 3, 27))
    day(noon(2026, 4, 24))
    assert letters(person) == ["7_days", "7_days"], "no “open now” after it was told that it is due"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("nothing", None),
        ("completed", "Nothing is left to do in this training."),
        ("leave", "The person is on leave."),
        ("separated", "The person no longer works here."),
        ("extended", "The dates have moved on; another notice fits now."),
        ("tomorrow", "The dates have moved on; another notice fits now."),
        ("audience", "The training is no longer meant for this person."),
    ],
)
def test_eligibility_is_asked_again_at_the_moment_of_sending(joined: Join, change: str, reason: str | None) -> None:
    person, sergeant = joined(date(2026, 3, 1), flags=["field"]), joined(date(2026, 3, 1))
    if change == "audience":
        with clock.at(noon(2026, 3, 1)):
            rule = {"basis": "hire", "due_days": 30, "audience": {"flags": ["field"]}}
            actions.set_requirement(
                "sop-110-on-hire", "sop-110", title="First", cadence="on_hire", path="full", rule=rule, by=None
            )
            db.session.commit()
    day(noon(2026, 3, 24))
    row = db.session.scalars(select(Assignment).where(Assignment.person_id == person.id)).one()
    today = date(2026, 3, 30) if change == "tomorrow" else date(2026, 3, 24)
    with clock.at(noon(2026, 3, 24)):
        if change == "completed":
            training.complete_assignment(row, "completed", clock.now())
        elif change == "leave":
            roster.record_leave(person, kind="family", starts_on=date(2026, 3, 24), ends_on=None, by=None)
        elif change == "separated":
            roster.separate_person(person, date(2026, 3, 23), by=None, today=clock.today("UTC"))
        elif change == "extended":
            training.extend_assignment(row, date(2026, 4, 2), "Court.", sergeant)
        elif change == "audience":
            db.session.get_one(Person, person.id).flags = []
        db.session.commit()
    found = db.session.scalars(select(OutboxMessage).where(OutboxMessage.person_id == person.id)).one()
    assert queries.why_not_send(found, today) == reason


def test_a_supervisor_is_not_told_of_somebody_who_moved_on(joined: Join) -> None:
    boss, other = joined(date(2026, 3, 1)), joined(date(2026, 3, 1))
    person = joined(date(2026, 3, 1), supervisor=boss)
    day(noon(2026, 4, 2))
    found = message("overdue_supervisor")
    assert queries.why_not_send(found, date(2026, 4, 2)) is None
    db.session.get_one(Person, person.id).supervisor_id = other.id
    db.session.commit()
    assert queries.why_not_send(found, date(2026, 4, 2)) == "The person is on leave, or has another supervisor now."


def test_the_digest_comes_once_a_week_to_each_training_sergeant(joined: Join) -> None:
    sergeant = joined(date(2026, 3, 1), given_name="Ruth", family_name="Bell")
    with clock.at(noon(2026, 3, 1)):
        roster.grant_role(sergeant, "training_sergeant", by=None)
        db.session.commit()
    for number in (2, 3, 8, 9):
        day(noon(2026, 3, number))
    weekly = [stage for stage in letters(sergeant) if stage == "weekly"]
    assert len(weekly) == 2
    day(noon(2026, 4, 6))
    newest = db.session.scalars(select(OutboxMessage).where(OutboxMessage.stage == "weekly")).all()[-1]
    assert newest.subject == "Training this week: 1 overdue or delinquent"
    assert "- Ruth Bell, Patrol: Social media policy: first training, due March 31, 2026" in newest.body_text
    with clock.at(noon(2026, 4, 6)):
        roster.revoke_role(sergeant, "training_sergeant", by=None, today=clock.today("UTC"))
        db.session.commit()
    assert queries.why_not_send(newest, date(2026, 4, 6)) == "The person is no longer training sergeant."


def test_a_reminder_by_hand_goes_out_once_a_day(joined: Join) -> None:
    person = joined(date(2026, 3, 1))
    day(noon(2026, 3, 1))
    sender = jobs.sender()
    row = db.session.scalars(select(Assignment)).one()
    db.session.refresh(row, ["person"])
    with clock.at(noon(2026, 3, 5)):
        assert actions.send_reminders([row], clock.now(), sender).sent == (row,)
    with clock.at(noon(2026, 3, 5) + timedelta(hours=2)):
        [skipped] = actions.send_reminders([row], clock.now(), sender).skipped
        assert (skipped.why, skipped.at) == (NoReminder.TODAY, noon(2026, 3, 5))
    with clock.at(noon(2026, 3, 6)):
        actions.send_reminders([row], clock.now(), sender)
        db.session.commit()
    assert letters(person).count("reminder") == 2
    reminder = db.session.scalars(select(OutboxMessage).where(OutboxMessage.stage == "reminder")).first()
    assert reminder is not None
    assert queries.why_not_send(reminder, date(2026, 3, 6)) is None
    complete(person, "hire-2026-03-01", noon(2026, 3, 7))
    with clock.at(noon(2026, 3, 8)):
        [skipped] = actions.send_reminders([row], clock.now(), sender).skipped
        assert skipped.why is NoReminder.CLOSED


def test_whoever_cannot_act_on_a_reminder_is_skipped_with_the_reason(joined: Join) -> None:
    people = [joined(date(2026, 3, 1)) for _ in range(4)]
    day(noon(2026, 3, 1))
    rows = db.session.scalars(select(Assignment).options(joinedload(Assignment.person)).order_by(Assignment.id)).all()
    separate_person(people[0], date(2026, 3, 2), by=None, today=clock.today("UTC"))
    record_leave(people[1], kind="family", starts_on=date(2026, 3, 2), ends_on=None, by=None)
    rows[2].awaiting_witnesses = True
    rows[3].opens_on = date(2026, 3, 9)
    with clock.at(noon(2026, 3, 5)):
        reminded = actions.send_reminders(rows, clock.now(), jobs.sender())
    assert reminded.sent == ()
    assert [skipped.why for skipped in reminded.skipped] == [
        NoReminder.SEPARATED,
        NoReminder.ON_LEAVE,
        NoReminder.WITNESSES,
        NoReminder.NOT_YET_OPEN,
    ]
