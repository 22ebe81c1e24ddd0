"""A file of people, read and checked line by line, before anything is looked up or written."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lms.roster.rules import normal_email

COLUMNS = ("badge", "email", "given_name", "family_name", "rank", "unit", "hired_on", "supervisor_badge")
MAY_BE_EMPTY = frozenset({"supervisor_badge"})
LONGEST = {"badge": 20, "given_name": 80, "family_name": 80, "rank": 60, "unit": 120, "supervisor_badge": 20}


@dataclass(frozen=True, slots=True)
class LineFault:
    """What is wrong with one line."""

    line: int
    message: str


@dataclass(slots=True)
class Line:
    """One person of the file. ``person_id`` is set once the person is on the roster."""

    number: int
    badge: str
    email: str
    given_name: str
    family_name: str
    rank: str
    unit: str
    hired_on: date
    supervisor_badge: str
    person_id: int | None = None


def read_people(path: Path) -> tuple[list[Line], list[LineFault]]:
    """Every good line, and every fault of the others."""
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
            made = _read_line(reader.line_num, header, cells)
            (lines.append if isinstance(made, Line) else faults.extend)(made)  # type: ignore[arg-type]
    except csv.Error as error:
        faults.append(LineFault(reader.line_num, f"this is no CSV: {error}"))
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


def _read_line(number: int, header: list[str], cells: list[str]) -> Line | list[LineFault]:
    if len(cells) != len(header):
        return [LineFault(number, f"{len(cells)} fields; the header has {len(header)}")]
    values = dict.fromkeys(COLUMNS, "") | {n: cell.strip() for n, cell in zip(header, cells, strict=True)}
    faults = [LineFault(number, message) for message in _value_faults(values)]
    if faults:
        return faults
    values["email"] = normal_email(values["email"]) or ""
    return Line(number=number, **{**values, "hired_on": date.fromisoformat(values["hired_on"])})  # type: ignore[arg-type]


def _value_faults(values: dict[str, str]) -> Iterator[str]:
    for name, value in values.items():
        if not value and name not in MAY_BE_EMPTY:
            yield f"{name} is empty"
        elif len(value) > LONGEST.get(name, 254):
            yield f"{name} is longer than {LONGEST[name]} characters"
    if values["email"] and normal_email(values["email"]) is None:
        yield f"email {values['email']!r} is not an email address"
    if values["hired_on"]:
        try:
            date.fromisoformat(values["hired_on"])
        except ValueError:
            yield f"hired_on {values['hired_on']!r} is not a date such as 2026-03-01"
    if values["supervisor_badge"] and values["supervisor_badge"] == values["badge"]:
        yield "supervisor_badge is the person's own"


def _twice(lines: list[Line], name: str) -> Iterator[LineFault]:
    first: dict[str, int] = {}
    for line in lines:
        value = getattr(line, name)
        if value in first:
            yield LineFault(line.number, f"{name} {value} stands in line {first[value]} already")
        first.setdefault(value, line.number)


def _circles(lines: list[Line]) -> Iterator[LineFault]:
    placed = {line.number for line in in_order(lines)}
    for line in lines:
        if line.number not in placed:
            yield LineFault(line.number, "the supervisors of this person lead round in a circle")


def in_order(lines: list[Line]) -> list[Line]:
    """Supervisors before their people; those in a circle are left out."""
    waiting = list(lines)
    ordered: list[Line] = []
    while True:
        badges = {line.badge for line in waiting}
        ready = [line for line in waiting if line.supervisor_badge not in badges]
        if not ready:
            return ordered
        ordered += ready
        waiting = [line for line in waiting if line.supervisor_badge in badges]
