"""quizzes/README.md is true: its examples are faultless and can be played, and each fault that it names can be made."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from lms.assessment.rules.stories import OUTCOMES, follow
from lms.catalog.content.check import CheckedCourse, check_course
from lms.catalog.content.draft import read_draft
from lms.catalog.content.faults import Faults
from lms.catalog.content.source import Source
from lms.catalog.content.tree import read_tree
from lms.catalog.rules import Scenario
from tests.catalog.courses import BANK, REAL, STORY, copy_tiny, said

GUIDE = REAL.parent / "README.md"
TEXT = GUIDE.read_text(encoding="utf-8")
REAL_MODULE = "modules/02-cases-and-confidential-information"


def blocks(info: str) -> list[str]:
    """The fenced examples of one kind."""
    return re.findall(rf"^```{info}\n(.*?)^```$", TEXT, re.M | re.S)


[ITEM] = blocks("yaml item")
[STORIES] = blocks("yaml scenario")


def add_examples(course: Path, *, item: str = ITEM, story: str = STORIES) -> Path:
    """Does what the guide says: adds both at the end of the module's files."""
    for file, text in ((BANK, item), (STORY, story)):
        path = course / file
        path.write_text(path.read_text(encoding="utf-8") + "\n" + text, encoding="utf-8")
    return course


def faults(course: Path) -> str:
    found = check_course(course)
    return said(found) if isinstance(found, list) else ""


def test_examples_have_no_fault_in_a_scratch_course(tmp_path: Path) -> None:
    assert isinstance(check_course(add_examples(copy_tiny(tmp_path))), CheckedCourse)


def test_examples_bring_no_fault_into_the_real_course(tmp_path: Path) -> None:
    import shutil

    course = Path(shutil.copytree(REAL, tmp_path / "course"))

    def told() -> set[tuple[str, str]]:
        found = check_course(course)
        return {(f.file, f.message) for f in found} if isinstance(found, list) else set()

    before = told()
    for file, text in (("bank.yaml", ITEM), ("scenarios.yaml", STORIES)):
        path = course / REAL_MODULE / file
        path.write_text(path.read_text(encoding="utf-8") + "\n" + text, encoding="utf-8")
    assert told() <= before


def test_the_story_can_be_played_to_each_of_its_endings(tmp_path: Path) -> None:
    draft = read_draft(add_examples(copy_tiny(tmp_path)))
    [scenario] = [entry.content for entry in draft.scenarios if entry.ref == "guide-whiteboard"]
    assert isinstance(scenario, Scenario)
    ends: list[tuple[str, int]] = []

    def play(way: list[str]) -> None:
        story = follow(scenario, way)
        if story.finished:
            ends.append((story.scene.ref, len(way)))
        for choice in story.scene.choices:
            play([*way, choice.ref])

    play([])
    assert {ref for ref, _ in ends} == {"proud", "mended", "trust"}
    assert {length for _, length in ends} == {2}


def test_the_item_can_be_answered(tmp_path: Path) -> None:
    draft = read_draft(add_examples(copy_tiny(tmp_path)))
    [item] = [e.content for m in draft.modules for e in m.items if e.ref == "guide-hallway-drill"]
    assert item is not None
    assert item.key == "b"
    assert all(option.feedback for option in item.options)
    lengths = {option.ref: len(option.text) for option in item.options}
    assert max(lengths, key=lengths.__getitem__) != item.key


@pytest.mark.parametrize("block", blocks("yaml"))
def test_small_examples_are_yaml(block: str) -> None:
    noted = Faults()
    assert read_tree(Source("guide.yaml", block), noted) is not None
    assert not noted.listed()


def test_ratings_are_worded_as_officers_read_them() -> None:
    for rating, (_, words) in OUTCOMES.items():
        assert re.search(rf"^\| {rating} \| \w+ \| {re.escape(words)} \|$", TEXT, re.M)


SWAP = Callable[[str], str]


def swap(old: str, new: str) -> SWAP:
    def change(text: str) -> str:
        assert old in text, old
        return text.replace(old, new, 1)

    return change


