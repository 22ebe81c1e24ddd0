"""The tiny course, as it is and with one thing wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

from lms.catalog.content.check import check_course
from lms.catalog.content.faults import ContentFault

TINY = Path(__file__).parents[1] / "support" / "tiny-course"
REAL = Path(__file__).parents[2] / "quizzes" / "sop-110"
BAD = Path(__file__).parent / "bad"
BANK = "modules/02-confidential-content/bank.yaml"
LESSON = "modules/02-confidential-content/lesson.md"
MODULE = "modules/02-confidential-content/module.yaml"
STORY = "modules/02-confidential-content/scenarios.yaml"


def copy_tiny(folder: Path) -> Path:
    """A copy of the tiny course to break."""
    return Path(shutil.copytree(TINY, folder / "course"))


def edit(course: Path, file: str, old: str, new: str) -> int:
    """Replaces the one place where ``old`` stands; the line (from 1) at which it stood."""
    path = course / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    path.write_text(text.replace(old, new), encoding="utf-8", newline="")
    return text[: text.index(old)].count("\n") + 1


def faults_of(course: Path) -> list[ContentFault]:
    """The faults of a course that must have some."""
    found = check_course(course)
    assert isinstance(found, list)
    return found


def said(faults: list[ContentFault]) -> str:
    """All faults as the command prints them."""
    return "\n".join(map(str, faults))
