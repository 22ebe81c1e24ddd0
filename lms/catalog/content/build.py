"""Makes the parts of a version from checked files: canonical, hashed, in the order of the course."""

from __future__ import annotations

from collections.abc import Iterator

from lms.catalog.content.checks_bank import forms_of
from lms.catalog.content.course_files import CourseFiles, ModuleFiles
from lms.catalog.content.lesson_file import LessonText
from lms.catalog.content.schema import ItemShape, ScenarioShape
from lms.catalog.rules import Part


def build_parts(files: CourseFiles) -> tuple[Part, ...]:
    """The parts of a course that has no fault."""
    return tuple(_parts(files))


PUBLISHED_THRESHOLDS = {"items_per_unit", "permitted_percent"}
WORKSHOP = {"citations", "must_not_say", "must_say"}
"""How strictly the authors' files are checked is no part of what officers are taught: it is not published."""


def _parts(files: CourseFiles) -> Iterator[Part]:
    shape = files.shape
    course = shape.model_dump(exclude={"policy", "modules", *WORKSHOP})
    course["thresholds"] = shape.thresholds.model_dump(include=PUBLISHED_THRESHOLDS)
    course["modules"] = [module.shape.module for module in files.modules]
    yield Part.of("course", shape.course, course)
    for module in files.modules:
        yield from _module_parts(module)
    for form in forms_of(files):
        yield Part.of("form", form.ref, {"form": form.ref, "items": list(form.items)})


def _module_parts(module: ModuleFiles) -> Iterator[Part]:
    ref = module.shape.module
    folder = module.folder.rsplit("/", 1)[-1]
    yield Part.of("module", ref, {**module.shape.model_dump(), "folder": folder})
    yield Part.of("lesson", ref, _lesson_fields(ref, module.lesson))
    for scenario in module.scenarios.values():
        yield scenario_part(ref, scenario)
    for item in module.items.values():
        yield item_part(ref, item)


def scenario_part(module: str, shape: ScenarioShape) -> Part:
    """One scenario of a module."""
    return Part.of("scenario", shape.id, {"module": module, **shape.model_dump()})


def item_part(module: str, shape: ItemShape) -> Part:
    """One item of a module."""
    return Part.of("item", shape.id, {"module": module, **shape.model_dump()})


def _lesson_fields(ref: str, lesson: LessonText) -> dict[str, object]:
    sections = [
        {"clauses": list(section.clauses), "title": section.title, "text": section.text} for section in lesson.sections
    ]
    return {"module": ref, "intro": lesson.intro, "sections": sections}
