"""What the ledger is told of choices, attempts and unlocked attempts.

The same functions make the fields when a record is appended and when ``checks`` compares it with the row,
so that a changed byte in a row differs from what the record discloses.
"""

from __future__ import annotations

from collections.abc import Iterable

from lms.assessment.models import Answer, Attempt, AttemptUnlock, ScenarioChoice, ScenarioRun
from lms.assessment.rules.drawing import GivenAnswer, Question, questions_of
from lms.assessment.rules.stories import find_choice
from lms.catalog.rules import CourseContent
from lms.errors import IntegrityFault
from lms.ledger.rules.disclosures import JsonValue, timestamp
from lms.policy.rules import clause_sort_key, sha256_of

Given = Answer | GivenAnswer

CHOICE_MADE = "assessment.scenario_choice_made"
ATTEMPT_FINISHED = "assessment.attempt_finished"
ATTEMPT_UNLOCKED = "assessment.attempt_unlocked"


def fields_of_choice(run: ScenarioRun, choice: ScenarioChoice, content: CourseContent) -> dict[str, JsonValue]:
    """One choice of a run with all that was on the page.

    Raises IntegrityFault where the story has no such choice.
    """
    try:
        scenario = content.scenario(run.scenario_ref)
        scene = scenario.scenes[choice.scene_ref]
    except KeyError as error:
        raise IntegrityFault(f"The published course has no scene {run.scenario_ref}/{choice.scene_ref}.") from error
    taken = find_choice(scene, choice.choice_ref)
    if taken is None:
        raise IntegrityFault(f"The scene {scene.ref} offers no choice {choice.choice_ref}.")
    return {
        **_course_fields(run.module_ref, content),
        **own_fields_of_choice(run, choice),
        "scenario_title": scenario.title,
        "scenario_sha256": scenario.sha256,
        "scene_text": scene.text,
        "scene_text_sha256": sha256_of(scene.text),
        "choices_shown": [{"ref": offered.ref, "text": offered.text} for offered in scene.choices],
        "choice_text": taken.text,
        "consequence": taken.consequence,
        "better": taken.better,
    }


def own_fields_of_choice(run: ScenarioRun, choice: ScenarioChoice) -> dict[str, JsonValue]:
    """What the rows themselves say of a choice; it can be compared also where the course was altered."""
    return {
        "assignment_id": run.assignment_id,
        "module": run.module_ref,
        "run_id": run.id,
        "position": choice.position,
        "scenario": run.scenario_ref,
        "scene": choice.scene_ref,
        "choice": choice.choice_ref,
        "clause": choice.clause,
        "rating": choice.rating,
        "chosen_at": timestamp(choice.chosen_at),
    }


def fields_of_attempt(attempt: Attempt, answers: Iterable[Given], content: CourseContent) -> dict[str, JsonValue]:
    """A finished attempt: every question as shown, every answer, and what it came to.

    Raises IntegrityFault where ``presented`` names an item that the version does not have.
    """
    by_position = {answer.position: answer for answer in answers}
    critical: list[str] = sorted(content.mastery.critical, key=clause_sort_key)
    return {
        **_course_fields(attempt.module_ref, content),
        **own_fields_of_attempt(attempt),
        "form_sha256": next((form.sha256 for form in content.forms if form.ref == attempt.form_ref), None),
        "items": [
            _fields_of_question(question, by_position.get(question.position))
            for question in questions_of(attempt.presented, content)
        ],
        "pass_percent": content.mastery.pass_percent,
        "critical": critical,
        "critical_missed": [clause for clause in attempt.missed or () if clause in content.mastery.critical],
    }


def own_fields_of_attempt(attempt: Attempt) -> dict[str, JsonValue]:
    """What the row itself says of an attempt; it can be compared also where the course was altered."""
    return {
        "assignment_id": attempt.assignment_id,
        "module": attempt.module_ref,
        "attempt_id": attempt.id,
        "kind": attempt.kind,
        "number": attempt.number,
        "form": attempt.form_ref,
        "correct": attempt.correct,
        "total": attempt.total,
        "passed": attempt.passed,
        "missed": list(attempt.missed or ()),
        "started_at": timestamp(attempt.started_at),
        "finished_at": None if attempt.finished_at is None else timestamp(attempt.finished_at),
    }


def own_fields_of_items(attempt: Attempt, answers: Iterable[Answer]) -> list[dict[str, JsonValue]]:
    """What the rows themselves say of each question: which item, its options in the order shown, and the answer."""
    by_position = {answer.position: answer for answer in answers}
    return [
        {
            "item": shown.get("item"),
            "sha256": shown.get("sha256"),
            "options": shown.get("options"),
            **_fields_of_answer(by_position.get(position)),
        }
        for position, shown in enumerate(attempt.presented, start=1)
    ]


def fields_of_unlock(unlock: AttemptUnlock) -> dict[str, JsonValue]:
    """One further capstone attempt, opened after a conversation. Names are added when it is recorded."""
    return {
        "assignment_id": unlock.assignment_id,
        "note": unlock.note,
        "unlocked_by_id": unlock.unlocked_by_id,
        "unlocked_at": timestamp(unlock.unlocked_at),
    }


def _course_fields(module_ref: str, content: CourseContent) -> dict[str, JsonValue]:
    module = content.find_module(module_ref)
    return {
        "module_title": None if module is None else module.title,
        "course": content.slug,
        "course_title": content.title,
        "course_version": content.number,
        "course_sha256": content.sha256,
        "policy_sha256": content.policy_sha256,
    }


def _fields_of_question(question: Question, answer: Given | None) -> dict[str, JsonValue]:
    return {
        "position": question.position,
        "item": question.item.ref,
        "sha256": question.item.sha256,
        "clause": question.item.clause,
        "stem": question.item.stem,
        "options": [{"ref": option.ref, "text": option.text} for option in question.options],
        "key": question.item.key,
        **_fields_of_answer(answer),
    }


def _fields_of_answer(answer: Given | None) -> dict[str, JsonValue]:
    return {
        "answered_item": None if answer is None else answer.item_ref,
        "chosen": None if answer is None else answer.option_ref,
        "correct": None if answer is None else answer.correct,
        "answered_at": None if answer is None else timestamp(answer.answered_at),
    }
