"""What must hold across the files: clauses exist and are taught, ids are unique, modules and units fit together."""

from __future__ import annotations

from lms.catalog.content.checks_bank import check_item
from lms.catalog.content.checks_scenario import check_scenario
from lms.catalog.content.course_files import CourseFiles, ModuleFiles
from lms.catalog.content.faults import Faults
from lms.catalog.content.tree import Path, Tree


class CourseCheck:
    """One pass over a course; ``run`` notes everything that is wrong across its files."""

    def __init__(self, files: CourseFiles, faults: Faults) -> None:
        self._files = files
        self._faults = faults
        policy = files.policy
        self._clauses = None if policy is None else {clause.ref for clause in policy.clauses}
        self._taught = None if policy is None else {clause.ref for clause in policy.clauses if clause.taught}
        self._in_units = {clause for unit in files.shape.units for clause in unit.clauses}
        self._ids: dict[str, str] = {}

    def run(self) -> None:
        """Checks the course, then each module."""
        self._check_modules()
        self._check_units()
        self._check_mastery()
        for module in self._files.modules:
            self._check_module(module)
            self._check_lesson(module)
            self._check_scenarios(module)
            self._check_items(module)

    def _note(self, tree: Tree, path: Path, message: str) -> None:
        self._faults.add(tree.file, tree.line(path), tree.name(path), message)

    def _check_clause(self, tree: Tree, path: Path, ref: str, *, taught: bool = True) -> None:
        if self._clauses is not None and ref not in self._clauses:
            self._note(tree, path, f"The policy has no clause {ref}.")
        elif taught and self._taught is not None and ref not in self._taught:
            self._note(tree, path, f"Clause {ref} is not among the clauses that policy.md names as taught.")

    def _check_modules(self) -> None:
        tree, shape = self._files.tree, self._files.shape
        for place, folder in enumerate(shape.modules):
            if folder in shape.modules[:place]:
                self._note(tree, ("modules", place), f"The folder {folder} is named twice.")
        refs = [module.shape.module for module in self._files.modules]
        for place, module in enumerate(self._files.modules):
            if module.shape.module in refs[:place]:
                self._note(module.module, ("module",), f"Another module has the id {module.shape.module}, too.")
        everything_read = len(refs) == len(shape.modules)
        if everything_read and shape.capstone.module not in refs:
            self._note(tree, ("capstone", "module"), f"There is no module {shape.capstone.module}.")

    def _check_units(self) -> None:
        tree = self._files.tree
        seen_ids: set[str] = set()
        seen_clauses: set[str] = set()
        for place, unit in enumerate(self._files.shape.units):
            if unit.id in seen_ids:
                self._note(tree, ("units", place, "id"), f"The unit id {unit.id} is used twice.")
            seen_ids.add(unit.id)
            for number, ref in enumerate(unit.clauses):
                where = ("units", place, "clauses", number)
                self._check_clause(tree, where, ref)
                if ref in seen_clauses:
                    self._note(tree, where, f"Clause {ref} is already in a unit.")
                seen_clauses.add(ref)
        for ref in sorted(self._taught or ()):
            leads_in = any(other.startswith(f"{ref}.") for other in self._taught or ())
            if ref not in seen_clauses and not leads_in:
                self._note(tree, ("units",), f"Clause {ref} is taught but is in no unit.")

    def _check_mastery(self) -> None:
        tree = self._files.tree
        critical = self._files.shape.mastery.critical
        for place, ref in enumerate(critical):
            where = ("mastery", "critical", place)
            self._check_clause(tree, where, ref)
            if ref in critical[:place]:
                self._note(tree, where, f"Clause {ref} is named twice.")
            if ref not in self._in_units:
                self._note(tree, where, f"Clause {ref} is in no unit.")

    def _check_module(self, module: ModuleFiles) -> None:
        tree, shape = module.module, module.shape
        for place, ref in enumerate(shape.clauses):
            self._check_clause(tree, ("clauses", place), ref)
            if ref in shape.clauses[:place]:
                self._note(tree, ("clauses", place), f"Clause {ref} is named twice.")
        if module.is_capstone and shape.questions is not None:
            self._note(tree, ("questions",), "The capstone has no “questions” of its own; course.yaml says how many.")
        if not module.is_capstone and shape.questions is None:
            self._note(tree, (), "The key “questions” is missing: how many questions the module shows.")
        if module.complete and shape.questions is not None and shape.questions > len(module.items):
            message = f"The module shows {shape.questions} questions but its bank has {len(module.items)}."
            self._note(tree, ("questions",), message)

    def _check_lesson(self, module: ModuleFiles) -> None:
        lesson = module.lesson
        explained: set[str] = set()
        for section in lesson.sections:
            for ref in section.clauses:
                explained.add(ref)
                if self._clauses is not None and ref not in self._clauses:
                    self._faults.add(lesson.file, section.line, section.title, f"The policy has no clause {ref}.")
                elif ref not in module.shape.clauses:
                    message = f"Module {module.shape.module} does not teach clause {ref}."
                    self._faults.add(lesson.file, section.line, section.title, message)
        if module.is_capstone or not lesson.file:
            return
        for place, ref in enumerate(module.shape.clauses):
            if ref not in explained:
                self._note(module.module, ("clauses", place), f"lesson.md has no section for clause {ref}.")

    def _take_id(self, tree: Tree, path: Path, ref: str) -> None:
        here = f"{tree.file}:{tree.line(path)}"
        first = self._ids.setdefault(ref, here)
        if first != here:
            self._note(tree, path, f"The id {ref} is already used in {first}.")

    def _check_scenarios(self, module: ModuleFiles) -> None:
        tree = module.scenario_tree
        for place, scenario in module.scenarios.items():
            here: Path = ("scenarios", place)
            self._take_id(tree, (*here, "id"), scenario.id)
            for number, ref in enumerate(scenario.clauses):
                self._check_clause(tree, (*here, "clauses", number), ref)
            check_scenario(scenario, lambda path, message, at=here: self._note(tree, (*at, *path), message))  # type: ignore[misc]

    def _check_items(self, module: ModuleFiles) -> None:
        tree = module.item_tree
        for place, item in module.items.items():
            self._take_id(tree, ("items", place, "id"), item.id)
            self._check_clause(tree, ("items", place, "clause"), item.clause)
            if item.clause not in self._in_units:
                self._note(tree, ("items", place, "clause"), f"Clause {item.clause} is in no unit of course.yaml.")
            check_item(item, module, place, self._faults)
