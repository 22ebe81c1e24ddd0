"""A published course and an officer in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask

from lms.assessment import actions
from lms.assessment.models import Attempt
from lms.catalog.queries import current_content
from lms.catalog.rules import CourseContent
from lms.db import db
from lms.roster.models import Person
from lms.training import actions as training
from lms.training.models import Assignment
from lms.training.rules import missed_modules
from tests.factories.people import make_person
from tests.factories.training import make_assignment, published_course

MODULE, SCENARIO = "2", "training-clip"
CAPSTONE_MODULE, CAPSTONE_SCENARIO = "8", "one-long-week"


@dataclass(frozen=True)
class Desk:
    """Everything that a test of one officer's training needs."""

    person: Person
    assignment: Assignment
    content: CourseContent

    def open_module(self) -> None:
        """Does what comes before the scenario of module 2."""
        training.complete_step(self.assignment, MODULE, "lesson", self.content.course_version_id)
        db.session.commit()

    def open_questions(self) -> None:
        """Does what comes before the questions of module 2."""
        self.open_module()
        self.walk(MODULE, SCENARIO)

    def walk(self, module_ref: str, scenario_ref: str, *way: str) -> None:
        """Goes along ``way``, then by the first choice of each scene to an ending."""
        run = actions.start_scenario(self.assignment, module_ref, scenario_ref)
        scenario = self.content.scenario(scenario_ref)
        scene, position = scenario.scenes[scenario.start], 1
        while not scene.ending and run.finished_at is None:
            ref = way[position - 1] if position <= len(way) else scene.choices[0].ref
            actions.choose(run, position=position, scene_ref=scene.ref, choice_ref=ref)
            scene, position = scenario.scenes[scene.choice(ref).next], position + 1
        db.session.commit()

    def open_capstone(self) -> None:
        """On the test-out path: the capstone's scenario, after which its questions are open."""
        self.walk(CAPSTONE_MODULE, CAPSTONE_SCENARIO)

    def start(self, module_ref: str = MODULE, kind: str = "module") -> Attempt:
        """Begins a sitting."""
        attempt = actions.start_attempt(self.assignment, module_ref, kind)
        db.session.commit()
        return attempt

    def sit(self, module_ref: str = MODULE, kind: str = "module", *, missing: tuple[str, ...] = ()) -> Attempt:
        """Takes a whole sitting; every item on the clauses in ``missing`` is answered wrong."""
        attempt = self.start(module_ref, kind)
        for position in range(1, attempt.total + 1):
            actions.answer(attempt, position, self.option_for(attempt, position, missing))
        db.session.commit()
        return attempt

    def option_for(self, attempt: Attempt, position: int, missing: tuple[str, ...] = ()) -> str:
        """The right option, or a wrong one where the item's clause is to be missed."""
        item = self.content.item(attempt.presented[position - 1]["item"])
        return next(o.ref for o in item.options if o.correct == (item.clause not in missing))

    def fail_capstone(self, *missing: str) -> Attempt:
        """One failed capstone with the practice on what was missed gone through."""
        attempt = self.sit(CAPSTONE_MODULE, "capstone", missing=missing or ("IV.B.2.f",))
        self.go_through_missed()
        return attempt

    def open_missed(self, module_ref: str) -> None:
        """What comes before the questions of a module that a missed clause opened: its lesson and scenario."""
        training.complete_step(self.assignment, module_ref, "lesson", self.content.course_version_id)
        for scenario in self.content.module(module_ref).scenarios:
            self.walk(module_ref, scenario.ref)

    def go_through_missed(self, *missing: str) -> list[Attempt]:
        """Goes through every module that a missed clause opened; gives back the sittings of its questions."""
        sittings = []
        for module in missed_modules(self.content, self.assignment.remediation):
            self.open_missed(module.ref)
            sittings.append(self.sit(module.ref, "remediation", missing=missing))
        return sittings


@pytest.fixture
def desk_on(app: Flask) -> Callable[[str], Desk]:
    """Makes an officer with an assignment of the published course on a path."""
    published_course()

    def make(path: str) -> Desk:
        person = make_person()
        assignment = make_assignment(person, path=path)
        return Desk(person, assignment, current_content(assignment.course_id))

    return make


@pytest.fixture
def desk(desk_on: Callable[[str], Desk]) -> Desk:
    """An officer on the full path."""
    return desk_on("full")


@pytest.fixture
def capstone_desk(desk_on: Callable[[str], Desk]) -> Desk:
    """An officer on the test-out path whose capstone questions are open."""
    made = desk_on("test_out")
    made.open_capstone()
    return made
