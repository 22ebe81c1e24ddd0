"""Dates that people type, and days as people count them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from lms.web.filters import days_words
from lms.web.forms import NO_DATE, DayField, Form


class DayForm(Form):
    """One date."""

    on = DayField("Day")


@dataclass
class Row:
    """A row with a due date."""

    days_late: int | None
    days_left: int | None


@pytest.mark.parametrize("typed", ["2026-03-05", "03/05/2026", "3/5/2026", " 2026-03-05 "])
def test_a_day_is_read_as_people_type_it(app: Flask, typed: str) -> None:
    with app.test_request_context():
        assert DayForm(MultiDict({"on": typed}), meta={"csrf": False}).on.data == date(2026, 3, 5)


@pytest.mark.parametrize("typed", ["tomorrow", "02/30/2026", "5.3.2026", "99999-01-01"])
def test_what_is_no_day_is_answered_with_what_to_type(app: Flask, typed: str) -> None:
    with app.test_request_context():
        form = DayForm(MultiDict({"on": typed}), meta={"csrf": False})
        assert not form.validate()
        assert form.on.errors == [NO_DATE]
        assert typed.strip() in str(form.on())


@pytest.mark.parametrize(
    ("late", "left", "words"),
    [
        (1, None, "1 day late"),
        (12, None, "12 days late"),
        (None, 0, "due today"),
        (None, 1, "1 day left"),
        (None, None, None),
    ],
)
def test_days_are_counted_in_words(late: int | None, left: int | None, words: str | None) -> None:
    assert days_words(Row(late, left)) == words
