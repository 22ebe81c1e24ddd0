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


@pytest.mark.parametrize("path", ["test_out", "refresher"])
def test_the_short_paths_begin_with_the_capstone(content: CourseContent, path: str) -> None:
    assert walk(path, content) == ["8:scenario:one-long-week", "8:questions", "8:sign"]


@pytest.mark.parametrize("path", ["full", "test_out", "refresher"])
def test_missed_clauses_come_before_anything_else(content: CourseContent, path: str) -> None:
    progress = Progress(remediation=("IV.B.2.f", "IV.B.1.c"))
    step = next_step(path, content, progress)
    assert step is not None
    assert (step.kind, step.label) == ("remediation", "Go through 2 missed clauses")


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
    assert minutes_left("test_out", content, Progress(remediation=("I", "II"))) == 8 + 3 + 6


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
