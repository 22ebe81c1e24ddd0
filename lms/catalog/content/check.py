"""The way into authored content: a folder in, a checked course or all of its faults out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lms.catalog.content.build import build_parts
from lms.catalog.content.checks_bank import check_bank, items_of
from lms.catalog.content.checks_course import CourseCheck
from lms.catalog.content.course_files import CourseFiles, read_course_files
from lms.catalog.content.faults import ContentFault, Faults
from lms.catalog.rules import Part
from lms.policy.rules import ParsedPolicy


@dataclass(frozen=True, slots=True)
class UnitCoverage:
    """How the bank covers one unit of clauses."""

    unit: str
    title: str
    items: int
    permitted: int


@dataclass(frozen=True, slots=True)
class CheckedCourse:
    """A course without a fault, ready to be published."""

    slug: str
    title: str
    policy: ParsedPolicy
    parts: tuple[Part, ...]
    coverage: tuple[UnitCoverage, ...]

    def count(self, kind: str) -> int:
        """How many parts of a kind there are."""
        return sum(part.kind == kind for part in self.parts)


def check_course(path: Path) -> CheckedCourse | list[ContentFault]:
    """Reads and checks the course in a folder. Gives every fault that it has, at once, sorted by file and line."""
    faults = Faults()
    files = read_course_files(path, faults)
    if files is not None:
        CourseCheck(files, faults).run()
        if files.complete:
            check_bank(files, faults)
    if files is None or files.policy is None or len(faults):
        return faults.listed()
    return CheckedCourse(
        slug=files.shape.course,
        title=files.shape.title,
        policy=files.policy,
        parts=build_parts(files),
        coverage=_coverage(files),
    )


def _coverage(files: CourseFiles) -> tuple[UnitCoverage, ...]:
    items = [item for _, item in items_of(files)]
    return tuple(
        UnitCoverage(
            unit=unit.id,
            title=unit.title,
            items=sum(item.clause in unit.clauses for item in items),
            permitted=sum(item.clause in unit.clauses and item.verdict == "permitted" for item in items),
        )
        for unit in files.shape.units
    )
