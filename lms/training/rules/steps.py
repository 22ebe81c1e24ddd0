"""The way through a course: which steps a module has, which are open, and which one is next.

Full path: the modules in order, in each the lesson, then the scenarios, then the questions; the capstone
module last; then the signature. Test-out and refresher: the capstone module's scenarios and questions, then
the signature; every other module may be opened for practice. After a failed capstone, on every path, the
missed clauses come before anything else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil
from typing import Literal

from lms.catalog.rules import CourseContent, ModuleContent

LESSON = "lesson"
QUESTIONS = "questions"
SIGN = "sign"
SIGNING_MINUTES = 3
REMEDIATION_MINUTES = 3
"""For each missed clause: to read it again and to answer on it."""

Kind = Literal["lesson", "scenario", "questions", "remediation", "sign"]
Standing = Literal["done", "current", "todo", "locked"]


NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a module. ``key`` is what ``StepProgress.step`` stores; ``ref`` the scenario's."""

    kind: Kind
    key: str
    title: str
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """What has been opened and done in one assignment, by (module ref, step key).

    ``finished`` is True once nothing more is to be done: all may then be read again, nothing is locked.
    """

    opened: frozenset[tuple[str, str]] = frozenset()
    done: frozenset[tuple[str, str]] = frozenset()
    capstone_passed: bool = False
    remediation: tuple[str, ...] = ()
    finished: bool = False


@dataclass(frozen=True, slots=True)
class NextStep:
    """Where the one button leads. ``opened`` tells "Go on" from "Start"."""

    kind: Kind
    module_ref: str
    key: str
    ref: str
    label: str
    opened: bool


@dataclass(frozen=True, slots=True)
class StepOutline:
    """A step as the module page lists it."""

    step: Step
    state: Standing
    why_locked: str | None


@dataclass(frozen=True, slots=True)
class ModuleOutline:
    """A module as the assignment page lists it. ``required`` is False where it is there for practice only."""

    module: ModuleContent
    state: Standing
    why_locked: str | None
    required: bool
    steps: tuple[StepOutline, ...]
    minutes_left: int


def scenario_key(scenario_ref: str) -> str:
    """The step key of a scenario."""
    return f"scenario:{scenario_ref}"


def module_steps(module: ModuleContent, is_capstone: bool, path: str = "full") -> list[Step]:
    """The steps of a module in order; signing ends the capstone module.

    On test-out and refresher the capstone module has no lesson: what was missed is read again afterwards.
    """
    steps: list[Step] = []
    if module.has_lesson and (path == "full" or not is_capstone):
        steps.append(Step("lesson", LESSON, "Lesson"))
    steps += [Step("scenario", scenario_key(s.ref), f"Scenario: {s.title}", s.ref) for s in module.scenarios]
    if is_capstone:
        steps.append(Step("questions", QUESTIONS, "Capstone questions"))
        steps.append(Step("sign", SIGN, "Sign or decline"))
    elif module.items:
        steps.append(Step("questions", QUESTIONS, "Questions"))
    return steps


def _is_done(module: ModuleContent, step: Step, progress: Progress) -> bool:
    if step.kind == "sign":
        return progress.finished
    if module.is_capstone and step.key == QUESTIONS:
        return progress.capstone_passed
    return (module.ref, step.key) in progress.done


def _open_steps(module: ModuleContent, path: str, progress: Progress) -> list[Step]:
    """The steps of a module that are not done."""
    steps = module_steps(module, module.is_capstone, path)
    return [step for step in steps if not _is_done(module, step, progress)]


def _required(path: str, content: CourseContent) -> Iterable[ModuleContent]:
    """The modules that this path asks for, the capstone last."""
    if path == "full":
        yield from (module for module in content.modules if not module.is_capstone)
    yield content.capstone_module


def why_locked(path: str, content: CourseContent, progress: Progress, module_ref: str, key: str = "") -> str | None:
    """Why a module (or one step of it) cannot be opened yet, in a sentence; None where it can.

    A step that is done stays open for practice. Without ``key`` the answer is about the module as a whole.
    Raises KeyError for a module or step that this version of the course does not have.
    """
    module = content.module(module_ref)
    steps = module_steps(module, module.is_capstone, path)
    places = {step.key: place for place, step in enumerate(steps)}
    if progress.finished or (key and _is_done(module, steps[places[key]], progress)):
        return None
    return _module_lock(path, content, progress, module) or (
        _step_lock(module, steps[: places[key]], steps[places[key]], progress) if key else None
    )


def _module_lock(path: str, content: CourseContent, progress: Progress, module: ModuleContent) -> str | None:
    if path != "full":
        return None
    for earlier in _required(path, content):
        if earlier.ref == module.ref:
            return None
        if _open_steps(earlier, path, progress):
            rest = "all other modules are" if module.is_capstone else f"module {earlier.ref}, {earlier.title}, is"
            return f"Opens when {rest} done."
    return None


