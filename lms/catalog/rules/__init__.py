"""Pure rules of the catalog: what a published course is, and how capstone forms are drawn."""

from __future__ import annotations

from lms.catalog.rules.course import (
    AttestationText,
    CapstoneRule,
    Choice,
    ClauseUnit,
    CourseContent,
    Item,
    LessonSection,
    Mastery,
    ModuleContent,
    Option,
    Scenario,
    Scene,
)
from lms.catalog.rules.forms import Form, draw_forms
from lms.catalog.rules.parts import KINDS, Edition, Part, course_digest, read_course, read_item, read_scenario

__all__ = [
    "KINDS",
    "AttestationText",
    "CapstoneRule",
    "Choice",
    "ClauseUnit",
    "CourseContent",
    "Edition",
    "Form",
    "Item",
    "LessonSection",
    "Mastery",
    "ModuleContent",
    "Option",
    "Part",
    "Scenario",
    "Scene",
    "course_digest",
    "draw_forms",
    "read_course",
    "read_item",
    "read_scenario",
]
