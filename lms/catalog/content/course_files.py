"""Reads every file of a course into shapes and notes what does not fit; asks nothing across files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lms.catalog.content.course_shape import CourseShape
from lms.catalog.content.faults import Faults
from lms.catalog.content.fitting import fit, fit_list
from lms.catalog.content.lesson_file import LessonText, read_lesson
from lms.catalog.content.policy_file import read_policy
from lms.catalog.content.schema import ItemShape, ModuleShape, ScenarioShape
from lms.catalog.content.source import read_source
from lms.catalog.content.tree import Tree, read_tree
from lms.policy.rules import ParsedPolicy

MODULE_FILES = frozenset({"module.yaml", "lesson.md", "scenarios.yaml", "bank.yaml"})


@dataclass(frozen=True, slots=True)
class ModuleFiles:
    """One module's folder. ``items`` and ``scenarios`` are by their place in the file.

    ``complete`` says that every item could be read, so that counting them is fair.
    """

    folder: str
    shape: ModuleShape
    module: Tree
    lesson: LessonText
    scenarios: dict[int, ScenarioShape]
    scenario_tree: Tree
    items: dict[int, ItemShape]
    item_tree: Tree
    is_capstone: bool
    complete: bool


@dataclass(frozen=True, slots=True)
class CourseFiles:
    """A whole course as read. ``complete`` as for its modules; ``policy`` is None where it has a fault."""

    shape: CourseShape
    tree: Tree
    policy: ParsedPolicy | None
    modules: tuple[ModuleFiles, ...]
    complete: bool


def read_course_files(root: Path, faults: Faults) -> CourseFiles | None:
    """Reads a course's folder; None where course.yaml itself cannot be used."""
    tree = _read_yaml(root / "course.yaml", root, faults)
    shape = fit(CourseShape, tree, faults) if tree is not None else None
    policy_name = shape.policy if shape is not None else "policy.md"
    source = read_source(root / policy_name, root, faults)
    policy = read_policy(source, faults) if source is not None else None
    folders = shape.modules if shape is not None else _found_folders(root)
    capstone = shape.capstone.module if shape is not None else None
    read = [_read_module(root / "modules" / folder, root, capstone, faults) for folder in folders]
    if shape is None or tree is None:
        return None
    for stray in sorted(set(_found_folders(root)) - set(folders)):
        faults.add("course.yaml", tree.line(("modules",)), "modules", f"The folder modules/{stray} is not named here.")
    modules = tuple(module for module in read if module is not None)
    complete = len(modules) == len(folders) and all(module.complete for module in modules)
    return CourseFiles(shape, tree, policy, modules, complete)


def _found_folders(root: Path) -> list[str]:
    folder = root / "modules"
    if not folder.is_dir():
        return []
    return sorted(found.name for found in folder.iterdir() if found.is_dir() and not found.name.startswith("."))


def _read_yaml(path: Path, root: Path, faults: Faults) -> Tree | None:
    source = read_source(path, root, faults)
    return read_tree(source, faults) if source is not None else None


def _read_module(folder: Path, root: Path, capstone: str | None, faults: Faults) -> ModuleFiles | None:
    if not folder.is_dir():
        name = folder.relative_to(root).as_posix()
        faults.add("course.yaml", 1, "modules", f"The folder {name} is missing.")
        return None
    _refuse_strays(folder, root, faults)
    module = _read_yaml(folder / "module.yaml", root, faults)
    shape = fit(ModuleShape, module, faults) if module is not None else None
    is_capstone = module is not None and isinstance(module.value, dict) and module.value.get("module") == capstone
    lesson = _read_lesson(folder, root, is_capstone, faults)
    scenarios = _read_yaml(folder / "scenarios.yaml", root, faults)
    bank = folder / "bank.yaml"
    items = None if is_capstone and not bank.exists() else _read_yaml(bank, root, faults)
    told, _ = fit_list(ScenarioShape, "scenarios", scenarios, faults) if scenarios else ({}, False)
    asked, all_asked = fit_list(ItemShape, "items", items, faults) if items else ({}, is_capstone)
    if shape is None or module is None:
        return None
    return ModuleFiles(
        folder=folder.relative_to(root).as_posix(),
        shape=shape,
        module=module,
        lesson=lesson or LessonText("", "", ()),
        scenarios=told,
        scenario_tree=scenarios or Tree(""),
        items=asked,
        item_tree=items or Tree(""),
        is_capstone=is_capstone,
        complete=all_asked,
    )


def _read_lesson(folder: Path, root: Path, is_capstone: bool, faults: Faults) -> LessonText | None:
    path = folder / "lesson.md"
    if is_capstone and not path.exists():
        return LessonText(path.relative_to(root).as_posix(), "", ())
    source = read_source(path, root, faults)
    return read_lesson(source, faults, strict=not is_capstone) if source is not None else None


def _refuse_strays(folder: Path, root: Path, faults: Faults) -> None:
    for found in sorted(folder.iterdir()):
        if found.name not in MODULE_FILES and not found.name.startswith("."):
            known = ", ".join(sorted(MODULE_FILES))
            faults.add(found.relative_to(root).as_posix(), 1, "", f"Nothing reads this. A module has: {known}.")
