"""Requirements are set: a new version where something differs, nothing where nothing does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from lms import clock
from lms.catalog.queries import get_course
from lms.db import db
from lms.errors import Invalid
from lms.roster.models import Person
from lms.schedule.rules import RuleError, parse_rule
from lms.training.actions import add_requirement_version
from lms.training.local import local_date
from lms.training.models import Requirement, RequirementVersion
from lms.training.queries import find_requirement
from lms.training.rules import PATHS

CADENCES = ("on_hire", "annual", "biennial", "on_change", "spaced")
SOP_110 = "sop-110"


def set_requirement(
    slug: str, course_slug: str, *, title: str, cadence: str, path: str, rule: Mapping[str, Any], by: Person | None
) -> RequirementVersion:
    """Sets what a requirement asks; gives back its newest version, unchanged where nothing differs.

    Assignments already made keep their dates. ``starts_on`` may be left out of the rule: the first version begins
    today, and later ones keep that date, so that nobody is assigned anew. Raises Invalid for a rule, cadence or
    path that cannot be used, NotFound for a course that was never published.
    """
    if cadence not in CADENCES or path not in PATHS:
        raise Invalid(f"Choose a cadence ({', '.join(CADENCES)}) and a path ({', '.join(PATHS)}).")
    if len({cadence == "spaced", path == "spaced", rule.get("basis") == "completion"}) != 1:
        raise Invalid("The cadence spaced, the path spaced and the basis completion go together.")
    course = get_course(course_slug)
    requirement = find_requirement(slug)
    newest = None if requirement is None else _newest(requirement)
    began = local_date(clock.now()).isoformat() if newest is None else newest.rule["starts_on"]
    full = {"starts_on": began, **rule}
    try:
        parse_rule(full)
    except RuleError as error:
        raise Invalid(f"The rule of {slug} cannot be used. {error}") from error
    if requirement is None:
        requirement = Requirement(slug=slug, course_id=course.id, active=True)
        db.session.add(requirement)
        db.session.flush()
    elif requirement.course_id != course.id:
        raise Invalid(f"The requirement {slug} is for another course. Give the new one another name.")
    said = (title, cadence, path, full)
    if newest is not None and (newest.title, newest.cadence, newest.path, newest.rule) == said:
        return newest
    return add_requirement_version(requirement, title=title, cadence=cadence, path=path, rule=full, by=by)


DEFAULTS: tuple[tuple[str, str, str, str, Mapping[str, Any]], ...] = (
    (
        "sop-110-on-hire",
        "Social media policy: first training",
        "on_hire",
        "full",
        {"basis": "hire", "due_days": 30, "grace_days": 14},
    ),
    (
        "sop-110-annual",
        "Social media policy: yearly test-out",
        "annual",
        "test_out",
        {"basis": "calendar", "due": "12-31", "window_days": 90, "min_active_months": 6, "grace_days": 30},
    ),
    (
        "sop-110-biennial",
        "Social media policy: two-year refresher",
        "biennial",
        "refresher",
        {"basis": "anniversary", "years": 2, "window_days": 60, "grace_days": 30},
    ),
    (
        "sop-110-spaced",
        "Social media policy: five questions now and then",
        "spaced",
        "spaced",
        {"basis": "completion", "days": [30, 120, 240]},
    ),
)


def set_default_requirements(by: Person | None = None) -> list[RequirementVersion]:
    """The department's defaults for SOP 110 (schedule.md): on hire, every year, every two years, and spaced sets."""
    return [
        set_requirement(slug, SOP_110, title=title, cadence=cadence, path=path, rule=rule, by=by)
        for slug, title, cadence, path, rule in DEFAULTS
    ]


def _newest(requirement: Requirement) -> RequirementVersion | None:
    return db.session.scalar(
        select(RequirementVersion)
        .where(RequirementVersion.requirement_id == requirement.id)
        .order_by(RequirementVersion.number.desc())
        .limit(1)
    )
