"""A file of people, read and checked line by line, before anything is looked up or written."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lms.roster.rules import hire_date_fault, normal_email

COLUMNS = ("badge", "email", "given_name", "family_name", "rank", "unit", "hired_on", "supervisor_badge")
MAY_BE_EMPTY = frozenset({"supervisor_badge"})
LONGEST = {
    "badge": 20, "email": 254, "given_name": 80, "family_name": 80, "rank": 60, "unit": 120, "supervisor_badge": 20,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LineFault:
    """What is wrong with one line."""

    line: int
    message: str


@dataclass(slots=True)
class Line:
    """One person of the file, as written. A line with a fault is kept, so that the other checks see it, too.

    ``hired_on`` is None where it is no date; ``person_id`` is set once the person is on the roster.
    """

    number: int
    badge: str
    email: str
    given_name: str
    family_name: str
    rank: str
    unit: str
    hired_on: date | None
    supervisor_badge: str
    person_id: int | None = None


def read_people(path: Path, today: date) -> tuple[list[Line], list[LineFault]]:
    """Every line that has its columns, and every fault of the file in itself."""
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return [], [LineFault(raw[: error.start].count(b"\n") + 1, "this is not UTF-8; save the file as CSV UTF-8")]
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines: list[Line] = []
    faults: list[LineFault] = []
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        faults += _header_faults(header)
        if faults:
            return [], faults
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                faults.append(LineFault(reader.line_num, f"{len(cells)} fields; the header has {len(header)}"))
                continue
            values = dict.fromkeys(COLUMNS, "") | {n: c.strip() for n, c in zip(header, cells, strict=True)}
            faults += (LineFault(reader.line_num, message) for message in _value_faults(values, today))
            lines.append(_line(reader.line_num, values))
    except csv.Error as error:
        faults.append(LineFault(reader.line_num, f"this is no CSV: {error}; the lines after it were not read"))
    faults += _twice(lines, "badge")
    faults += _twice(lines, "email")
    faults += _circles(lines)
    return lines, faults


def _header_faults(header: list[str]) -> list[LineFault]:
    missing = [name for name in COLUMNS if name not in header and name not in MAY_BE_EMPTY]
    unknown = [name for name in header if name not in COLUMNS]
    faults = []
    if missing:
        faults.append(LineFault(1, f"missing columns: {', '.join(missing)}"))
    if unknown:
        faults.append(LineFault(1, f"unknown columns: {', '.join(unknown)}"))
    if len(set(header)) != len(header):
        faults.append(LineFault(1, "a column is named twice"))
    return faults


def _line(number: int, values: dict[str, str]) -> Line:
    return Line(
        number=number,
        badge=values["badge"],
        email=normal_email(values["email"]) or values["email"].lower(),
        given_name=values["given_name"],
        family_name=values["family_name"],
        rank=values["rank"],
        unit=values["unit"],
        hired_on=_date(values["hired_on"]),
        supervisor_badge=values["supervisor_badge"],
    )


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _value_faults(values: dict[str, str], today: date) -> Iterator[str]:
    for name, value in values.items():
        if not value and name not in MAY_BE_EMPTY:
            yield f"{name} is empty"
        elif len(value) > LONGEST.get(name, 254):
            yield f"{name} is longer than {LONGEST.get(name, 254)} characters"
    if values["email"] and normal_email(values["email"]) is None:
        yield f"email {values['email']!r} is not an email address"
    hired_on = _date(values["hired_on"])
    if values["hired_on"] and hired_on is None:
        yield f"hired_on {values['hired_on']!r} is not a date such as 2026-03-01"
    if hired_on is not None and hire_date_fault(hired_on, today) is not None:
        yield f"hired_on {hired_on} is before 1940 or more than a year ahead"
    if values["supervisor_badge"] and values["supervisor_badge"] == values["badge"]:
        yield "supervisor_badge is the person's own"


def _twice(lines: list[Line], name: str) -> Iterator[LineFault]:
    first: dict[str, int] = {}
    for line in lines:
        value = getattr(line, name)
        if value and value in first:
            yield LineFault(line.number, f"{name} {value} stands in line {first[value]} already")
        first.setdefault(value, line.number)


def _circles(lines: list[Line]) -> Iterator[LineFault]:
    placed = {line.number for line in in_order(lines)}
    for line in lines:
        if line.number not in placed and line.supervisor_badge != line.badge:
            yield LineFault(line.number, "the supervisors of this person lead round in a circle")


def in_order(lines: Sequence[Line]) -> list[Line]:
    """Supervisors before their people; those in a circle are left out."""
    waiting = list(lines)
    ordered: list[Line] = []
    while True:
        badges = {line.badge for line in waiting}
        ready = [line for line in waiting if line.supervisor_badge not in badges or not line.supervisor_badge]
        if not ready:
            return ordered
        ordered += ready
        waiting = [line for line in waiting if line.supervisor_badge and line.supervisor_badge in badges]
