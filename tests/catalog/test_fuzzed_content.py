"""Whatever is typed into a file, checking gives faults or a course, and never breaks."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms.catalog.content.check import check_course
from tests.catalog.courses import BANK, LESSON, MODULE, STORY, TINY

FILES = st.sampled_from(["course.yaml", "policy.md", BANK, LESSON, MODULE, STORY])
TYPED = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "[",
            "{",
            "]",
            "}",
            "&a",
            "*a",
            "!!set",
            "? ",
            ": ",
            "- ",
            "---\n",
            "|",
            ">",
            "#",
            "'",
            '"',
            "\n",
            "%YAML 1.1",
            "99999999999999999999",
            "null",
            "{}",
            "[]",
        ]
    ),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FILES, st.floats(0, 1), st.integers(0, 40), TYPED)
def test_any_edit_gives_faults_or_a_course(file: str, where: float, removed: int, typed: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        course = Path(shutil.copytree(TINY, Path(folder) / "course"))
        text = (course / file).read_text(encoding="utf-8")
        place = int(where * len(text))
        changed = text[:place] + typed + text[place + removed :]
        (course / file).write_text(changed, encoding="utf-8", errors="replace", newline="")
        found = check_course(course)
        assert not isinstance(found, list) or found


@settings(max_examples=30, deadline=None)
@given(FILES, st.binary(max_size=300))
def test_any_bytes_give_faults(file: str, data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        course = Path(shutil.copytree(TINY, Path(folder) / "course"))
        (course / file).write_bytes(data)
        assert check_course(course)
