"""Arithmetic of local dates. Calendar years, not 365 days; 29 February plus a year is 28 February."""

from __future__ import annotations

from calendar import monthrange
from datetime import date


def add_months(day: date, months: int) -> date:
    """The same day of the month ``months`` later (or earlier); the month's last day where there is none."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_years(day: date, years: int) -> date:
    """The same day ``years`` later. 29 February becomes 28 February in a year without one."""
    return add_months(day, 12 * years)
