"""A course that is still being written: whatever can be read of it, beside everything that is wrong with it.

Publishing takes a course without faults or none at all (``check``). Whoever writes one needs to see the rest of it
while one file is broken, so here each file and each entry is read by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from lms.catalog.content.build import item_part, scenario_part
from lms.catalog.content.check import check_course
from lms.catalog.content.course_shape import CourseShape
from lms.catalog.content.faults import ContentFault, Faults
from lms.catalog.content.fitting import fit, fit_list
from lms.catalog.content.lesson_file import read_lesson
from lms.catalog.content.markdown import to_html
from lms.catalog.content.policy_file import read_policy
from lms.catalog.content.schema import ItemShape, ModuleShape, ScenarioShape, Shape
from lms.catalog.content.source import read_source
from lms.catalog.content.tree import Tree, read_tree
from lms.catalog.rules import Item, LessonSection, Scenario, read_item, read_scenario
from lms.policy.rules import ParsedPolicy

Read = TypeVar("Read", Scenario, Item)
Fitted = TypeVar("Fitted", bound=Shape)
TO_THE_END = 10**6
"""A line that no file has: the last entry of a file goes on to its end."""


@dataclass(frozen=True, slots=True)
class Entry(Generic[Read]):
    """One scenario or item. ``content`` is None where it does not fit its shape; ``last`` is its last line."""

    ref: str
    file: str
    first: int
    last: int
    content: Read | None

    def faults(self, found: list[ContentFault]) -> list[ContentFault]:
        """Those of the faults that are in these lines."""
        return [fault for fault in found if fault.file == self.file and self.first <= fault.line <= self.last]


@dataclass(frozen=True, slots=True)
class DraftModule:
    """One module's folder.

    ``shape`` is None where module.yaml has a fault, ``sections`` where lesson.md cannot be read.
    """

    folder: str
    shape: ModuleShape | None
    intro: str
    sections: tuple[LessonSection, ...] | None
    scenarios: tuple[Entry[Scenario], ...]
    items: tuple[Entry[Item], ...]

    @property
    def name(self) -> str:
        """The folder without what stands before it."""
        return self.folder.rsplit("/", 1)[-1]

    @property
    def ref(self) -> str:
        """The module's number, or what its folder says of it."""
        return self.shape.module if self.shape else self.name.split("-")[0].lstrip("0") or "0"

    @property
    def title(self) -> str:
        """The module's title, or the words of its folder's name."""
        return self.shape.title if self.shape else self.name.partition("-")[2].replace("-", " ").capitalize()

    def faults(self, found: list[ContentFault], file: str = "") -> list[ContentFault]:
        """Those of the faults that are in this folder, or in one file of it."""
        wanted = f"{self.folder}/{file}"
        return [fault for fault in found if fault.file == wanted or (not file and fault.file.startswith(wanted))]


@dataclass(frozen=True, slots=True)
class Draft:
    """A course as far as it can be read, and all of its faults; ``faults`` is empty where it could be published."""

    shape: CourseShape | None
    policy: ParsedPolicy | None
    modules: tuple[DraftModule, ...]
    faults: list[ContentFault]

    @property
    def scenarios(self) -> list[Entry[Scenario]]:
        """Every scenario, in the order of the modules."""
        return [entry for module in self.modules for entry in module.scenarios]


def read_draft(root: Path) -> Draft:
    """Everything in a folder that can be read: the modules that course.yaml names first, then the others."""
    checked = check_course(root)
    shape = _one(CourseShape, root / "course.yaml", root)
    source = read_source(root / (shape.policy if shape else "policy.md"), root, Faults())
    found = sorted(folder.name for folder in (root / "modules").glob("[!.]*") if folder.is_dir())
    named = [name for name in (shape.modules if shape else []) if name in found]
    return Draft(
        shape=shape,
        policy=read_policy(source, Faults()) if source else None,
        modules=tuple(_module(root / "modules" / name, root) for name in dict.fromkeys([*named, *found])),
        faults=checked if isinstance(checked, list) else [],
    )


def _module(folder: Path, root: Path) -> DraftModule:
    shape = _one(ModuleShape, folder / "module.yaml", root)
    ref = shape.module if shape else folder.name
    source = read_source(folder / "lesson.md", root, Faults())
    lesson = read_lesson(source, Faults(), strict=False) if source else None
    return DraftModule(
        folder=folder.relative_to(root).as_posix(),
        shape=shape,
        intro=to_html(lesson.intro) if lesson else "",
        sections=None
        if lesson is None
        else tuple(LessonSection(s.clauses, s.title, s.text, to_html(s.text)) for s in lesson.sections),
        scenarios=_scenarios(folder / "scenarios.yaml", root, ref),
        items=_items(folder / "bank.yaml", root, ref),
    )


def _scenarios(path: Path, root: Path, module: str) -> tuple[Entry[Scenario], ...]:
    tree = _tree(path, root)
    shapes = fit_list(ScenarioShape, "scenarios", tree, Faults())[0] if tree else {}
    read = {place: read_scenario(scenario_part(module, shape), to_html) for place, shape in shapes.items()}
    return _entries(tree, "scenarios", read)


def _items(path: Path, root: Path, module: str) -> tuple[Entry[Item], ...]:
    tree = _tree(path, root)
    shapes = fit_list(ItemShape, "items", tree, Faults())[0] if tree else {}
    return _entries(tree, "items", {place: read_item(item_part(module, shape)) for place, shape in shapes.items()})


def _entries(tree: Tree | None, key: str, read: dict[int, Read]) -> tuple[Entry[Read], ...]:
    """Every entry of a list, with the lines it takes; those that do not fit are named by their id or number."""
    listed = tree.value.get(key) if tree is not None and isinstance(tree.value, dict) else None
    if tree is None or not isinstance(listed, list):
        return ()
    starts = [tree.line((key, place)) for place in range(len(listed))]
    ends = [start - 1 for start in starts[1:]] + [TO_THE_END]
    return tuple(
        Entry(
            ref=tree.name((key, place)).split(".", 1)[1],
            file=tree.file,
            first=first,
            last=max(first, last),
            content=read.get(place),
        )
        for place, first, last in zip(range(len(listed)), starts, ends, strict=True)
    )


def _one(shape: type[Fitted], path: Path, root: Path) -> Fitted | None:
    tree = _tree(path, root)
    return fit(shape, tree, Faults()) if tree is not None else None


def _tree(path: Path, root: Path) -> Tree | None:
    source = read_source(path, root, Faults())
    return read_tree(source, Faults()) if source is not None else None
