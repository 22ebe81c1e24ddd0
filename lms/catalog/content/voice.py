"""Everything that a course says, text by text, with who says it and where it stands.

Measures and checks of wording walk over this, so that a new kind of text is added in one place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lms.catalog.content.course_files import CourseFiles, ModuleFiles
from lms.catalog.content.faults import Faults
from lms.catalog.content.lesson_file import LessonText
from lms.catalog.content.tree import Path, Tree

Speaker = Literal["lesson", "course", "person"]
"""``person``: somebody in a story, or a wrong option, who may be mistaken; ``course``: the course itself."""

QUOTED = re.compile(r'"[^"\n]*(?:\n(?!\n)[^"\n]*)*"|“[^”]*”')
BLANK = "_"


@dataclass(frozen=True, slots=True)
class Said:
    """One text. Its lines are known from the place in a YAML file, or, in a lesson, from the text itself."""

    file: str
    text: str
    speaker: Speaker
    tree: Tree | None = None
    path: Path = ()

    @property
    def plain(self) -> str:
        """The text without the stars of emphasis; words and line ends stay as they are."""
        return self.text.replace("*", "")

    def note(self, faults: Faults, offset: int, message: str) -> None:
        """Notes a fault at the line of a place in ``plain``."""
        before = self.plain[:offset]
        if self.tree is None:
            faults.add(self.file, before.count("\n") + 1, "", message)
            return
        # A place inside a word belongs to that word, so the last piece is not counted.
        number = len(before.split()) - (1 if before and not before[-1].isspace() else 0)
        faults.add(self.file, self.tree.line_of_word(self.path, number), self.tree.name(self.path), message)


def blank(text: str, what: re.Pattern[str]) -> str:
    """The text with every match painted over, letter by letter, so that places and words keep their numbers."""
    return what.sub(lambda match: re.sub(r"\S", BLANK, match[0]), text)


def everything_said(files: CourseFiles) -> Iterator[Said]:
    """Every text of a course in the order of its files."""
    tree, attestation = files.tree, files.shape.attestation
    for key in ("statement", "purpose"):
        yield _of(tree, ("attestation", key), getattr(attestation, key))
    for place, notice in enumerate(attestation.notices):
        yield _of(tree, ("attestation", "notices", place), notice)
    for module in files.modules:
        yield from said_in_module(module)


def said_in_module(module: ModuleFiles) -> Iterator[Said]:
    """Every text of a module."""
    for key in ("title", "summary"):
        yield _of(module.module, (key,), getattr(module.shape, key))
    yield said_in_lesson(module.lesson)
    yield from said_in_stories(module)
    yield from said_in_bank(module)


def said_in_lesson(lesson: LessonText) -> Said:
    """The lesson as one text."""
    return Said(lesson.file, lesson.source, "lesson")


def said_in_stories(module: ModuleFiles) -> Iterator[Said]:
    """The scenarios' texts; what one may choose to do is a person's."""
    tree = module.scenario_tree
    for place, scenario in module.scenarios.items():
        here: Path = ("scenarios", place)
        for key in ("title", "setting"):
            yield _of(tree, (*here, key), getattr(scenario, key))
        for number, scene in enumerate(scenario.scenes):
            at = (*here, "scenes", number)
            yield _of(tree, (*at, "text"), scene.text)
            for choice_number, choice in enumerate(scene.choices):
                inside = (*at, "choices", choice_number)
                yield _of(tree, (*inside, "text"), choice.text, "person")
                yield _of(tree, (*inside, "consequence"), choice.consequence)
                yield _of(tree, (*inside, "better"), choice.better)


def said_in_bank(module: ModuleFiles) -> Iterator[Said]:
    """The items' texts; a wrong option is a person's, for it may hold a misconception."""
    tree = module.item_tree
    for place, item in module.items.items():
        here: Path = ("items", place)
        yield _of(tree, (*here, "stem"), item.stem)
        for number, option in enumerate(item.options):
            at = (*here, "options", number)
            yield _of(tree, (*at, "text"), option.text, "course" if option.correct else "person")
            yield _of(tree, (*at, "feedback"), option.feedback)
        yield _of(tree, (*here, "rewrite"), item.rewrite)


def _of(tree: Tree, path: Path, text: str, speaker: Speaker = "course") -> Said:
    return Said(tree.file, text, speaker, tree, path)
