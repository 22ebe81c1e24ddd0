"""The way through a course on each path."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lms.catalog.content.check import CheckedCourse, check_course
from lms.catalog.content.markdown import to_html
from lms.catalog.rules import CourseContent, Edition, read_course
from lms.training.rules import (
    LESSON,
    QUESTIONS,
    Progress,
    minutes_left,
    module_steps,
    next_step,
    outline,
    scenario_key,
    why_locked,
)

TINY = Path(__file__).parents[1] / "support" / "tiny-course"


@pytest.fixture(scope="module")
def content() -> CourseContent:
    checked = check_course(TINY)
    assert isinstance(checked, CheckedCourse)
    return read_course(Edition(1, 1, "0" * 64, 1, "0" * 64), checked.parts, to_html)


def walk(path: str, content: CourseContent) -> list[str]:
    """Every next step until the signature."""
    progress, seen = Progress(), []
    while (step := next_step(path, content, progress)) is not None:
        seen.append(f"{step.module_ref}:{step.key}")
        if step.kind == "sign":
            break
        if content.module(step.module_ref).is_capstone and step.kind == "questions":
            progress = replace(progress, capstone_passed=True)
        progress = replace(progress, done=progress.done | {(step.module_ref, step.key)})
    return seen


def test_the_full_path_takes_modules_in_order_and_the_capstone_last(content: CourseContent) -> None:
    assert walk("full", content) == [
        "2:lesson", "2:scenario:training-clip", "2:questions",
        "3:lesson", "3:scenario:selfie-before-the-unit", "3:questions",
        "8:scenario:one-long-week", "8:questions", "8:sign",
    ]  # fmt: skip


def test_the_test_out_begins_with_the_capstone_and_goes_straight_to_signing(content: CourseContent) -> None:
    assert walk("test_out", content) == ["8:scenario:one-long-week", "8:questions", "8:sign"]


def test_the_refresher_begins_with_what_changed(content: CourseContent) -> None:
    assert walk("refresher", content) == ["8:changes:1", "8:scenario:one-long-week", "8:questions", "8:sign"]
    scenario = scenario_key("one-long-week")
    assert why_locked("refresher", content, Progress(), "8", scenario) == "Opens when “What changed” is done."


def test_a_newer_text_of_the_policy_is_read_before_signing(content: CourseContent) -> None:
    done = frozenset({("8", "changes:1"), ("8", scenario_key("one-long-week"))})
    progress = Progress(opened=done, done=done, capstone_passed=True)
    newer = replace(content, policy_version_id=2)
    assert why_locked("refresher", content, progress, "8", "sign") is None
    assert why_locked("refresher", newer, progress, "8", "sign") == "Opens when “What changed” is done."
    step = next_step("refresher", newer, progress)
    assert step is not None
    assert (step.kind, step.key, step.opened) == ("changes", "changes:2", False)


def test_on_the_full_path_missed_clauses_come_by_themselves(content: CourseContent) -> None:
    step = next_step("full", content, Progress(remediation=("IV.B.2.f", "IV.B.1.c")))
    assert step is not None
    assert (step.kind, step.label) == ("remediation", "Go through 2 missed clauses")


FAILED = frozenset({("8", "changes:1"), ("8", scenario_key("one-long-week"))})


@pytest.mark.parametrize("path", ["test_out", "refresher"])
def test_on_the_short_paths_only_the_modules_of_missed_clauses_open(content: CourseContent, path: str) -> None:
    progress = Progress(opened=FAILED, done=FAILED, remediation=("IV.B.2.f",))
    modules = {module.module.ref: module for module in outline(path, content, progress)}
    assert {ref: module.required for ref, module in modules.items()} == {"2": False, "3": True, "8": True}
    assert [item.step.title for item in modules["3"].steps] == [
        "Lesson", "Scenario: The selfie", "Questions on IV.B.2.f",
    ]  # fmt: skip
    step = next_step(path, content, progress)
    assert step is not None
    assert (step.module_ref, step.key, step.label) == ("3", LESSON, "Next: module 3, lesson")
    read = replace(progress, done=FAILED | {("3", LESSON), ("3", scenario_key("selfie-before-the-unit"))})
    step = next_step(path, content, read)
    assert step is not None
    assert (step.module_ref, step.key) == ("3", QUESTIONS)
    assert why_locked(path, content, read, "8", QUESTIONS)
    after = next_step(path, content, replace(read, remediation=()))
    assert after is not None
    assert (after.module_ref, after.key) == ("8", QUESTIONS)


def test_a_clause_missed_again_asks_its_questions_again_and_not_the_lesson(content: CourseContent) -> None:
    done = FAILED | {("3", LESSON), ("3", scenario_key("selfie-before-the-unit")), ("3", QUESTIONS)}
    step = next_step("test_out", content, Progress(opened=done, done=done, remediation=("IV.B.2.f",)))
    assert step is not None
    assert (step.module_ref, step.key) == ("3", QUESTIONS)


def test_a_scenario_about_another_clause_is_not_asked_and_stays_open_for_practice(content: CourseContent) -> None:
    module = content.module("3")
    aside = replace(module, scenarios=tuple(replace(s, clauses=("IV.B.2.e",)) for s in module.scenarios))
    other = replace(content, modules=tuple(aside if m.ref == "3" else m for m in content.modules))
    progress = Progress(remediation=("IV.B.2.f",))
    asked = next(m for m in outline("test_out", other, progress) if m.module.ref == "3")
    assert [item.step.key for item in asked.steps] == [LESSON, QUESTIONS]
    assert why_locked("test_out", other, progress, "3", scenario_key("selfie-before-the-unit")) is None


def test_a_missed_clause_that_no_module_teaches_is_read_by_itself(content: CourseContent) -> None:
    step = next_step("test_out", content, Progress(remediation=("IV.B.2.z",)))
    assert step is not None
    assert step.kind == "remediation"
    assert minutes_left("test_out", content, Progress(remediation=("IV.B.2.z",))) == 8 + 3 + 3


def test_passing_at_once_leaves_only_the_signature(content: CourseContent) -> None:
    step = next_step("test_out", content, Progress(opened=FAILED, done=FAILED, capstone_passed=True))
    assert step is not None
    assert step.kind == "sign"


def test_every_lock_says_what_opens_it(content: CourseContent) -> None:
    clip = scenario_key("training-clip")
    assert why_locked("full", content, Progress(), "2", clip) == "Opens when “Lesson” is done."
    assert why_locked("full", content, Progress(), "2", QUESTIONS) == "Opens when “Lesson” is done."
    after = Progress(done=frozenset({("2", LESSON)}))
    assert why_locked("full", content, after, "2", clip) is None
    assert why_locked("full", content, after, "2", QUESTIONS) == "Opens when “Scenario: The clip” is done."
    assert why_locked("full", content, after, "3", LESSON) == "Opens when module 2, Confidential content, is done."
    everything_but = frozenset(
        (module.ref, step.key) for module in content.modules[:2] for step in module_steps(module, False)
    ) - {("2", QUESTIONS)}
    assert why_locked("full", content, Progress(done=everything_but), "8") == "Opens when all other modules are done."


def test_what_is_done_stays_open_for_practice(content: CourseContent) -> None:
    odd = Progress(done=frozenset({("3", QUESTIONS)}))
    assert why_locked("full", content, odd, "3", QUESTIONS) is None


def test_the_next_capstone_waits_for_the_missed_clauses(content: CourseContent) -> None:
    progress = Progress(done=frozenset({("8", scenario_key("one-long-week"))}), remediation=("IV.B.2.f",))
    assert why_locked("test_out", content, progress, "8", QUESTIONS) == (
        "Opens when you have gone through the clauses that you missed."
    )
    assert why_locked("test_out", content, replace(progress, remediation=()), "8", QUESTIONS) is None


def test_the_signature_waits_for_the_capstone(content: CourseContent) -> None:
    progress = Progress(done=frozenset({("8", scenario_key("one-long-week"))}))
    assert why_locked("test_out", content, progress, "8", "sign") == "Opens when “Capstone questions” is done."
    assert why_locked("test_out", content, replace(progress, capstone_passed=True), "8", "sign") is None


def test_on_a_short_path_the_other_modules_are_there_for_practice(content: CourseContent) -> None:
    modules = outline("test_out", content, Progress())
    assert [(module.module.ref, module.required, module.state) for module in modules] == [
        ("2", False, "todo"),
        ("3", False, "todo"),
        ("8", True, "current"),
    ]


def test_a_finished_training_locks_nothing_and_asks_for_nothing(content: CourseContent) -> None:
    finished = Progress(finished=True)
    assert next_step("full", content, finished) is None
    assert minutes_left("full", content, finished) == 0
    assert all(step.why_locked is None for module in outline("full", content, finished) for step in module.steps)


def test_minutes_fall_with_every_step(content: CourseContent) -> None:
    assert minutes_left("full", content, Progress()) == 10 + 12 + 8 + 3
    assert minutes_left("test_out", content, Progress()) == 8 + 3
    assert minutes_left("full", content, Progress(done=frozenset({("2", LESSON)}))) < 33
    assert minutes_left("test_out", content, Progress(remediation=("I", "II"))) == 8 + 3 + 10
    assert minutes_left("refresher", content, Progress()) == 3 + 8 + 3


def test_the_button_says_start_next_or_go_on(content: CourseContent) -> None:
    first = next_step("full", content, Progress())
    going = next_step("full", content, Progress(opened=frozenset({("2", LESSON)})))
    second = next_step("full", content, Progress(done=frozenset({("2", LESSON)})))
    assert [step.label for step in (first, going, second) if step] == [
        "Start: module 2, lesson",
        "Go on: module 2, lesson",
        "Next: module 2, scenario: The clip",
    ]


def test_an_unknown_part_is_an_error(content: CourseContent) -> None:
    with pytest.raises(KeyError):
        why_locked("full", content, Progress(), "99")
    with pytest.raises(KeyError):
        why_locked("full", content, Progress(), "2", "scenario:none")
