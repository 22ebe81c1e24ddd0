"""What must hold for the items, and for the whole bank: enough for each unit, enough permitted, enough for forms."""

from __future__ import annotations

from collections import Counter

from lms.catalog.content.course_files import CourseFiles, ModuleFiles
from lms.catalog.content.faults import Faults
from lms.catalog.content.schema import ItemShape
from lms.catalog.content.tree import Path
from lms.catalog.rules import ClauseUnit, Form, draw_forms

OPTIONS = 3


def check_item(item: ItemShape, module: ModuleFiles, place: int, faults: Faults) -> None:
    """Notes everything that is wrong within one item."""
    tree = module.item_tree
    here: Path = ("items", place)

    def report(path: Path, message: str) -> None:
        faults.add(tree.file, tree.line((*here, *path)), tree.name((*here, *path)), message)

    if len(item.options) != OPTIONS:
        report(("options",), f"An item has exactly three options; this one has {len(item.options)}.")
    right = sum(option.correct for option in item.options)
    if right == 0:
        report(("options",), "No option is correct. Mark one with “correct: true”.")
    if right > 1:
        report(("options",), f"{right} options are correct. Only one may be.")
    for name, values in (
        ("id", [option.id for option in item.options]),
        ("text", [option.text.casefold() for option in item.options]),
    ):
        for number, value in enumerate(values):
            if value in values[:number]:
                report(("options", number, name), f"Two options have the same {name}.")
    if not module.is_capstone and item.clause not in module.shape.clauses:
        report(("clause",), f"Module {module.shape.module} does not teach clause {item.clause}.")


def units_of(files: CourseFiles) -> list[ClauseUnit]:
    """The course's units as the rules know them."""
    return [ClauseUnit(unit.id, unit.title, tuple(unit.clauses)) for unit in files.shape.units]


def items_of(files: CourseFiles) -> list[tuple[ModuleFiles, ItemShape]]:
    """Every item with its module, in order."""
    return [(module, item) for module in files.modules for item in module.items.values()]


def check_bank(files: CourseFiles, faults: Faults) -> None:
    """Notes where the whole bank is too small; only fair when every item could be read."""
    shape = files.shape
    items = [item for _, item in items_of(files)]
    counted = Counter(item.clause for item in items)
    least = shape.thresholds.items_per_unit
    more = shape.thresholds.items_of_unit
    for place, unit in enumerate(shape.units):
        found = sum(counted[clause] for clause in unit.clauses)
        wanted = more.get(unit.id, least)
        if found < wanted:
            message = (
                f"This unit has {found} items in the bank; the threshold is {wanted}. Write {wanted - found} more."
            )
            _note(files, faults, ("units", place), message)
    for name in more:
        if name not in {unit.id for unit in shape.units}:
            _note(files, faults, ("thresholds", "items_of_unit", name), f"There is no unit {name}.")
    for place, clause in enumerate(shape.mastery.critical):
        if not counted[clause]:
            _note(files, faults, ("mastery", "critical", place), f"No item asks about clause {clause}.")
    permitted = sum(item.verdict == "permitted" for item in items)
    wanted = shape.thresholds.permitted_percent
    if permitted * 100 < wanted * len(items):
        share = f"{permitted} of {len(items)}"
        message = f"Only {share} items have the verdict “permitted”; the threshold is {wanted} percent."
        _note(files, faults, ("thresholds", "permitted_percent"), message)
    _check_forms(files, faults)


def _check_forms(files: CourseFiles, faults: Faults) -> None:
    capstone = files.shape.capstone
    if capstone.questions < len(set(files.shape.mastery.critical)):
        _note(files, faults, ("capstone", "questions"), "A form must have room for every critical clause.")
        return
    forms = forms_of(files)
    short = min(len(form.items) for form in forms)
    if short < capstone.questions:
        message = f"The capstone needs forms of {capstone.questions} items; the bank gives only {short}."
        _note(files, faults, ("capstone", "questions"), message)
    elif len({form.items for form in forms}) < len(forms):
        message = f"The bank has too few items for {capstone.forms} different forms."
        _note(files, faults, ("capstone", "forms"), message)


def _note(files: CourseFiles, faults: Faults, path: Path, message: str) -> None:
    faults.add(files.tree.file, files.tree.line(path), files.tree.name(path), message)


def forms_of(files: CourseFiles) -> tuple[Form, ...]:
    """The capstone's forms, drawn from the whole bank."""
    drawable = [_Drawn(item.id, item.clause) for _, item in items_of(files)]
    capstone, critical = files.shape.capstone, files.shape.mastery.critical
    return draw_forms(drawable, units_of(files), capstone.questions, capstone.forms, frozenset(critical))


class _Drawn:
    """An item as drawing sees it."""

    def __init__(self, ref: str, clause: str) -> None:
        self.ref = ref
        self.clause = clause
