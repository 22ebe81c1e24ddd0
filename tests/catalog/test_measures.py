"""Figures of a course, and the faults of a course that misses its thresholds."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from lms.catalog.content.check import CheckedCourse, check_course
from lms.catalog.content.measures import guessing, overlap, story_depth
from lms.catalog.content.reading import Reading, measure, squeezed, syllables
from lms.catalog.content.schema import ItemShape, OptionShape, ScenarioShape
from lms.catalog.rules import Form
from tests.catalog.courses import REAL, copy_tiny, faults_of, said


def item(ref: str, key: int, *lengths: int, clause: str = "I") -> ItemShape:
    options = [
        OptionShape(id=f"o{n}", text="x" * n + str(p), correct=p == key, feedback="f") for p, n in enumerate(lengths)
    ]
    return ItemShape(id=ref, clause=clause, verdict="fact", stem="s", options=options, rewrite="r")


def test_guessing_shares_the_point_between_options_of_one_length() -> None:
    found = guessing([item("a", 0, 9, 5, 1), item("b", 1, 9, 9, 1), item("c", 2, 9, 5, 1), item("d", 2, 3, 3, 3)])
    assert found.longest == pytest.approx(100 * (1 + 0.5 + 0 + 1 / 3) / 4)
    assert found.shortest == pytest.approx(100 * (0 + 0 + 1 + 1 / 3) / 4)
    assert found.positions == (25, 25, 50)


def test_overlap_and_the_bound_below_which_no_drawing_comes() -> None:
    items = [item(f"i{n}", 0, 1, 2, 3, clause="I" if n else "II") for n in range(7)]
    forms = [Form("1", ("i0", "i1", "i2")), Form("2", ("i0", "i3", "i4")), Form("3", ("i0", "i5", "i6"))]
    found = overlap(forms, items, {"II"})
    assert found.most == pytest.approx(100 / 3)
    assert found.least_possible == pytest.approx(100 * 2 / 9)
    assert overlap(forms, items, set()).least_possible == pytest.approx(100 * 2 / 9)


def test_depth_of_a_story_that_is_broken_ends_there() -> None:
    choice = {"text": "t", "rating": 1, "consequence": "c", "clause": "I", "better": "b"}
    scenes = [
        {
            "id": "a",
            "text": "t",
            "choices": [{"id": "x", "next": "b", **choice}, {"id": "y", "next": "gone", **choice}],
        },
        {"id": "b", "text": "t", "choices": [{"id": "x", "next": "a", **choice}]},
    ]
    fields = {"id": "s", "title": "t", "clauses": ["I"], "setting": "s", "start": "a", "scenes": scenes}
    depth = story_depth(ScenarioShape.model_validate(fields))
    assert (depth.shortest, depth.clauses) == (1, 1)


@pytest.mark.parametrize(
    ("word", "count"),
    [("cat", 1), ("idea", 2), ("made", 1), ("table", 2), ("posted", 2), ("asked", 1), ("department", 4), ("any", 2)],
)
def test_syllables(word: str, count: int) -> None:
    assert syllables(word) == count


def test_grade_is_that_of_the_formula() -> None:
    assert Reading(words=100, sentences=5, syllables=150).grade == round(0.39 * 20 + 11.8 * 1.5 - 15.59, 1)
    assert Reading(0, 0, 0).grade == 0.0


def test_quotes_of_the_policy_citations_headings_and_tables_are_left_out() -> None:
    text = (
        '## A heading of words\n\nThe cat sat. It says "shall not disseminate".\n\n| a | b |\n|---|---|\n| c | d |\n\n'
        'See *Lane v. Franks*, 1 U.S. 2. He said "no way".\n'
    )
    found = measure([text], squeezed("You shall not disseminate it."), ["Lane v. Franks, 1 U.S. 2"])
    assert (found.words, found.sentences) == (3 + 2 + 1 + 4, 4)


THRESHOLDS = {
    "items_least: 17": "thresholds.items_least: The bank has 16 items; the threshold is 17.",
    "scenarios_least: 4": "thresholds.scenarios_least: The course has 3 scenarios; the threshold is 4.",
    "longest_key_percent: 1": "percent; the threshold is 1. Lengthen some keys, or shorten wrong options.",
    "position_key_percent: 1": "Move the key of some items to another place.",
    "reading_grade_max: 1": "Divide long sentences and use shorter words.",
    "capstone_depth: 4": "scenarios.capstone-day: This capstone scenario has 2 decisions on its shortest way",
    "capstone_clauses: 9": "clauses that its choices meet; the threshold is 9. Add scenes.",
    "items_of_unit: {2f: 5}": "units.2f: This unit has 4 items in the bank; the threshold is 5. Write 1 more.",
    "items_of_unit: {zz: 1}": "thresholds.items_of_unit.zz: There is no unit zz.",
}


@pytest.mark.parametrize("line", sorted(THRESHOLDS))
def test_a_missed_threshold_is_a_fault_at_its_line(line: str, tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    path = course / "course.yaml"
    path.write_text(path.read_text(encoding="utf-8").rstrip("\n") + f"\n  {line}\n", encoding="utf-8")
    last = path.read_text(encoding="utf-8").count("\n")
    faults = faults_of(course)
    assert THRESHOLDS[line].split(": ", 1)[-1] in said(faults)
    if line.startswith(("items_least", "scenarios_least", "longest_key", "position_key")):
        assert {(fault.file, fault.line) for fault in faults} == {("course.yaml", last)}


def test_forms_that_overlap_are_a_fault_with_the_bound(tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    path = course / "course.yaml"
    text = path.read_text(encoding="utf-8").replace("questions: 5", "questions: 6").rstrip("\n")
    path.write_text(f"{text}\n  forms_overlap_percent: 0\n", encoding="utf-8")
    assert "forms_overlap_percent: Two capstone forms share 33 percent of their items" in said(faults_of(course))
    assert "with this bank no drawing can come below 11 percent on average" in said(faults_of(course))


def test_rules_of_the_workshop_are_not_published(tmp_path: Path) -> None:
    plain = check_course(copy_tiny(tmp_path / "a"))
    course = copy_tiny(tmp_path / "b")
    with (course / "course.yaml").open("a", encoding="utf-8") as file:
        file.write('  scenarios_least: 3\ncitations: [26 M.R.S. § 616]\nmust_not_say: [{say: "I agree", why: "no."}]\n')
    stricter = check_course(course)
    assert isinstance(plain, CheckedCourse)
    assert isinstance(stricter, CheckedCourse), said(stricter)
    assert plain.parts == stricter.parts


def test_the_course_that_is_shipped_meets_what_was_asked_within_two_seconds() -> None:
    began = time.process_time()
    checked = check_course(REAL)
    assert time.process_time() - began < 2
    assert isinstance(checked, CheckedCourse), said(checked)
    found = checked.measures
    assert (found.items >= 120, found.scenarios >= 31, found.permitted_percent >= 20) == (True, True, True)
    assert max(found.guessing.longest, found.guessing.shortest, *found.guessing.positions) <= 45
    assert max(reading.grade for _, reading in found.readings) <= 9
    assert found.overlap is not None
    assert found.overlap.most == found.overlap.least_possible == 0
    assert all(row.lessons and row.items for row in found.coverage)
