"""Pure decisions about people: employment and leave on a date, and what a person's data must look like."""

from __future__ import annotations

import re
from datetime import date, timedelta

LEAVE_KINDS = {
    "military": "Military",
    "medical": "Medical",
    "family": "Family",
    "administrative": "Administrative",
}
EARLIEST_HIRE = date(1940, 1, 1)
FARTHEST_HIRE = timedelta(days=366)
LONGEST_LEAVE = timedelta(days=3660)
FARTHEST_SEPARATION = timedelta(days=731)
"""Dates beyond these are slips of the pen: the page says to check the year."""
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|[^@\s]+@localhost")


def full_name(given_name: str, family_name: str) -> str:
    """Given and family name, as it is printed on what the person signs."""
    return f"{given_name} {family_name}"


def works_here(hired_on: date, separated_on: date | None, rehired_on: date | None, today: date) -> bool:
    """Whether somebody is in service on ``today``: the first day has come, and they have not left.

    Whoever is not yet in service is not asked for anything, but may already set a password and look around.
    """
    return hired_on <= today and not is_separated(separated_on, rehired_on, today)


def is_separated(separated_on: date | None, rehired_on: date | None, today: date) -> bool:
    """Whether somebody no longer works here on ``today``. The separation date is the last day of service."""
    if separated_on is None or today <= separated_on:
        return False
    return rehired_on is None or rehired_on <= separated_on or today < rehired_on


def is_away(starts_on: date, ends_on: date | None, today: date) -> bool:
    """Whether a leave covers ``today``; both its dates are days away, and no end date means still away."""
    return starts_on <= today and (ends_on is None or today <= ends_on)


def hire_date_fault(hired_on: date, today: date) -> str | None:
    """Why this cannot be a first day of service, or None: a slip in the year is caught before anything follows."""
    if EARLIEST_HIRE <= hired_on <= today + FARTHEST_HIRE:
        return None
    return "Enter the first day of service, at most a year ahead. Check the year."


def subject_of(person_id: int) -> str:
    """How the ledger names a person."""
    return f"person:{person_id}"


def normal_email(text: str) -> str | None:
    """The address in lower case, or None where it cannot be one."""
    text = text.strip().lower()
    return text if len(text) <= 254 and _EMAIL.fullmatch(text) else None
