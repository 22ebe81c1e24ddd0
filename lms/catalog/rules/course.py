"""A published course as the rest of the application sees it: frozen, complete, and free of the database.

Text that authors write as CommonMark keeps its source in ``text``-like fields and, where a page shows it often,
stands beside it as safe HTML in ``html``. Refs are the ids of the content files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from lms.catalog.rules.forms import Form

Verdict = Literal["permitted", "not-permitted", "caution", "duty", "fact"]


@dataclass(frozen=True, slots=True)
class ClauseUnit:
    """One or a few clauses that are tested as one; forms are balanced over these."""

    ref: str
    title: str
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mastery:
    """What passing takes: the percentage, and the clauses that must be right whatever the score."""

    pass_percent: int
    critical: frozenset[str]


@dataclass(frozen=True, slots=True)
class CapstoneRule:
    """Which module is the capstone, how long its forms are, and how many attempts come before a conversation."""

    module: str
    questions: int
    forms: int
    attempts: int


@dataclass(frozen=True, slots=True)
class AttestationText:
    """What is signed, why the department asks for it, and what stands beside it."""

    statement: str
    purpose: str
    notices: tuple[str, ...]

    @property
    def statement_sha256(self) -> str:
        """SHA-256 (hex) of the exact statement, so that a signature names the text that was shown."""
        return hashlib.sha256(self.statement.encode("utf-8")).hexdigest()


@dataclass(frozen=True, slots=True)
class LessonSection:
    """The part of a lesson that stands beside one clause or a small group."""

    clauses: tuple[str, ...]
    title: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to act in a scene. ``rating`` is the experts', 0 (harmful) to 3 (best)."""

    ref: str
    text: str
    rating: int
    consequence: str
    clause: str
    better: str
    next: str


@dataclass(frozen=True, slots=True)
class Scene:
    """One moment of a scenario; an ending has no choices, every other scene has two to four."""

    ref: str
    text: str
    html: str
    ending: bool
    choices: tuple[Choice, ...]

    def choice(self, ref: str) -> Choice:
        """The choice of this ref. Raises KeyError."""
        return _by_ref(self.choices, ref)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A branching story. It has no circles, so that every way through it comes to an ending."""

    ref: str
    title: str
    setting: str
    clauses: tuple[str, ...]
    start: str
    scenes: Mapping[str, Scene]
    sha256: str

    @property
    def longest(self) -> int:
        """The most decisions that a way through the story can take; for the trail of dots."""
        return self.decisions_from(self.start)

    def decisions_from(self, ref: str) -> int:
        """The most decisions that still lie ahead at a scene."""
        known: dict[str, int] = {}

        def ahead(scene: str) -> int:
            if scene not in known:
                known[scene] = max((1 + ahead(choice.next) for choice in self.scenes[scene].choices), default=0)
            return known[scene]

        return ahead(ref)


@dataclass(frozen=True, slots=True)
class Option:
    """One of the three answers of an item; ``feedback`` says why by the clause."""

    ref: str
    text: str
    correct: bool
    feedback: str


@dataclass(frozen=True, slots=True)
class Item:
    """One question with three options, one of them right by the clause alone."""

    ref: str
    clause: str
    verdict: str
    stem: str
    options: tuple[Option, ...]
    rewrite: str
    sha256: str

    @property
    def key(self) -> str:
        """The ref of the right option."""
        return next(option.ref for option in self.options if option.correct)

    def option(self, ref: str) -> Option:
        """The option of this ref. Raises KeyError."""
        return _by_ref(self.options, ref)


@dataclass(frozen=True, slots=True)
class ModuleContent:
    """One module. ``questions`` is how many a run of its questions shows; in the capstone, a form's length."""

    ref: str
    title: str
    minutes: int
    clauses: tuple[str, ...]
    questions: int
    summary: str
    lesson_intro_html: str
    sections: tuple[LessonSection, ...]
    scenarios: tuple[Scenario, ...]
    items: tuple[Item, ...]
    is_capstone: bool
    sha256: str
    lesson_sha256: str

    @property
    def has_lesson(self) -> bool:
        """Whether there is anything to read before the scenarios."""
        return bool(self.lesson_intro_html or self.sections)


@dataclass(frozen=True, slots=True)
class CourseContent:
    """A whole published version of a course."""

    course_version_id: int
    slug: str
    title: str
    language: str
    number: int
    sha256: str
    policy_version_id: int
    policy_sha256: str
    units: tuple[ClauseUnit, ...]
    mastery: Mastery
    capstone: CapstoneRule
    attestation: AttestationText
    modules: tuple[ModuleContent, ...]
    forms: tuple[Form, ...]
    _items: Mapping[str, Item] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Indexes the items once; a course has more than a hundred."""
        items = {item.ref: item for module in self.modules for item in module.items}
        object.__setattr__(self, "_items", items)

    @property
    def minutes(self) -> int:
        """How long the full course takes."""
        return sum(module.minutes for module in self.modules)

    @property
    def capstone_module(self) -> ModuleContent:
        """The module that ends the course."""
        return self.module(self.capstone.module)

    @property
    def items(self) -> tuple[Item, ...]:
        """The whole bank, in the order of the modules."""
        return tuple(self._items.values())

    def module(self, ref: str) -> ModuleContent:
        """The module of this ref. Raises KeyError."""
        return _by_ref(self.modules, ref)

    def find_module(self, ref: str) -> ModuleContent | None:
        """The module of this ref, if this version has it."""
        return next((module for module in self.modules if module.ref == ref), None)

    def item(self, ref: str) -> Item:
        """The item of this ref, from whichever module. Raises KeyError."""
        return self._items[ref]

    def scenario(self, ref: str) -> Scenario:
        """The scenario of this ref, from whichever module. Raises KeyError."""
        return _by_ref((scenario for module in self.modules for scenario in module.scenarios), ref)

    def form(self, ref: str) -> Form:
        """The capstone form of this ref. Raises KeyError."""
        return _by_ref(self.forms, ref)

    def items_for(self, clauses: Iterable[str]) -> tuple[Item, ...]:
        """Every item whose key one of these clauses decides."""
        wanted = frozenset(clauses)
        return tuple(item for item in self._items.values() if item.clause in wanted)

    def sections_for(self, clause: str) -> tuple[LessonSection, ...]:
        """The lesson sections that explain a clause; usually one."""
        return tuple(section for module in self.modules for section in module.sections if clause in section.clauses)

    def unit_of(self, clause: str) -> ClauseUnit | None:
        """The unit that a clause is tested in; none for a lead-in such as IV.B.2.k."""
        return next((unit for unit in self.units if clause in unit.clauses), None)


_Named = TypeVar("_Named", Choice, Option, ModuleContent, Scenario, Form)


def _by_ref(things: Iterable[_Named], ref: str) -> _Named:
    for thing in things:
        if thing.ref == ref:
            return thing
    raise KeyError(ref)
