"""Reads every file of a course into shapes and notes what does not fit; asks nothing across files."""

from __future__ import annotations

import re
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

NOT_CHECKED = "What the files must have in common could not be checked. Mend this file, then check again."
NO_CAPSTONE = (
    "Which module is the capstone could not be told, so what only it may leave out, and the capstone forms, were not "
    "checked. Mend this, then check again."
)
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
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
    """Reads a course's folder; None where course.yaml itself cannot be used.

    What depends on a place of course.yaml that cannot be read is not checked: a fault that only follows from another
    would send the author to the wrong file. That it was not checked is noted.
    """
    tree = _read_yaml(root / "course.yaml", root, faults)
    shape = fit(CourseShape, tree, faults) if tree is not None else None
    said = _said_of(tree)
    source = read_source(root / said.policy, root, faults) if (root / said.policy).exists() or shape else None
    policy = read_policy(source, faults) if source is not None else None
    folders = said.folders if said.folders is not None else _found_folders(root)
    capstone = said.capstone if said.capstone in _module_ids(root, folders) else None
    read = [_read_module(root / "modules" / folder, root, capstone, faults) for folder in folders]
    if shape is None or tree is None:
        faults.note("course.yaml", NOT_CHECKED)
        return None
    if capstone is None:
        faults.note("course.yaml", NO_CAPSTONE)
    for stray in sorted(set(_found_folders(root)) - set(folders)):
        faults.add("course.yaml", tree.line(("modules",)), "modules", f"The folder modules/{stray} is not named here.")
    modules = tuple(module for module in read if module is not None)
    complete = capstone is not None and len(modules) == len(folders) and all(module.complete for module in modules)
    return CourseFiles(shape, tree, policy, modules, complete)


@dataclass(frozen=True, slots=True)
class _Said:
    """What course.yaml says of the other files, as far as it can be read; None where it cannot."""

    policy: str
    folders: list[str] | None
    capstone: str | None


def _said_of(tree: Tree | None) -> _Said:
    value = tree.value if tree is not None and isinstance(tree.value, dict) else {}
    policy, folders, capstone = value.get("policy"), value.get("modules"), value.get("capstone")
    named = isinstance(folders, list) and all(isinstance(name, str) and _PLAIN.fullmatch(name) for name in folders)
    ref = capstone.get("module") if isinstance(capstone, dict) else None
    return _Said(
        policy=policy if isinstance(policy, str) and _PLAIN.fullmatch(policy) else "policy.md",
        folders=folders if named else None,
        capstone=ref if isinstance(ref, str) else None,
    )


def _module_ids(root: Path, folders: list[str]) -> set[str]:
    """The ids that the modules give themselves; what is wrong with their files is noted when they are read."""
    trees = [_read_yaml(root / "modules" / folder / "module.yaml", root, Faults()) for folder in folders]
    values = [tree.value for tree in trees if tree is not None and isinstance(tree.value, dict)]
    return {value["module"] for value in values if isinstance(value.get("module"), str)}


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
    is_capstone = None if capstone is None else _says_id(module, capstone)
    lesson = _read_lesson(folder, root, is_capstone, faults)
    scenarios = _read_yaml(folder / "scenarios.yaml", root, faults)
    may_lack_bank = is_capstone is not False
    bank = folder / "bank.yaml"
    items = None if may_lack_bank and not bank.exists() else _read_yaml(bank, root, faults)
    told, _ = fit_list(ScenarioShape, "scenarios", scenarios, faults) if scenarios else ({}, False)
    asked, all_asked = fit_list(ItemShape, "items", items, faults) if items else ({}, bool(is_capstone))
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
        is_capstone=bool(is_capstone) or (is_capstone is None and not (folder / "lesson.md").exists()),
        complete=all_asked,
    )


def _says_id(module: Tree | None, ref: str) -> bool:
    return module is not None and isinstance(module.value, dict) and module.value.get("module") == ref


def _read_lesson(folder: Path, root: Path, is_capstone: bool | None, faults: Faults) -> LessonText | None:
    """The lesson. Only the capstone may have none; where nobody knows which module that is, none is missed."""
    path = folder / "lesson.md"
    if is_capstone is not False and not path.exists():
        return LessonText(path.relative_to(root).as_posix(), "", ())
    source = read_source(path, root, faults)
    return read_lesson(source, faults, strict=is_capstone is False) if source is not None else None


def _refuse_strays(folder: Path, root: Path, faults: Faults) -> None:
    for found in sorted(folder.iterdir()):
        if found.name not in MODULE_FILES and not found.name.startswith("."):
            known = ", ".join(sorted(MODULE_FILES))
            faults.add(found.relative_to(root).as_posix(), 1, "", f"Nothing reads this. A module has: {known}.")
