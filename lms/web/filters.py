"""How dates, counts and authored text are written on pages."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Protocol

import nh3
from flask import Flask
from markdown_it import MarkdownIt
from markupsafe import Markup

from lms.web.context import settings


class Counted(Protocol):
    """Anything with a due date: of its two numbers at most one is set."""

    @property
    def days_late(self) -> int | None: ...

    @property
    def days_left(self) -> int | None: ...


_ALLOWED = {"p", "em", "strong", "ul", "ol", "li", "blockquote", "code", "br", "h3", "h4", "h5", "hr", "a"}
_markdown = MarkdownIt("commonmark", {"html": False})


def day(value: date | datetime | None) -> str:
    """March 5, 2026 (a time is shown as the department's local date); empty for none."""
    local = _local_date(value)
    return "" if local is None else f"{local:%B} {local.day}, {local.year}"


def short_day(value: date | datetime | None) -> str:
    """Mar 5, 2026; empty for none."""
    local = _local_date(value)
    return "" if local is None else f"{local:%b} {local.day}, {local.year}"


def moment(value: datetime | None) -> str:
    """March 5, 2026, 2:14 p.m. EST, in the department's time zone; empty for none."""
    if value is None:
        return ""
    local = value.astimezone(settings().zone)
    return f"{local:%B} {local.day}, {local.year}, {time_of_day(value)} {local:%Z}"


def time_of_day(value: datetime) -> str:
    """10:12 a.m., in the department's time zone."""
    local = value.astimezone(settings().zone)
    return f"{local.hour % 12 or 12}:{local:%M} {'a.m.' if local.hour < 12 else 'p.m.'}"


def iso(value: date | datetime) -> str:
    """For the ``datetime`` attribute of a ``time`` element."""
    return value.isoformat()


def plural(count: int, one: str, many: str | None = None) -> str:
    """1 day, 2 days, 1,204 people."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def days_words(row: Counted) -> str | None:
    """3 days late, due today, 5 days left; None for what is closed."""
    if row.days_late:
        return f"{plural(row.days_late, 'day')} late"
    if row.days_left is None:
        return None
    return f"{plural(row.days_left, 'day')} left" if row.days_left else "due today"


@lru_cache(maxsize=2048)
def markdown(text: str) -> Markup:
    """Authored CommonMark as HTML, without raw HTML, and cleaned once more."""
    return Markup(nh3.clean(_markdown.render(text), tags=_ALLOWED))  # noqa: S704 - cleaned by nh3


@lru_cache(maxsize=2048)
def plain(text: str) -> str:
    """Authored CommonMark as words alone, for a legend or a title."""
    return markdown(text).striptags()


def _local_date(value: date | datetime | None) -> date | None:
    if isinstance(value, datetime):
        return value.astimezone(settings().zone).date()
    return value


def init_app(app: Flask) -> None:
    """Registers the filters."""
    for function in (day, short_day, moment, iso, plural, days_words, markdown, plain):
        app.jinja_env.filters[function.__name__] = function
