"""Pure decisions of records: how a check and a recorded field read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from lms.ledger.checks import RecordCheck, State

LONGEST_PERIOD = timedelta(days=3660)


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A verification in words, as ``status.check_line`` draws it: ``ok``, ``bad`` or ``waiting``."""

    result: str
    title: str
    detail: str


def check_line(check: RecordCheck) -> CheckLine:
    """The one line for a record: altered, waiting for its checkpoint, or exactly as recorded."""
    if not check.ok:
        return CheckLine("bad", "This record is not what was recorded.", check.summary)
    if not check.sealed:
        return CheckLine("waiting", "Nothing is wrong; a signed checkpoint does not cover it yet.", check.summary)
    return CheckLine("ok", "Record, chain and checkpoint hold.", check.summary)


def step_result(state: State) -> str:
    """How one step of a check is drawn."""
    return {State.GOOD: "ok", State.PENDING: "waiting", State.BAD: "bad"}[state]


FIRST_YEAR, LAST_YEAR = 1900, 2200


def period_moments(since_on: date, until_on: date, zone: str) -> tuple[datetime, datetime]:
    """First moment and end (exclusive) of a period of whole local days, both inclusive."""
    place = ZoneInfo(zone)
    return (
        datetime.combine(since_on, time.min, place),
        datetime.combine(until_on + timedelta(days=1), time.min, place),
    )


def period_fault(since_on: date, until_on: date) -> str | None:
    """Why a period cannot be exported, or None."""
    if since_on.year < FIRST_YEAR or until_on.year > LAST_YEAR:
        return f"Choose days between {FIRST_YEAR} and {LAST_YEAR}. Check the year."
    if until_on < since_on:
        return "The last day is before the first."
    if until_on - since_on > LONGEST_PERIOD:
        return "Choose at most ten years at a time."
    return None


LABELS: Mapping[str, str] = {
    "meaning": "What the record means",
    "printed_name": "Printed name",
    "badge": "Badge",
    "training_named": "Training named",
    "attested_at": "Time",
    "on_duty": "Done on duty",
    "reservation": "Question, reservation or reason",
    "purpose": "Why the department asks, as shown",
    "witnesses": "Witnesses named",
    "method": "How the person proved who they were",
    "form": "Capstone form",
    "statement_sha256": "SHA-256 of the statement",
    "ip": "Internet address",
    "user_agent": "Browser",
    "app_version": "Version of this software",
    "subject_seq": "Number of this record in the person's own chain",
    "prev_subject_leaf": "Fingerprint of the record before it in that chain",
}
"""Fields of an attestation's record that are read out one by one, in this order."""


def readable(fields: Mapping[str, Any], moment: Callable[[str], str]) -> list[tuple[str, str | None]]:
    """Label and text of each field that LABELS names and the record discloses; ``moment`` writes a recorded time."""
    lines: list[tuple[str, str | None]] = []
    for name, label in LABELS.items():
        if name in fields:
            lines.append((label, _text(name, fields[name], moment)))
    return lines


def _text(name: str, value: Any, moment: Callable[[str], str]) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if name == "witnesses":
        return "; ".join(f"{witness['name']}, badge {witness['badge']}" for witness in value)
    return moment(value) if name.endswith("_at") else str(value)
