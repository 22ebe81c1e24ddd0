"""A notice on paper: the same facts as the page, tagged and archival, the same bytes for the same state."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from lms.attestation.pdf import written
from lms.papers import make_pdf
from lms.records.queries import Notice
from lms.records.rules import CheckLine

SOURCE = Path(__file__).with_name("notice.typ")
RESULTS = {"ok": "Verified", "bad": "Failed", "waiting": "Waiting"}
STATES = {
    "not_yet_open": "not yet open", "open": "open", "due_soon": "due soon", "overdue": "overdue",
    "delinquent": "delinquent", "completed": "completed", "declined": "completed, unsigned", "waived": "waived",
    "on_leave": "on leave", "separated": "separated", "awaiting_witnesses": "awaiting witnesses",
}  # fmt: skip
LIMITS = (
    "Lessons, questions, choices and signatures come from records of a tamper-evident ledger, which were written when "
    "they happened. The line below each says whether it is still what was recorded; the record's number finds it, and "
    "its proof, in a bundle.",
    "This paper cannot show that the person read or understood a text, or who held the device, or that a fact was "
    "true when it was entered.",
)

Fact = list[str]


def make_notice_pdf(notice: Notice, *, department: str, zone: str, now: datetime) -> bytes:
    """The PDF (PDF/UA-1, PDF/A-2a) of a notice, dated with the day on which it was drawn up."""
    local = now.astimezone(ZoneInfo(zone))
    data: dict[str, Any] = {
        "title": f"{notice.person.full_name}: clause {notice.clause} as of {day(notice.on)}",
        "department": department,
        "person": f"{notice.person.full_name}, badge {notice.person.badge}",
        "clause": notice.clause,
        "on": day(notice.on),
        "drawn_up": written(now, zone),
        "year": local.year,
        "month": local.month,
        "day": local.day,
        "currency": f"{notice.currency.title}. {notice.currency.says}",
        "text": _text(notice, zone),
        "parts": [
            {
                "heading": "The lesson",
                "none": "By this day the person had not opened it.",
                "events": _lessons(notice, zone),
            },
            {
                "heading": "Asked and answered",
                "none": "By this day no question on this clause had been asked.",
                "events": _questions(notice, zone),
            },
            {
                "heading": "Decided in scenarios",
                "none": "By this day no choice on this clause had been made.",
                "events": _choices(notice, zone),
            },
            {
                "heading": "Signed",
                "none": "By this day nothing had been signed or declined.",
                "events": _signed(notice, zone),
            },
            {"heading": "Training assigned, as it stood", "none": "None by this day.", "events": _stood(notice)},
        ],
        "faults": [f"Record {record_id}: {why}" for record_id, why in notice.faults.items()],
        "limits": list(LIMITS),
    }
    return make_pdf(SOURCE.read_bytes(), data, int(now.timestamp()))


def day(value: date) -> str:
    """March 5, 2026."""
    return f"{value:%B} {value.day}, {value.year}"


def _text(notice: Notice, zone: str) -> dict[str, str] | None:
    if notice.text is None:
        return None
    version = notice.text.version
    late = "" if notice.text.known_here else " That was after the day asked for."
    return {
        "clause": notice.text.clause.text,
        "version": f"SOP {version.document.number}, version {version.number}, revised {day(version.revised_on)}, "
        f"in force since {day(notice.text.since)}, put into this system {written(version.published_at, zone)}.{late}",
        "sha256": version.sha256,
        "check": _check(notice, version.record_id),
    }


def _event(title: str, lines: list[str], facts: list[Fact], check: str) -> dict[str, Any]:
    return {"title": title, "lines": lines, "facts": facts, "check": check}


def _check(notice: Notice, record_id: str) -> str:
    line: CheckLine = notice.checks[record_id]
    return f"{RESULTS[line.result]}. {line.title} Record {record_id}"


def _recorded(text: str, zone: str) -> str:
    return written(datetime.fromisoformat(text), zone)


def _lessons(notice: Notice, zone: str) -> list[dict[str, Any]]:
    made = [
        _event(
            line.title,
            [f"For “{line.fields['assignment']}”, course version {line.fields['course_number']}."],
            [
                ["Opened", _recorded(line.fields["opened_at"], zone)],
                ["Gone through", _recorded(line.fields["done_at"], zone)],
            ],
            _check(notice, line.record_id),
        )
        for line in notice.lessons
    ]
    made += [
        _event(
            lesson.title,
            [f"Opened {written(lesson.opened_at, zone)}, not gone through to its end by this day."],
            [],
            "",
        )
        for lesson in notice.opened
    ]
    made += [
        _event("What changed in the policy", [f"Read {written(line.at, zone)}."], [], _check(notice, line.record_id))
        for line in notice.changes
    ]
    return made


def _questions(notice: Notice, zone: str) -> list[dict[str, Any]]:
    made = []
    for asked in notice.questions:
        lines = []
        for option in asked.item["options"]:
            chosen, key = option["ref"] == asked.item["chosen"], option["ref"] == asked.item["key"]
            mark = (
                ("chosen, right" if key else "chosen, not the best") if chosen else ("the best answer" if key else "")
            )
            lines.append(option["text"] + (f" ({mark})" if mark else ""))
        when = "Not answered" if asked.at is None else f"Answered {written(asked.at, zone)}"
        made.append(
            _event(asked.item["stem"], lines, [["Where", asked.where], ["When", when]], _check(notice, asked.record_id))
        )
    return made


def _choices(notice: Notice, zone: str) -> list[dict[str, Any]]:
    made = []
    for line in notice.choices:
        facts = [["Chosen", line.fields["choice_text"]], ["What happened", line.fields["consequence"]]]
        if line.fields["better"]:
            facts.append(["The better way, as shown", line.fields["better"]])
        facts.append(["When", written(line.at, zone)])
        made.append(_event(line.title, [line.fields["scene_text"]], facts, _check(notice, line.record_id)))
    return made


def _signed(notice: Notice, zone: str) -> list[dict[str, Any]]:
    made = []
    for line in notice.signed:
        signed = line.fields["outcome"] == "signed"
        policy = line.fields["policy"]
        same = notice.text is not None and notice.text.version.sha256 == policy["sha256"]
        facts = [
            ["Signed" if signed else "Declined", written(line.at, zone)],
            ["Printed name", f"{line.fields['printed_name']}, badge {line.fields['badge']}"],
            ["Policy text signed for", f"version {policy['version']}, revised {policy['revised_on']}"],
            ["The text in force on this day", "the same" if same else "another version"],
        ]
        if line.fields["reservation"]:
            facts.append(["Question or reservation" if signed else "Reason given", line.fields["reservation"]])
        made.append(_event(line.title, [line.fields["statement"]], facts, _check(notice, line.record_id)))
    return made


def _stood(notice: Notice) -> list[dict[str, Any]]:
    made = []
    for item in notice.stood:
        rule = item.assignment.requirement_version
        closed = "" if item.closed_on is None else f", {day(item.closed_on)}"
        facts = [
            ["State then", STATES[item.standing.state] + closed],
            ["Due then", day(item.standing.due_on)],
            ["Under the rule", f"{rule.title}, version {rule.number}, record {rule.record_id}"],
        ]
        facts += [["Moved", f"to {day(move.until_on)}, record {move.record_id}"] for move in item.extensions]
        made.append(_event(f"{item.assignment.title}, {item.assignment.cycle}", [], facts, ""))
    return made
