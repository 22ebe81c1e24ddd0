"""Files that are no content at all are refused in words, at once, and hide no other fault."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.catalog.courses import BAD, BANK, LESSON, copy_tiny, edit, faults_of, said
from tests.support.timing import within_a_second

EXPECTED = {
    "aliases": ":2: items.1: Anchors (&) and aliases (*) are not used here",
    "brackets": ":1: Too many brackets in one line",
    "brackets-in-lines": ": This is nested too deep",
    "broken": ": This is not YAML: found unexpected end of stream",
    "crlf": ":1: Lines must end in LF alone",
    "deep": ": This is nested too deep",
    "duplicate-key": ":4: items.1.clause: This key stands here twice",
    "empty": ":1: This file is empty",
    "invisible": ":2: There is an invisible character (U+200B)",
    "key-is-a-list": ":1: A key must be one plain word",
    "latin-1": ":2: This is not UTF-8 text",
    "merge": ":4: items.2.<<: Anchors (&) and aliases (*) are not used here",
    "not-a-list": ":1: items: The file must be a list of entries under the key “items”",
    "scalar": ":1: items: The file must be a list of entries under the key “items”",
    "tab": ":2: There is a tab. Use spaces",
    "tag": ":2: items.1: Tags (!) are not used here",
    "two-documents": ":2: A second document begins here",
}


def test_every_bad_file_is_expected_to_say_something() -> None:
    assert {path.stem for path in BAD.glob("*.yaml")} == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_bad_file_is_named_with_its_line_within_a_second(name: str, tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    shutil.copyfile(BAD / f"{name}.yaml", course / BANK)
    edit(course, LESSON, "## IV.B.1.c — Confidential content", "## IV.B.9 — Confidential content")
    with within_a_second():
        found = said(faults_of(course))
    assert EXPECTED[name] in found
    assert f"\n{BANK}:" in f"\n{found}"
    assert "The policy has no clause IV.B.9" in found


def test_a_huge_file_is_refused_without_reading_it(tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    (course / BANK).write_text("items:\n" + "  - id: x\n" * 100_000, encoding="utf-8")
    assert f"{BANK}:1: This file is larger than 512 KB" in said(faults_of(course))


def test_too_many_values_are_refused_within_a_second(tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    (course / BANK).write_text("items:\n" + "- \n" * 80_000, encoding="utf-8")
    with within_a_second():
        found = said(faults_of(course))
    assert "more than 10000 values" in found


@pytest.mark.parametrize("file", ["course.yaml", "policy.md", BANK, LESSON])
def test_missing_file_is_named(file: str, tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    (course / file).unlink()
    assert f"{file}:1: This file is missing." in said(faults_of(course))


def test_folder_in_place_of_a_file_is_a_missing_file(tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    (course / BANK).unlink()
    (course / BANK).mkdir()
    assert f"{BANK}:1: This file is missing." in said(faults_of(course))


def test_link_out_of_the_course_is_not_followed(tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    shutil.move(course / BANK, tmp_path / "elsewhere.yaml")
    os.symlink(tmp_path / "elsewhere.yaml", course / BANK)
    assert f"{BANK}:1: This file is missing." in said(faults_of(course))


def test_empty_folder_has_faults_and_no_traceback(tmp_path: Path) -> None:
    assert said(faults_of(tmp_path)).startswith("course.yaml:1: This file is missing.")


def test_stray_file_and_stray_folder_are_named(tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    (course / BANK).with_name("bank.yml").write_text("items: []\n", encoding="utf-8")
    (course / "modules" / "09-forgotten").mkdir()
    found = said(faults_of(course))
    assert "bank.yml:1: Nothing reads this" in found
    assert "The folder modules/09-forgotten is not named here" in found
