"""The letters as people get them. Set ``LMS_GOLDEN=1`` to write the files anew after a deliberate change."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from lms.notify.rules import Letter
from lms.schedule.emails import (
    DigestFacts,
    LateOfficer,
    Notice,
    digest_letter,
    notice_letter,
    reminder_letter,
    supervisor_letter,
)
from lms.schedule.rules import Stage

GOLDEN = Path(__file__).parent / "golden"
NOTICE = Notice(
    name="Alma Reyes",
    title="Social media policy: yearly test-out",
    opens_on=date(2026, 10, 2),
    due_on=date(2026, 12, 31),
    grace_until=date(2027, 1, 30),
    why="Due every year on December 31; it opens on October 2, 2026.",
    url="https://training.portland.test/training/",
    department="Portland Police Department",
)
LATE = [LateOfficer("Alma Reyes", "Patrol", NOTICE.title, date(2026, 12, 31))]
BUSY = DigestFacts(12, 7, 30, 1, 1, 2, LATE, "https://training.portland.test/reporting/", NOTICE.department)
QUIET = DigestFacts(3, 0, 0, 0, 0, 0, [], BUSY.url, NOTICE.department)

LETTERS = {
    "opens": notice_letter(Stage.OPENS, NOTICE, date(2026, 10, 2)),
    "30_days": notice_letter(Stage.DAYS_30, NOTICE, date(2026, 12, 1)),
    "7_days_late": notice_letter(Stage.DAYS_7, NOTICE, date(2026, 12, 26)),
    "due_tomorrow": notice_letter(Stage.TOMORROW, NOTICE, date(2026, 12, 30)),
    "due_today": notice_letter(Stage.TOMORROW, NOTICE, date(2026, 12, 31)),
    "overdue": notice_letter(Stage.OVERDUE, NOTICE, date(2027, 1, 1)),
    "overdue_supervisor": supervisor_letter("Ruth Bell", NOTICE),
    "reminder": reminder_letter(NOTICE, date(2026, 12, 20)),
    "reminder_overdue": reminder_letter(NOTICE, date(2027, 1, 20)),
    "weekly": digest_letter("Ruth Bell", BUSY, date(2027, 1, 4)),
    "weekly_quiet": digest_letter("Ruth Bell", QUIET, date(2027, 1, 4)),
}


@pytest.mark.parametrize("name", sorted(LETTERS))
def test_letter(name: str) -> None:
    letter: Letter = LETTERS[name]
    written = f"Subject: {letter.subject}\n\n{letter.body}"
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("LMS_GOLDEN") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(written, encoding="utf-8", newline="\n")
    assert written == path.read_text(encoding="utf-8")


def test_every_letter_is_short_enough_and_names_no_leave() -> None:
    for letter in LETTERS.values():
        assert len(letter.subject) <= 120
        assert "leave" not in letter.body.replace("leave off", "").lower()