CIRCLE = swap("next: mended", "next: hallway")
MAKES: dict[str, tuple[str, SWAP]] = {
    "This is not YAML": ("item", swap("rewrite: She asks in writing,", "rewrite: She asks: in writing,")),
    "There is a tab. Use spaces.": ("item", swap("    clause", "\tclause")),
    "This key is missing.": ("item", swap("    verdict: not-permitted\n", "")),
    "This key is not known here.": ("item", swap("verdict:", "verdikt:")),
    "This key stands here twice.": ("item", swap("    verdict:", "    verdict: duty\n    verdict:")),
    "This must be text.": ("item", swap("rewrite: She asks in writing, and posts nothing until a written yes is in her hand.", "rewrite: 12")),
    "This must be 'permitted', 'not-permitted', 'caution', 'duty' or 'fact'.": ("item", swap("not-permitted", "forbidden")),
    "This number must be at most 3.": ("story", swap("rating: 3", "rating: 4")),
    "This name has a character that is not allowed here": ("item", swap("guide-hallway-drill", "Hallway Drill")),
    "is already used in": ("item", swap("guide-hallway-drill", "purpose-of-sop")),
    "The policy has no clause": ("item", swap("IV.B.1.c", "IV.B.1.x")),
    "does not teach clause": ("item", swap("IV.B.1.c", "IV.B.2.f")),
    "No option is correct.": ("item", swap("        correct: true\n", "")),
    "Only one may be.": ("item", swap("      - id: a\n", "      - id: a\n        correct: true\n")),
    "An item has exactly three options": ("item", lambda text: re.sub(r"      - id: c\n.*?(?=    rewrite)", "", text, flags=re.S)),
    "Two options have the same text.": ("item", swap("Yes, if she takes it down again within a day.", "No, not without written permission from the Chief or his designee.")),
    "There is no scene": ("story", swap("next: sunday", "next: sundy")),
    "No way leads to scene": ("story", swap("next: mended", "next: trust")),
    "Dead end": ("story", swap("      - id: proud\n        ending: true\n", "      - id: proud\n")),
    "An ending has no choices.": ("story", swap("      - id: sunday\n", "      - id: sunday\n        ending: true\n")),
    "the story goes in a circle.": ("story", CIRCLE),
    "It needs at least two.": ("story", swap("next: sergeant", "next: trust")),
    "A scenario needs at least two endings": ("story", lambda text: re.sub(r"      - id: (mended|proud)\n.*?(?=      - id: |\Z)", "", text, flags=re.S)),
    "is not in the scenario's list of clauses.": ("story", swap("            clause: IV.B.1.c", "            clause: II")),
    "No choice of this scenario meets clause": ("story", swap("clauses: [IV.B.1.c]", "clauses: [IV.B.1.c, II]")),
    "HTML is not allowed here": ("item", swap("A training video", "A <b>training</b> video")),
    "This must be one line.": ("story", swap("text: Ask her to wait with posting until Monday.", "text: |\n              Ask her to wait.\n              Until Monday.")),
}  # fmt: skip


def named_faults() -> list[str]:
    """The left column of the table of faults."""
    table = TEXT[TEXT.index("| The check says |") :].split("\n\n")[0].splitlines()[2:]
    return [row.split("|")[1].strip() for row in table]


def test_every_fault_of_the_guide_can_be_made() -> None:
    assert set(named_faults()) - set(MAKES) == {"is not named here.", "This file is missing."}
    assert set(MAKES) <= set(named_faults())


@pytest.mark.parametrize("words", sorted(MAKES))
def test_the_fault_is_said_in_the_words_of_the_guide(words: str, tmp_path: Path) -> None:
    kind, change = MAKES[words]
    course = copy_tiny(tmp_path)
    add_examples(course, **({"item": change(ITEM)} if kind == "item" else {"story": change(STORIES)}))
    assert words in faults(course)


def test_faults_of_files_and_folders_are_said_so_too(tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    (course / "modules" / "09-more").mkdir()
    (course / STORY).unlink()
    found = faults(course)
    assert "is not named here." in found
    assert "This file is missing." in found
