"""A fault says what is wrong where it is wrong; what only follows from it is not said, but that it was not checked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from lms.catalog.cli import content
from tests.catalog.courses import BANK, copy_tiny, edit, faults_of, said

COURSE = "course.yaml"
CAPSTONE = "modules/08-capstone/module.yaml"
BROKEN = {
    "no YAML": (r"(?s).*", "course: [\n", "This is not YAML"),
    "unknown key": (r"\Z", "colour: red\n", "colour: This key is not known here."),
    "number for text": (r'module: "8"', "module: 8", "capstone.module: This must be text."),
    "no such capstone": (r'module: "8"', 'module: "9"', "capstone.module: There is no module 9."),
    "no policy": (r"policy: policy.md\n", "", "policy: This key is missing."),
    "modules that are no list": (r"modules: .*", "modules: none", "modules: This must be a list."),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_one_fault_in_the_course_file_is_the_only_one_said(tmp_path: Path, name: str) -> None:
    course = copy_tiny(tmp_path)
    old, new, says = BROKEN[name]
    text = (course / COURSE).read_text(encoding="utf-8")
    (course / COURSE).write_text(re.sub(old, new, text, count=1), encoding="utf-8")
    found = faults_of(course)
    faults, notes = [f for f in found if not f.is_note], [f for f in found if f.is_note]
    assert len(faults) == 1, said(found)
    assert faults[0].file == COURSE
    assert says in str(faults[0])
    assert len(notes) == 1
    assert "checked" in str(notes[0])


def test_real_faults_of_other_files_are_still_said(tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    (course / COURSE).unlink()
    edit(course, BANK, "verdict: duty", "verdict: maybe")
    assert [fault.file for fault in faults_of(course)] == [COURSE, BANK, COURSE]


def test_a_capstone_that_cannot_be_read_makes_no_lesson_missing(tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    (course / CAPSTONE).write_text("module: [\n", encoding="utf-8")
    faults = [fault for fault in faults_of(course) if not fault.is_note]
    assert {fault.file for fault in faults} == {CAPSTONE}


def test_the_command_counts_faults_and_prints_the_note(tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    (course / COURSE).unlink()
    result = CliRunner().invoke(content, ["check", str(course)])
    assert "course.yaml:1: note: What the files must have in common could not be checked." in result.output
    assert "1 fault. Nothing was published." in result.output
