"""Figures of a whole course: what covers each clause, what guessing scores, how hard it reads, how forms overlap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from lms.catalog.content.checks_bank import forms_of, items_of
from lms.catalog.content.course_files import CourseFiles, ModuleFiles
from lms.catalog.content.reading import Reading, measure, squeezed
from lms.catalog.content.schema import ItemShape, ScenarioShape
from lms.catalog.content.voice import said_in_bank, said_in_lesson, said_in_stories
from lms.catalog.rules import Form


@dataclass(frozen=True, slots=True)
class ClauseCoverage:
    """What teaches and tests one clause. ``lessons`` are the modules whose lesson has a section for it."""

    clause: str
    unit: str
    title: str
    lessons: tuple[str, ...]
    scenarios: int
    items: int
    permitted: int


@dataclass(frozen=True, slots=True)
class Guessing:
    """What guessing by form alone would score over the bank, each in percent of the items."""

    longest: float
    shortest: float
    positions: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class StoryDepth:
    """One scenario of the capstone: the fewest and most decisions of a way through it, and the clauses it meets."""

    ref: str
    shortest: int
    longest: int
    clauses: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """How far the capstone's forms share items.

    ``most`` is the largest share of two forms, ``least_possible`` the smallest that any drawing from this bank could
    reach on average over all pairs of forms; both in percent of a form.
    """

    most: float
    least_possible: float


@dataclass(frozen=True, slots=True)
class Measures:
    """All figures. ``readings`` are by file, in the order of the course."""

    items: int
    permitted: int
    scenarios: int
    coverage: tuple[ClauseCoverage, ...]
    guessing: Guessing
    readings: tuple[tuple[str, Reading], ...]
    overlap: Overlap | None
    capstone: tuple[StoryDepth, ...]

    @property
    def permitted_percent(self) -> float:
        """Items with the verdict “permitted”, in percent."""
        return 100 * self.permitted / self.items if self.items else 0.0


def measure_course(files: CourseFiles) -> Measures:
    """Measures a course whose files could be read."""
    items = [item for _, item in items_of(files)]
    return Measures(
        items=len(items),
        permitted=sum(item.verdict == "permitted" for item in items),
        scenarios=sum(len(module.scenarios) for module in files.modules),
        coverage=tuple(_coverage(files)),
        guessing=guessing(items),
        readings=tuple(_readings(files)),
        overlap=_overlap(files, items),
        capstone=tuple(
            story_depth(scenario)
            for module in files.modules
            if module.is_capstone
            for scenario in module.scenarios.values()
        ),
    )


def _coverage(files: CourseFiles) -> Iterator[ClauseCoverage]:
    items = [item for _, item in items_of(files)]
    asked = Counter(item.clause for item in items)
    permitted = Counter(item.clause for item in items if item.verdict == "permitted")
    told = Counter(clause for m in files.modules for scenario in m.scenarios.values() for clause in scenario.clauses)
    for unit in files.shape.units:
        for clause in unit.clauses:
            lessons = tuple(module.shape.module for module in files.modules if _explains(module, clause))
            yield ClauseCoverage(clause, unit.id, unit.title, lessons, told[clause], asked[clause], permitted[clause])


def _explains(module: ModuleFiles, clause: str) -> bool:
    return any(clause in section.clauses for section in module.lesson.sections)


def guessing(items: Sequence[ItemShape]) -> Guessing:
    """What always picking the longest, the shortest, or one position scores; options of one length share the point."""

    def score(pick: Callable[[list[int]], int]) -> float:
        points = 0.0
        for item in items:
            lengths = [len(option.text) for option in item.options]
            best = pick(lengths)
            tied = [option.correct for option, length in zip(item.options, lengths, strict=True) if length == best]
            points += sum(tied) / len(tied)
        return 100 * points / len(items) if items else 0.0

    most = max((len(item.options) for item in items), default=0)
    keys = Counter(place for item in items for place, option in enumerate(item.options) if option.correct)
    positions = tuple(100 * keys[place] / len(items) for place in range(most))
    return Guessing(score(max), score(min), positions)


def _readings(files: CourseFiles) -> Iterator[tuple[str, Reading]]:
    clauses = files.policy.clauses if files.policy is not None else ()
    policy = squeezed("\n".join(clause.text for clause in clauses))
    citations = [text.replace("*", "") for text in files.shape.citations]
    for module in files.modules:
        for file, texts in (
            (module.lesson.file, [said_in_lesson(module.lesson)]),
            (module.scenario_tree.file, list(said_in_stories(module))),
            (module.item_tree.file, list(said_in_bank(module))),
        ):
            if file:
                yield file, measure((said.text for said in texts), policy, citations)


def story_depth(scenario: ScenarioShape) -> StoryDepth:
    """How deep a scenario goes. A way that is broken off, or that goes in a circle, ends there."""
    scenes = {scene.id: scene for scene in scenario.scenes}
    known: dict[str, tuple[int, int]] = {}

    def ahead(ref: str) -> tuple[int, int]:
        if ref not in scenes:
            return 0, 0
        if ref not in known:
            known[ref] = 0, 0
            ways = [ahead(choice.next) for choice in scenes[ref].choices]
            fewest, most = min((way[0] for way in ways), default=-1), max((way[1] for way in ways), default=-1)
            known[ref] = (1 + fewest, 1 + most)
        return known[ref]

    met = {choice.clause for scene in scenario.scenes for choice in scene.choices}
    return StoryDepth(scenario.id, *ahead(scenario.start), len(met))


def _overlap(files: CourseFiles, items: Sequence[ItemShape]) -> Overlap | None:
    capstone, critical = files.shape.capstone, set(files.shape.mastery.critical)
    if capstone.questions < len(critical) or capstone.forms < 2:
        return None
    return overlap(forms_of(files), items, critical)


def overlap(forms: Sequence[Form], items: Sequence[ItemShape], critical: set[str]) -> Overlap:
    """How far forms share items, and the bound below which no drawing can come.

    Every form holds an item of each critical clause. Where a clause has fewer items than there are forms, some of
    those places must repeat; so must what all forms together need beyond the whole bank. An item that stands in
    k forms makes at least k - 1 pairs of forms share it.
    """
    size, pairs = max(1, len(forms[0].items)), list(combinations(forms, 2))
    most = max(len(set(a.items) & set(b.items)) for a, b in pairs)
    asked = Counter(item.clause for item in items)
    repeats = sum(max(0, len(forms) - asked[clause]) for clause in critical if asked[clause])
    repeats = max(repeats, size * len(forms) - len(items))
    return Overlap(100 * most / size, 100 * max(0, repeats) / (len(pairs) * size))
