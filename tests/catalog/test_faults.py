"""Each fault that an author can make is named with its file, its line, its place and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from lms.catalog.content.check import CheckedCourse, check_course
from tests.catalog.courses import BANK, LESSON, MODULE, REAL, STORY, TINY, copy_tiny, edit, faults_of, said

POLICY, COURSE = "policy.md", "course.yaml"
CAPSTONE = "modules/08-capstone/module.yaml"

ITEM = "    clause: IV.B.1.c\n    verdict: not-permitted\n    stem: An officer wants to post a clip"

EDITS = {
    "unknown clause in an item": (
        BANK,
        ITEM,
        ITEM.replace("1.c\n", "1.z\n"),
        "items.conf-training-clip.clause: The policy has no clause IV.B.1.z.",
    ),
    "clause that the module does not teach": (
        BANK,
        ITEM,
        ITEM.replace("1.c\n", "2.e\n"),
        "Module 2 does not teach clause IV.B.2.e.",
    ),
    "id used twice": (
        BANK,
        "id: conf-spoken-yes",
        "id: conf-training-clip",
        "The id conf-training-clip is already used in modules/02",
    ),
    "id of a scenario used for an item": (
        BANK,
        "id: conf-spoken-yes",
        "id: training-clip",
        "The id training-clip is already used in",
    ),
    "unknown key": (
        BANK,
        "    verdict: duty",
        "    verdikt: duty",
        "items.policy-lawful-use.verdikt: This key is not known here.",
    ),
    "missing key": (BANK, "    verdict: duty\n", "", "items.policy-lawful-use.verdict: This key is missing."),
    "unknown verdict": (
        BANK,
        "verdict: duty",
        "verdict: maybe",
        "This must be 'permitted', 'not-permitted', 'caution', 'duty' or 'fact'.",
    ),
    "no correct option": (
        BANK,
        'text: "Express written permission first."\n        correct: true',
        'text: "Express written permission first."',
        "No option is correct.",
    ),
    "wrong type": (
        BANK,
        'text: "Express written permission first."\n        correct: true',
        'text: "Express written permission first."\n        correct: 1',
        "This must be true or false.",
    ),
    "text that is a number": (BANK, "stem: What is the purpose of the policy?", "stem: 12", "This must be text."),
    "HTML in text": (
        BANK,
        "stem: What is the purpose of the policy?",
        "stem: What is <b>the</b> purpose?",
        "HTML is not allowed here",
    ),
    "two options with one text": (
        BANK,
        'text: "Guidelines for proper use of accounts."',
        'text: "It depends on the time of day and on who is watching."',
        "Two options have the same text.",
    ),
    "option of two lines": (
        BANK,
        'text: "Guidelines for proper use of accounts."',
        "text: |\n          One\n          two",
        "This must be one line.",
    ),
    "dangling link": (
        STORY,
        "            text: Say what happened and take it down.\n            rating: 3\n            consequence: Something follows from this (3 of 3).\n            clause: II\n            better: Read the clause first, then decide.\n            next: mended",
        "            text: Say what happened and take it down.\n            rating: 3\n            consequence: Something follows from this (3 of 3).\n            clause: II\n            better: Read the clause first, then decide.\n            next: nowhere",
        "choices.say-so.next: There is no scene nowhere.",
    ),
    "dead end": (
        STORY,
        "      - id: quiet\n        ending: true",
        "      - id: quiet",
        "Dead end: scene quiet has no choices and is not an ending.",
    ),
    "unknown start": (STORY, "start: phone", "start: radio", "scenarios.training-clip.start: There is no scene radio."),
    "rating beyond 3": (STORY, "rating: 2", "rating: 4", "This number must be at most 3."),
    "clause not in the scenario's list": (
        STORY,
        "clauses: [IV.B.1.c, II]",
        "clauses: [IV.B.1.c]",
        "Clause II is not in the scenario's list of clauses.",
    ),
    "clause that no choice meets": (
        STORY,
        "clauses: [IV.B.1.c, II]",
        "clauses: [IV.B.1.c, II, I]",
        "No choice of this scenario meets clause I.",
    ),
    "lesson section for an unknown clause": (
        LESSON,
        "## IV.B.1.c — Confidential content",
        "## IV.B.1.z — Confidential content",
        "The policy has no clause IV.B.1.z.",
    ),
    "lesson heading in another form": (
        LESSON,
        "## IV.B.1.c — Confidential content",
        "## Confidential content",
        "A section's heading looks like",
    ),
    "HTML in a lesson": (
        LESSON,
        "This lesson belongs to module 2.",
        "This lesson <script>alert(1)</script> belongs.",
        "HTML is not allowed here",
    ),
    "picture in a lesson": (
        LESSON,
        "This lesson belongs to module 2.",
        "![logo](https://example.com/x.png)",
        "Pictures are not allowed here.",
    ),
    "module number without quotes": (MODULE, 'module: "2"', "module: 2", "This must be text. Put it in quotes"),
    "module without questions": (MODULE, "questions: 4\n", "", "“questions” is missing"),
    "more questions than items": (
        MODULE,
        "questions: 4",
        "questions: 40",
        "The module shows 40 questions but its bank has 8.",
    ),
    "capstone with questions of its own": (
        CAPSTONE,
        "minutes: 8",
        "minutes: 8\nquestions: 3",
        "The capstone has no “questions” of its own",
    ),
    "unit with an unknown clause": (
        COURSE,
        "clauses: [IV.B.2.e]",
        "clauses: [IV.B.2.x]",
        "units.2e.clauses.1: The policy has no clause IV.B.2.x.",
    ),
    "taught clause in no unit": (COURSE, "clauses: [I, II]", "clauses: [II]", "Clause I is taught but is in no unit."),
    "clause in two units": (
        COURSE,
        "clauses: [IV.B.2.e]",
        "clauses: [IV.B.2.e, II]",
        "Clause II is already in a unit.",
    ),
    "critical clause in no unit": (
        COURSE,
        "critical: [IV.B.1.c, IV.B.2.f]",
        "critical: [IV.B.1.c, IV.B.9]",
        "mastery.critical.2: The policy has no clause IV.B.9.",
    ),
    "no such capstone": (COURSE, 'module: "8"', 'module: "9"', "There is no module 9."),
    "unit under its threshold": (
        COURSE,
        "items_per_unit: 3",
        "items_per_unit: 5",
        "units.1c: This unit has 4 items in the bank; the threshold is 5. Write 1 more.",
    ),
    "too few permitted": (
        COURSE,
        "permitted_percent: 20",
        "permitted_percent: 60",
        "Only 5 of 16 items have the verdict “permitted”; the threshold is 60 percent.",
    ),
    "form longer than the bank": (
        COURSE,
        "questions: 5",
        "questions: 17",
        "The capstone needs forms of 17 items; the bank gives only 16.",
    ),
    "forms that cannot differ": (COURSE, "questions: 5", "questions: 16", "too few items for 3 different forms"),
    "form without room": (COURSE, "questions: 5", "questions: 1", "A form must have room for every critical clause."),
    "percentage beyond 100": (
        COURSE,
        "pass_percent: 80",
        "pass_percent: 180",
        "mastery.pass_percent: This number must be at most 100.",
    ),
    "folder that is not there": (
        COURSE,
        "03-undercover-identification",
        "03-undercover",
        "The folder modules/03-undercover is missing.",
    ),
    "folder outside the course": (COURSE, "03-undercover-identification", "../../etc", "in the wrong form"),
    "taught clause that is not there": (
        POLICY,
        "IV.B.2.e, IV.B.2.f]",
        "IV.B.2.e, IV.B.2.f, V]",
        "There is no clause V in this policy.",
    ),
    "clause id twice": (POLICY, "[clause IV.B.2.f]", "[clause IV.B.2.e]", "This clause id is used twice."),
    "clause under another section": (
        POLICY,
        "[clause II]",
        "[clause III]",
        "This clause stands under the heading of section II.",
    ),
    "date that is none": (
        POLICY,
        "revised_on: 2021-01-10",
        "revised_on: 2021-02-30",
        "revised_on: This must be a date such as 2021-01-10.",
    ),
    "unknown key in the front matter": (
        POLICY,
        "review_months: 24",
        "review_months: 24\nowner: chief",
        "owner: This key is not known here.",
    ),
    "text under no clause": (
        POLICY,
        "# I. Purpose\n",
        "# I. Purpose\n\nStray words.\n",
        "This text is under no clause.",
    ),
}


@pytest.mark.parametrize("name", sorted(EDITS))
def test_fault_is_named(name: str, tmp_path: Path) -> None:
    file, old, new, expected = EDITS[name]
    course = copy_tiny(tmp_path)
    edit(course, file, old, new)
    assert expected in said(faults_of(course))


def test_fault_has_file_line_place_and_sentence(tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    line = edit(course, BANK, "verdict: duty", "verdict: maybe")
    [fault] = faults_of(course)
    assert str(fault).startswith(f"{BANK}:{line}: items.policy-lawful-use.verdict: This must be 'permitted'")


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    edit(course, BANK, "verdict: duty", "verdict: maybe")
    edit(course, STORY, "start: phone", "start: radio")
    edit(course, LESSON, "## IV.B.1.c —", "## IV.B.1.z —")
    edit(course, COURSE, 'module: "8"', 'module: "9"')
    edit(course, POLICY, "review_months: 24", "review_months: never")
    found = faults_of(course)
    assert {fault.file for fault in found} >= {BANK, STORY, LESSON, COURSE, POLICY}
    assert found == sorted(found, key=lambda fault: (fault.is_note, fault))


def test_module_clause_without_lesson_section(tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    edit(course, LESSON, "## I, II — Purpose and Policy", "## I — Purpose")
    assert f"{MODULE}:4: clauses.2: lesson.md has no section for clause II." in said(faults_of(course))


def test_lesson_section_without_its_five_headings(tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    text = (course / LESSON).read_text(encoding="utf-8")
    (course / LESSON).write_text(text.replace("### Where to ask", "### Questions", 1), encoding="utf-8")
    assert "This section must have these headings (###) in this order" in said(faults_of(course))


@pytest.mark.parametrize(("count", "sentence"), [(2, "this one has 2"), (4, "this one has 4")])
def test_item_has_exactly_three_options(count: int, sentence: str, tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    head, tail = (course / BANK).read_text(encoding="utf-8").split("    rewrite:", 1)
    if count == 2:
        head = head[: head.rindex("      - id: c")]
    else:
        head += '      - id: d\n        text: "A fourth."\n        feedback: No.\n'
    (course / BANK).write_text(f"{head}    rewrite:{tail}", encoding="utf-8")
    assert f"An item has exactly three options; {sentence}." in said(faults_of(course))


def test_two_correct_options(tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    text = (course / BANK).read_text(encoding="utf-8")
    wrong = 'all."\n        feedback'
    (course / BANK).write_text(
        text.replace(wrong, 'all."\n        correct: true\n        feedback', 1), encoding="utf-8"
    )
    assert "2 options are correct. Only one may be." in said(faults_of(course))


def test_unreachable_scene(tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    lost = "      - id: quiet\n        ending: true"
    edit(course, STORY, lost, "      - id: lost\n        ending: true\n        text: Nobody comes here.\n" + lost)
    assert "scenes.lost: No way leads to scene lost." in said(faults_of(course))


def test_story_that_goes_in_a_circle(tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    text = (course / STORY).read_text(encoding="utf-8")
    (course / STORY).write_text(text.replace("next: mended", "next: phone"), encoding="utf-8")
    assert "A choice leads back to scene phone: the story goes in a circle." in said(faults_of(course))


def test_story_whose_wrong_way_ends_at_once(tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    text = (course / STORY).read_text(encoding="utf-8")
    (course / STORY).write_text(text.replace("next: call", "next: harm", 1), encoding="utf-8")
    assert "ends after a single decision" in said(faults_of(course))


def test_lesson_without_any_section(tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    (course / LESSON).write_text("Only an introduction.\n", encoding="utf-8")
    assert "lesson.md has no section for clause IV.B.1.c." in said(faults_of(course))


def test_content_without_a_fault_is_checked_course() -> None:
    checked = check_course(TINY)
    assert isinstance(checked, CheckedCourse)
    assert (checked.slug, checked.count("module"), checked.count("item"), checked.count("form")) == (
        "sop-110",
        3,
        16,
        3,
    )


def test_the_course_that_is_shipped_has_no_fault() -> None:
    checked = check_course(REAL)
    assert isinstance(checked, CheckedCourse), said(checked)
