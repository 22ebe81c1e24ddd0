"""The way into authored content: a folder in, a checked course or all of its faults out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lms.catalog.content.build import build_parts
from lms.catalog.content.checks_bank import check_bank
from lms.catalog.content.checks_course import CourseCheck
from lms.catalog.content.checks_measures import check_measures
from lms.catalog.content.course_files import read_course_files
from lms.catalog.content.faults import ContentFault, Faults
from lms.catalog.content.measures import Measures, measure_course
from lms.catalog.content.phrases import Wording
from lms.catalog.content.voice import everything_said
from lms.catalog.rules import Part
from lms.policy.rules import ParsedPolicy


@dataclass(frozen=True, slots=True)
class CheckedCourse:
    """A course without a fault, ready to be published."""

    slug: str
    title: str
    policy: ParsedPolicy
    parts: tuple[Part, ...]
    measures: Measures

    def count(self, kind: str) -> int:
        """How many parts of a kind there are."""
        return sum(part.kind == kind for part in self.parts)


def check_course(path: Path) -> CheckedCourse | list[ContentFault]:
    """Reads and checks the course in a folder. Gives every fault that it has, at once, sorted by file and line."""
    faults = Faults()
    measures = None
    files = read_course_files(path, faults)
    if files is not None:
        CourseCheck(files, faults).run()
        Wording(files, faults).check(everything_said(files))
        if files.complete:
            check_bank(files, faults)
            measures = measure_course(files)
            check_measures(files, measures, faults)
    if files is None or files.policy is None or measures is None or len(faults):
        return faults.listed()
    return CheckedCourse(
        slug=files.shape.course,
        title=files.shape.title,
        policy=files.policy,
        parts=build_parts(files),
        measures=measures,
    )
