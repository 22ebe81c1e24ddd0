"""A published course, an assignment, and a person's way through it by the real actions."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from unittest.mock import patch

from sqlalchemy import select

from lms import clock
from lms.assessment import actions as assessment
from lms.attestation.actions import prepare_sheet, sign_attestation
from lms.attestation.models import Attestation
from lms.attestation.rules import Client
from lms.auth.rules import Reauthentication
from lms.catalog.actions import publish_course
from lms.catalog.content.check import CheckedCourse, check_course
from lms.catalog.content.faults import ContentFault
from lms.catalog.models import CourseVersion
from lms.catalog.queries import current_content, get_course
from lms.catalog.rules import CourseContent
from lms.db import db
from lms.roster.models import Person
from lms.training import actions as training
from lms.training.models import Assignment, Requirement, RequirementVersion
from lms.training.rules import Dates

TINY = Path(__file__).resolve().parents[1] / "support" / "tiny-course"


@cache
def _tiny() -> CheckedCourse | list[ContentFault]:
    return check_course(TINY)


def published_course(path: Path = TINY) -> CourseVersion:
    """Publishes a course; committed. The tiny course's files are read and checked once a run."""
    with patch("lms.catalog.actions.check_course", lambda asked: _tiny() if asked == TINY else check_course(asked)):
        version = publish_course(path).course_version
    db.session.commit()
    return version


def make_requirement(
    path: str = "full", slug: str = "sop-110-annual", title: str = "Annual training"
) -> RequirementVersion:
    """A requirement for the published course; the same one for the same slug."""
    found = db.session.scalar(
        select(RequirementVersion).join(RequirementVersion.requirement).where(Requirement.slug == slug)
    )
    if found is not None:
        return found
    requirement = Requirement(slug=slug, course_id=get_course("sop-110").id, active=True)
    db.session.add(requirement)
    db.session.flush()
    rule = {"years": 1}
    version = training.add_requirement_version(
        requirement, title=title, cadence="annual", path=path, rule=rule, by=None
    )
    db.session.commit()
    return version


def make_assignment(
    person: Person,
    *,
    path: str = "full",
    slug: str = "sop-110-annual",
    cycle: str | None = None,
    opens_on: date | None = None,
    due_on: date | None = None,
    grace_days: int = 30,
    title: str = "Annual training",
) -> Assignment:
    """An assignment that is open today and due in sixty days, unless said otherwise; committed."""
    today = clock.today("America/New_York")
    opens = opens_on or today - timedelta(days=30)
    due = due_on or today + timedelta(days=60)
    dates = Dates(opens_on=opens, due_on=due, grace_until=due + timedelta(days=grace_days), valid_through=due)
    made = training.make_assignment(
        person.id, make_requirement(path, slug, title), cycle or str(due.year), dates, "Due once a calendar year."
    )
    db.session.commit()
    return made


def walk_modules(assignment: Assignment, content: CourseContent | None = None) -> None:
    """Does every step before the capstone questions: lessons, scenarios (best choices), quizzes (right answers)."""
    content = content or current_content(assignment.course_id)
    for module in content.modules:
        if assignment.path != "full" and not module.is_capstone:
            continue
        if module.has_lesson and assignment.path == "full":
            training.complete_step(assignment, module.ref, "lesson", content.course_version_id)
        for scenario in module.scenarios:
            walk_scenario(assignment, module.ref, scenario.ref, content)
        if module.items and not module.is_capstone:
            take(assignment, module.ref, "module", content)
    db.session.commit()


def walk_scenario(assignment: Assignment, module_ref: str, scenario_ref: str, content: CourseContent) -> None:
    """Goes through a scenario by its best choices."""
    run = assessment.start_scenario(assignment, module_ref, scenario_ref)
    scenario = content.scenario(scenario_ref)
    scene, position = scenario.scenes[scenario.start], 1
    while not scene.ending:
        best = max(scene.choices, key=lambda choice: choice.rating)
        assessment.choose(run, position=position, scene_ref=scene.ref, choice_ref=best.ref)
        scene, position = scenario.scenes[best.next], position + 1


def take(assignment: Assignment, module_ref: str, kind: str, content: CourseContent, *, wrong: int = 0) -> int:
    """Takes one sitting, with the first ``wrong`` answers wrong; gives back the attempt's id."""
    attempt = assessment.start_attempt(assignment, module_ref, kind)
    for position, shown in enumerate(attempt.presented, start=1):
        item = content.item(shown["item"])
        others = [option.ref for option in item.options if not option.correct]
        assessment.answer(attempt, position, others[0] if position <= wrong else item.key)
    return attempt.id


def note_capstone(assignment: Assignment) -> None:
    """Writes a passed capstone on the course as it is now into the row alone, where no sitting is needed."""
    content = current_content(assignment.course_id)
    assignment.capstone_passed_at = clock.now()
    assignment.capstone_summary = {
        "score": 1, "total": 1, "form": "A", "course_version_id": content.course_version_id,
    }  # fmt: skip
    db.session.flush()


def make_ready_to_sign(person: Person, **given: object) -> Assignment:
    """An assignment in which everything but the signature is done; committed."""
    assignment = make_assignment(person, **given)  # type: ignore[arg-type]
    content = current_content(assignment.course_id)
    walk_modules(assignment, content)
    take(assignment, content.capstone.module, "capstone", content)
    db.session.commit()
    return assignment


def sign(person: Person, row: Assignment) -> Attestation:
    """Signs what is ready, as the page does; committed."""
    made = sign_attestation(
        person,
        row.id,
        prepare_sheet(row).shown,
        on_duty=True,
        reservation="",
        reauthentication=Reauthentication("password", clock.now(), "typed again"),
        idempotency_key=f"{row.id:032x}",
        client=Client("192.0.2.1", "Test", "0"),
        answer_by=clock.today("America/New_York") + timedelta(days=14),
    )
    db.session.commit()
    return made
