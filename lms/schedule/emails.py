"""The schedule's letters, in plain text. Each is true on the day on which it is built for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lms.notify.rules import Letter
from lms.schedule.rules import Stage
from lms.schedule.rules.cycles import written

FOOT = "This letter was sent by the department's training system. Please do not answer it."


@dataclass(frozen=True, slots=True)
class Notice:
    """What a letter about one assignment says."""

    name: str
    title: str
    opens_on: date
    due_on: date
    grace_until: date
    why: str
    url: str
    department: str


@dataclass(frozen=True, slots=True)
class LateOfficer:
    """A line of the weekly digest."""

    name: str
    unit: str
    title: str
    due_on: date


@dataclass(frozen=True, slots=True)
class DigestFacts:
    """The week's numbers for the training sergeant. ``late`` is the beginning of the list, longest overdue first."""

    open: int
    due_soon: int
    overdue: int
    delinquent: int
    awaiting_witnesses: int
    failed_letters: int
    late: Sequence[LateOfficer]
    url: str
    department: str


def notice_letter(stage: Stage, notice: Notice, today: date) -> Letter:
    """The letter of one stage to the person."""
    due = written(notice.due_on)
    if stage is Stage.OPENS:
        return _letter(
            f"Open now: {notice.title}", f"your training “{notice.title}” is open. It is due on {due}.", notice
        )
    if stage is Stage.OVERDUE:
        text = f"your training “{notice.title}” was due on {due} and is not finished. Please do it as soon as you can."
        return _letter(f"Overdue: {notice.title}", text, notice)
    when = _in_days((notice.due_on - today).days)
    return _letter(f"Due {when}: {notice.title}", f"your training “{notice.title}” is due {when}, on {due}.", notice)


def reminder_letter(notice: Notice, today: date) -> Letter:
    """A reminder that the training sergeant sends by hand."""
    verb = "was" if notice.due_on < today else "is"
    text = (
        f"the training sergeant reminds you of your training “{notice.title}”. "
        f"It {verb} due on {written(notice.due_on)}."
    )
    return _letter(f"Reminder: {notice.title}", text, notice)


def supervisor_letter(supervisor: str, notice: Notice) -> Letter:
    """Tells a supervisor whose training is overdue. It says the status and nothing else."""
    return Letter(
        f"Overdue: {notice.name}, {notice.title}",
        f"{supervisor},\n\n"
        f"{notice.name} has not finished the training “{notice.title}”, which was due on {written(notice.due_on)}.\n"
        f"After {written(notice.grace_until)} it counts as delinquent.\n\n"
        "Please make time for it on duty. Your team's status is here:\n\n"
        f"{notice.url}\n\n{notice.department}\n{FOOT}\n",
    )


def digest_letter(name: str, facts: DigestFacts, today: date) -> Letter:
    """The training sergeant's week."""
    late = facts.overdue + facts.delinquent
    subject = f"Training this week: {late} overdue or delinquent" if late else "Training this week: nothing is overdue"
    rows = [
        ("Open", facts.open),
        ("Due soon (within 30 days)", facts.due_soon),
        ("Overdue", facts.overdue),
        ("Delinquent", facts.delinquent),
        ("Awaiting witnesses", facts.awaiting_witnesses),
        ("Letters that could not be sent", facts.failed_letters),
    ]
    lines = [f"{name},", "", f"this is where training stands on {written(today)}.", ""]
    lines += [f"{label + ':':<32}{count:>5}" for label, count in rows]
    if facts.late:
        lines += ["", "Overdue the longest:", ""]
        lines += [f"- {row.name}, {row.unit}: {row.title}, due {written(row.due_on)}" for row in facts.late]
        if late > len(facts.late):
            lines += [f"- and {late - len(facts.late)} more"]
    lines += ["", "All of it is here:", "", facts.url, "", facts.department, FOOT, ""]
    return Letter(subject, "\n".join(lines))


def _letter(subject: str, text: str, notice: Notice) -> Letter:
    return Letter(
        subject,
        f"{notice.name},\n\n{text}\n\n"
        f"Why this date: {notice.why}\n\n"
        "Go on where you left off. Every answer is saved, so you can do it in pieces:\n\n"
        f"{notice.url}\n\n{notice.department}\n{FOOT}\n",
    )


def _in_days(days: int) -> str:
    return {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")
