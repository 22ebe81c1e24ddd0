"""What a course must say, must not say and may cite: each fault on the author's own line."""

from __future__ import annotations

from pathlib import Path

import pytest

from lms.catalog.content.phrases import compiled
from tests.catalog.courses import BANK, LESSON, REAL, STORY, copy_tiny, edit, faults_of, said

COURSE = "course.yaml"
RULES = """
citations:
  - Lane v. Franks, 573 U.S. 228 (2014)
  - 26 M.R.S. § 616
must_not_say:
  - {say: "I agree", why: "a signature is no agreement."}
  - {say: "the department may read ... [private|closed] accounts", why: "public forums only."}
must_say:
  lessons: ["2"]
  lines: ["This lesson belongs to module 2", "is not legal advice"]
"""


def with_rules(folder: Path, lesson: str = "", rules: str = RULES) -> Path:
    """The tiny course with rules of wording, and a last line in the first lesson."""
    course = copy_tiny(folder)
    with (course / COURSE).open("a", encoding="utf-8") as file:
        file.write(rules)
    with (course / LESSON).open("a", encoding="utf-8") as file:
        file.write(f"\nThis training is not legal advice.\n\n{lesson}\n")
    return course


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("See *Roe v. Doe*.", "See Roe v. Doe"),
        ("See *Lane v. Franks*.", "See Lane v. Franks"),
        ("It is in 573 U.S. 229.", "573 U.S. 229"),
        ("It is in 12 A.2d 34.", "12 A.2d 34"),
        ("It is in 1 F. Supp. 2.", "1 F. Supp. 2"),
        ("It is 26 M.R.S. § 618.", "26 M.R.S."),
        ("It is § 9401.", "§ 9401"),
        ("It is Section 617.", "Section 617"),
        ("The Fair Labor Standards Act says so.", "The Fair Labor Standards Act"),
        ("By the Fourteenth Amendment.", "Fourteenth Amendment"),
        ("It was held (1st Cir. 2011).", "(1st Cir. 2011)"),
    ],
)
def test_a_citation_that_is_not_listed_is_a_fault(text: str, told: str, tmp_path: Path) -> None:
    course = with_rules(tmp_path, text)
    last = (course / LESSON).read_text(encoding="utf-8").count("\n")
    assert f"{LESSON}:{last}: “{told}” looks like a citation and is not on the list" in said(faults_of(course))


def test_listed_citations_may_be_folded_and_emphasized(tmp_path: Path) -> None:
    course = with_rules(tmp_path, "See *Lane v.\nFranks*, 573 U.S. 228 (2014), and 26 M.R.S.\n§ 616. Nothing else.")
    [fault] = faults_of(course)
    assert fault.path == "attestation.notices"
    assert "This lesson belongs to module 2" in fault.message


def test_a_citation_in_folded_text_is_named_on_its_own_line(tmp_path: Path) -> None:
    course = with_rules(tmp_path)
    text = "stem: >-\n      What is the purpose\n      of the policy, by 5 U.S.C.\n      or not?"
    line = edit(course, BANK, "stem: What is the purpose of the policy?", text)
    found = said(faults_of(course))
    assert f"{BANK}:{line + 2}: items." in found
    assert "stem: “5 U.S.C.” looks like a citation" in found


def test_the_course_must_not_say_what_is_listed(tmp_path: Path) -> None:
    course = with_rules(tmp_path, "The department may read all of your *closed*\naccounts.")
    found = said(faults_of(course))
    assert "A course must not say “the department may read ... [private|closed] accounts”: public forums only." in found


SLIPS = [
    "You have no First Amendment rights.", "You lose your First Amendment rights.",
    "Criticizing the department is prohibited.", "Criticism of the City is banned.",
    "The department may read your private accounts.", "The department can view private messages.",
    "A violation means termination.", "Any violation leads to dismissal.", "You will be fired.",
    "The City will defend you.", "Settings make you safe.", "Your settings protect you.",
    "By signing, I agree.", "You consent to monitoring.", "It is " + "tamper" + "-proof.", "It is " + "tamper" + "proof.",
    "The SOP requires this training.", "This is legal advice.",
]  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS)
def test_the_shipped_list_catches_what_the_course_must_never_say(slip: str, tmp_path: Path) -> None:
    rules = (REAL / COURSE).read_text(encoding="utf-8")
    start, end = rules.index("must_not_say:"), rules.index("# What the lessons of these")
    course = with_rules(tmp_path, slip, rules[start:end])
    last = (course / LESSON).read_text(encoding="utf-8").count("\n")
    assert f"{LESSON}:{last}: A course must not say “" in said(faults_of(course))


def test_people_may_be_mistaken_and_the_course_may_quote_them(tmp_path: Path) -> None:
    course = with_rules(tmp_path, '"I agree" is what a signature does not say.')
    bank = (course / BANK).read_text(encoding="utf-8")
    bank = bank.replace("It depends on the time of day and on who is watching.", "I agree with all of it.", 1)
    (course / BANK).write_text(bank, encoding="utf-8")
    story = (course / STORY).read_text(encoding="utf-8")
    (course / STORY).write_text(story.replace("text: Say what happened and take it down.", "text: I agree."), "utf-8")
    assert "must not say" not in said(faults_of(course))


def test_what_must_be_said_is_missed_in_the_lesson_and_beside_the_attestation(tmp_path: Path) -> None:
    rules = RULES.replace('lessons: ["2"]', 'lessons: ["2", "3", "7"]')
    found = said(faults_of(with_rules(tmp_path, rules=rules)))
    assert "No notice of the attestation says “This lesson belongs to module 2”" in found
    assert (
        "03-undercover-identification/lesson.md:1: This lesson does not say “This lesson belongs to module 2”" in found
    )
    assert "must_say.lessons.3: There is no module 7." in found


@pytest.mark.parametrize(
    ("phrase", "text", "fits"),
    [
        ("you [have no|lose your] rights", "And you  lose\nyour rights.", True),
        ("you [have no|lose your] rights", "you have rights", False),
        ("go to [your|] union", "Go to union", True),
        ("go to [your|] union", "go to your union", True),
        ("read ... accounts", "read one two three four five six accounts", True),
        ("read ... accounts", "read one two three four five six seven accounts", False),
        ("agree", "disagree", False),
        ("C++ (x", "c++ (x", True),
    ],
)
def test_phrases(phrase: str, text: str, fits: bool) -> None:
    assert bool(compiled(phrase).search(text)) is fits
