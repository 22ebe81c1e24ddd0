"""The course as the pages list it: the state of every module and step, and about how long the rest takes."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Literal

from lms.catalog.rules import CourseContent, ModuleContent
from lms.training.rules.missed import without_module
from lms.training.rules.steps import (
    NextStep,
    Progress,
    Step,
    asked,
    is_done,
    module_lock,
    module_steps,
    next_step,
    open_steps,
    required_modules,
    why_locked,
)

SHARES = {"lesson": 5.0, "scenario": 2.5}
"""How long a lesson or a scenario takes beside the others of its module; measured on the words of SOP 110's course."""
QUESTION_SHARE = 0.5
SIGNING_MINUTES = 3
CHANGES_MINUTES = 3
REMEDIATION_MINUTES = 3
"""For each missed clause: to read it again and to answer on it."""

Standing = Literal["done", "current", "todo", "locked"]


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


def _minutes(path: str, content: CourseContent, module: ModuleContent, progress: Progress) -> int:
    """The authors' minutes, shared over a module's steps by their length, for those that are asked and not done."""
    left = open_steps(path, content, module, progress)
    every = sum(_share(step, module) for step in module_steps(module, module.is_capstone, path))
    work = sum(_share(step, module) for step in left)
    reading = CHANGES_MINUTES * any(step.kind == "changes" for step in left)
    return reading + (ceil(round(module.minutes * min(work, every) / every, 6)) if every else 0)


def _share(step: Step, module: ModuleContent) -> float:
    return QUESTION_SHARE * module.questions if step.kind == "questions" else SHARES.get(step.kind, 0.0)


def minutes_left(path: str, content: CourseContent, progress: Progress) -> int:
    """About how many minutes the rest takes."""
    if progress.finished:
        return 0
    work = sum(_minutes(path, content, module, progress) for module in required_modules(path, content, progress))
    alone = progress.remediation if path == "full" else without_module(content, progress.remediation)
    return work + REMEDIATION_MINUTES * len(alone) + SIGNING_MINUTES


def outline_module(path: str, content: CourseContent, progress: Progress, module: ModuleContent) -> ModuleOutline:
    """One module with the state of each step; at most one step is ``current``."""
    following = next_step(path, content, progress)
    lock = None if progress.finished else module_lock(path, content, progress, module)
    outlines: list[StepOutline] = []
    for step in asked(path, content, module, progress):
        why = why_locked(path, content, progress, module.ref, step.key)
        done = is_done(path, module, step, progress)
        outlines.append(StepOutline(step, "done" if done else _standing(module, step, following, why), why))
    required = any(module.ref == needed.ref for needed in required_modules(path, content, progress))
    states = {item.state for item in outlines}
    state: Standing
    if states <= {"done"}:
        state = "done"
    elif lock is not None:
        state = "locked"
    else:
        state = "current" if following is not None and following.module_ref == module.ref else "todo"
    return ModuleOutline(module, state, lock, required, tuple(outlines), _minutes(path, content, module, progress))


def _standing(module: ModuleContent, step: Step, following: NextStep | None, why: str | None) -> Standing:
    if why is not None:
        return "locked"
    here = following is not None and (following.module_ref, following.key) == (module.ref, step.key)
    return "current" if here else "todo"


def outline(path: str, content: CourseContent, progress: Progress) -> tuple[ModuleOutline, ...]:
    """Every module in the course's order."""
    return tuple(outline_module(path, content, progress, module) for module in content.modules)