def _step_lock(module: ModuleContent, before: list[Step], step: Step, progress: Progress) -> str | None:
    missing = next((earlier for earlier in before if not _is_done(module, earlier, progress)), None)
    if missing is not None:
        return f"Opens when “{missing.title}” is done."
    if module.is_capstone and step.kind == "questions" and progress.remediation:
        return "Opens when you have gone through the clauses that you missed."
    return None


def why_not_signable(path: str, content: CourseContent, progress: Progress) -> str | None:
    """What must be done before the signature, in a sentence with its number; None where one may sign."""
    capstone = content.capstone_module
    if why_locked(path, content, progress, capstone.ref, SIGN) is None:
        return None
    if progress.remediation and not progress.capstone_passed:
        return "You can sign once you have gone through the clauses that you missed and passed the capstone."
    others = [m for m in _required(path, content) if not m.is_capstone and _open_steps(m, path, progress)]
    if not others:
        return "You can sign once you have passed the capstone. Everything before it is done."
    number = NUMBERS[len(others)] if len(others) < len(NUMBERS) else str(len(others))
    verb = "module is" if len(others) == 1 else "modules are"
    return f"You can sign once every module is done and the capstone is passed: {number} {verb} still open."


def next_step(path: str, content: CourseContent, progress: Progress) -> NextStep | None:
    """The exact place to go on from; None once nothing is left to do."""
    if progress.finished:
        return None
    if progress.remediation and not progress.capstone_passed:
        count = len(progress.remediation)
        label = "Go through the clause that you missed" if count == 1 else f"Go through {count} missed clauses"
        return NextStep("remediation", content.capstone.module, "", "", label, True)
    for module in _required(path, content):
        for step in _open_steps(module, path, progress):
            opened = (module.ref, step.key) in progress.opened
            return NextStep(step.kind, module.ref, step.key, step.ref, _label(path, module, step, progress), opened)
    return None


def _label(path: str, module: ModuleContent, step: Step, progress: Progress) -> str:
    """What the button says: the act, then the place."""
    if step.kind == "sign":
        return "Sign or decline"
    began = bool(progress.opened or progress.done)
    verb = "Go on" if (module.ref, step.key) in progress.opened else ("Next" if began else "Start")
    place = "capstone" if module.is_capstone else f"module {module.ref}"
    what = step.title[0].lower() + step.title[1:]
    if module.is_capstone and step.kind == "questions":
        return f"{verb}: capstone questions"
    return f"{verb}: {place}, {what}" if path == "full" or began else f"{verb}: {what}"


def _minutes(module: ModuleContent, path: str, progress: Progress) -> int:
    steps = [step for step in module_steps(module, module.is_capstone, path) if step.kind != "sign"]
    left = [step for step in steps if not _is_done(module, step, progress)]
    return ceil(module.minutes * len(left) / len(steps)) if steps else 0


def minutes_left(path: str, content: CourseContent, progress: Progress) -> int:
    """About how many minutes the rest takes: the authors' minutes, shared evenly over a module's steps."""
    if progress.finished:
        return 0
    work = sum(_minutes(module, path, progress) for module in _required(path, content))
    return work + REMEDIATION_MINUTES * len(progress.remediation) + SIGNING_MINUTES


def outline_module(path: str, content: CourseContent, progress: Progress, module: ModuleContent) -> ModuleOutline:
    """One module with the state of each step; at most one step is ``current``."""
    following = next_step(path, content, progress)
    lock = None if progress.finished else _module_lock(path, content, progress, module)
    outlines: list[StepOutline] = []
    for step in module_steps(module, module.is_capstone, path):
        why = why_locked(path, content, progress, module.ref, step.key)
        outlines.append(StepOutline(step, _standing(module, step, progress, following, why), why))
    required = any(module.ref == needed.ref for needed in _required(path, content))
    states = {item.state for item in outlines}
    state: Standing
    if states <= {"done"}:
        state = "done"
    elif lock is not None:
        state = "locked"
    else:
        state = "current" if following is not None and following.module_ref == module.ref else "todo"
    return ModuleOutline(module, state, lock, required, tuple(outlines), _minutes(module, path, progress))


def _standing(
    module: ModuleContent, step: Step, progress: Progress, following: NextStep | None, why: str | None
) -> Standing:
    if _is_done(module, step, progress):
        return "done"
    if why is not None:
        return "locked"
    here = following is not None and (following.module_ref, following.key) == (module.ref, step.key)
    return "current" if here else "todo"


def outline(path: str, content: CourseContent, progress: Progress) -> tuple[ModuleOutline, ...]:
    """Every module in the course's order."""
    return tuple(outline_module(path, content, progress, module) for module in content.modules)
