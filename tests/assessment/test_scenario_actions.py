"""Scenario choices are saved as they are made and never change."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from lms import clock
from lms.assessment import actions, queries
from lms.assessment.models import ScenarioChoice, ScenarioRun
from lms.catalog.actions import publish_course
from lms.db import db
from lms.errors import Conflict, Invalid, NotFound, Stale
from lms.ledger.queries import list_entries, read_disclosures
from lms.policy.rules import sha256_of
from lms.training.actions import waive_assignment
from lms.training.queries import list_steps
from tests.assessment.conftest import MODULE, SCENARIO, Desk
from tests.factories.people import make_person
from tests.factories.training import TINY

KIND = "assessment.scenario_choice_made"


def begin(desk: Desk) -> ScenarioRun:
    desk.open_module()
    return actions.start_scenario(desk.assignment, MODULE, SCENARIO)


def count(table: type[ScenarioRun] | type[ScenarioChoice]) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_starting_twice_gives_back_the_one_run(desk: Desk) -> None:
    run = begin(desk)
    assert actions.start_scenario(desk.assignment, MODULE, SCENARIO).id == run.id
    assert count(ScenarioRun) == 1
    assert list_steps(desk.assignment.id)[MODULE, f"scenario:{SCENARIO}"].done_at is None


def test_a_scenario_before_its_turn_is_refused_with_the_reason(desk: Desk) -> None:
    with pytest.raises(Conflict, match="Lesson"):
        actions.start_scenario(desk.assignment, MODULE, SCENARIO)
    assert count(ScenarioRun) == 0


@pytest.mark.parametrize(("module", "ref"), [("2", "no-such"), ("99", "training-clip"), ("3", "training-clip")])
def test_a_scenario_that_the_module_does_not_have_is_not_found(desk: Desk, module: str, ref: str) -> None:
    with pytest.raises(NotFound):
        actions.start_scenario(desk.assignment, module, ref)


def test_a_page_of_an_older_course_version_is_stale(desk: Desk) -> None:
    desk.open_module()
    with pytest.raises(Stale):
        actions.start_scenario(desk.assignment, MODULE, SCENARIO, shown_version_id=9999)


def test_the_record_of_a_choice_holds_everything_that_was_on_the_page(desk: Desk) -> None:
    run = begin(desk)
    with clock.at(datetime(2026, 3, 5, 14, 2, 3, 4, tzinfo=UTC)):
        made = actions.choose(run, position=1, scene_ref="phone", choice_ref="ask-first")
    scenario = desk.content.scenario(SCENARIO)
    scene = scenario.scenes["phone"]
    taken = scene.choice("ask-first")
    disclosed = read_disclosures(made.record_id)
    expected = {
        "assignment_id": desk.assignment.id,
        "module": MODULE,
        "scenario": SCENARIO,
        "scenario_sha256": scenario.sha256,
        "course": "sop-110",
        "course_sha256": desk.content.sha256,
        "position": 1,
        "scene": "phone",
        "scene_text_sha256": sha256_of(scene.text),
        "choices_shown": [{"ref": choice.ref, "text": choice.text} for choice in scene.choices],
        "choice": "ask-first",
        "choice_text": taken.text,
        "consequence": taken.consequence,
        "clause": taken.clause,
        "better": taken.better,
        "rating": 3,
        "chosen_at": "2026-03-05T14:02:03.000004Z",
        "subject": desk.person.subject,
    }
    assert {name: disclosed[name] for name in expected} == expected


def test_a_second_choice_at_the_same_place_changes_nothing(desk: Desk) -> None:
    run = begin(desk)
    first = actions.choose(run, position=1, scene_ref="phone", choice_ref="post-it")
    again = actions.choose(run, position=1, scene_ref="phone", choice_ref="ask-first")
    assert (again.id, again.choice_ref) == (first.id, "post-it")
    assert count(ScenarioChoice) == len(list_entries(kind=KIND)) == 1


@pytest.mark.parametrize(
    ("position", "scene"), [(1 + 1, "phone"), (3, "call"), (2, "answer"), (0, "phone"), (-1, "call")]
)
def test_a_choice_from_another_place_in_the_story_is_refused(desk: Desk, position: int, scene: str) -> None:
    run = begin(desk)
    actions.choose(run, position=1, scene_ref="phone", choice_ref="post-it")
    with pytest.raises(Conflict):
        actions.choose(run, position=position, scene_ref=scene, choice_ref="deny")
    assert count(ScenarioChoice) == 1


def test_a_choice_that_the_scene_does_not_offer_is_refused(desk: Desk) -> None:
    with pytest.raises(Invalid) as refused:
        actions.choose(begin(desk), position=1, scene_ref="phone", choice_ref="deny")
    assert refused.value.field == "choice"


def test_the_ending_finishes_the_run_and_the_training_step(desk: Desk) -> None:
    run = begin(desk)
    actions.choose(run, position=1, scene_ref="phone", choice_ref="ask-first")
    assert run.finished_at is None
    last = actions.choose(run, position=2, scene_ref="answer", choice_ref="stay")
    step = list_steps(desk.assignment.id)[MODULE, f"scenario:{SCENARIO}"]
    assert run.finished_at == last.chosen_at
    assert step.done_at is not None
    assert step.record_id == last.record_id
    after = actions.choose(run, position=2, scene_ref="answer", choice_ref="give-in")
    assert after.choice_ref == "stay"
    with pytest.raises(Conflict):
        actions.choose(run, position=3, scene_ref="quiet", choice_ref="stay")


def test_a_closed_training_records_no_further_choice(desk: Desk) -> None:
    run = begin(desk)
    first = actions.choose(run, position=1, scene_ref="phone", choice_ref="ask-first")
    waive_assignment(desk.assignment, "Long-term detail", make_person())
    with pytest.raises(Conflict, match="closed"):
        actions.choose(run, position=2, scene_ref="answer", choice_ref="stay")
    assert actions.choose(run, position=1, scene_ref="phone", choice_ref="post-it").id == first.id


def test_a_run_keeps_the_version_that_it_began_with(desk: Desk, tmp_path: object) -> None:
    run = begin(desk)
    publish_course(republished(tmp_path))
    made = actions.choose(run, position=1, scene_ref="phone", choice_ref="ask-first")
    assert run.course_version_id == desk.content.course_version_id
    assert read_disclosures(made.record_id)["course_version"] == 1
    assert queries.find_run(desk.assignment.id, SCENARIO) is run


def republished(folder: object) -> object:
    import shutil
    from pathlib import Path

    copy = Path(str(folder)) / "course"
    shutil.copytree(TINY, copy)
    course = copy / "course.yaml"
    course.write_text(
        course.read_text(encoding="utf-8").replace("a short course", "the same short course"), encoding="utf-8"
    )
    return copy
