"""The way through a course: which steps a module has, which are open, and which one is next.

Full path: the modules in order, in each the lesson, then the scenarios, then the questions; the capstone
module last; then the signature. Test-out and refresher: the capstone module's scenarios and questions, then
the signature; every other module may be opened for practice. A refresher begins with what changed in the
policy since the person last signed. After a failed capstone the missed clauses come before anything else:
on the full path by themselves, on the short ones in the modules that teach them, and in no other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from lms.catalog.rules import CourseContent, ModuleContent
from lms.training.rules.missed import missed_in, missed_modules, scenarios_on

LESSON = "lesson"
QUESTIONS = "questions"
SIGN = "sign"
Kind = Literal["changes", "lesson", "scenario", "questions", "remediation", "sign"]
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


def scenario_key(scenario_ref: str) -> str:
    """The step key of a scenario."""
    return f"scenario:{scenario_ref}"


def changes_key(policy_version_id: int) -> str:
    """The step key of reading what changed. A newer text of the policy makes it a step that is not done yet."""
    return f"changes:{policy_version_id}"


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


def asked(path: str, content: CourseContent, module: ModuleContent, progress: Progress) -> list[Step]:
    """The steps that this path asks for in a module; where nothing was missed, those for practice."""
    steps = module_steps(module, module.is_capstone, path)
    if path == "refresher" and module.is_capstone:
        return [Step("changes", changes_key(content.policy_version_id), "What changed"), *steps]
    missed = _missed(path, module, progress)
    if not missed:
        return steps
    wanted = {LESSON, *(scenario_key(scenario.ref) for scenario in scenarios_on(module, missed))}
    questions = Step("questions", QUESTIONS, f"Questions on {', '.join(missed)}")
    return [*(step for step in steps if step.key in wanted), questions]


def _missed(path: str, module: ModuleContent, progress: Progress) -> tuple[str, ...]:
    """The missed clauses for which a module is open again."""
    return () if path == "full" or progress.capstone_passed else missed_in(module, progress.remediation)


def is_done(path: str, module: ModuleContent, step: Step, progress: Progress) -> bool:
    """Whether a step is done; questions on missed clauses are open again until the capstone is passed."""
    if step.kind in ("sign", "changes") and progress.finished:
        return True
    if module.is_capstone and step.key == QUESTIONS:
        return progress.capstone_passed
    if step.key == QUESTIONS and _missed(path, module, progress):
        return False
    return (module.ref, step.key) in progress.done


def open_steps(path: str, content: CourseContent, module: ModuleContent, progress: Progress) -> list[Step]:
    """The steps of a module that are not done."""
    return [step for step in asked(path, content, module, progress) if not is_done(path, module, step, progress)]


def required_modules(path: str, content: CourseContent, progress: Progress) -> Iterable[ModuleContent]:
    """The modules that this path asks for, the capstone last."""
    if path == "full":
        yield from (module for module in content.modules if not module.is_capstone)
    else:
        yield from (module for module in content.modules if _missed(path, module, progress))
    yield content.capstone_module


def why_locked(path: str, content: CourseContent, progress: Progress, module_ref: str, key: str = "") -> str | None:
    """Why a module (or one step of it) cannot be opened yet, in a sentence; None where it can.

    A step that is done stays open for practice. Without ``key`` the answer is about the module as a whole.
    Raises KeyError for a module or step that this version of the course does not have.
    """
    module = content.module(module_ref)
    steps = asked(path, content, module, progress)
    places = {step.key: place for place, step in enumerate(steps)}
    if key and key not in places and key in {step.key for step in module_steps(module, module.is_capstone, path)}:
        return None  # A scenario that does not turn on what was missed is there for practice.
    if progress.finished or (key and is_done(path, module, steps[places[key]], progress)):
        return None
    lock = module_lock(path, content, progress, module)
    if lock is not None or not key:
        return lock
    before = [step for step in steps[: places[key]] if not is_done(path, module, step, progress)]
    return _step_lock(module, before, steps[places[key]], progress)


def module_lock(path: str, content: CourseContent, progress: Progress, module: ModuleContent) -> str | None:
    """Why a module is closed as a whole, in a sentence; only on the full path, which goes in order."""
    if path != "full":
        return None
    for earlier in required_modules(path, content, progress):
        if earlier.ref == module.ref:
            return None
        if open_steps(path, content, earlier, progress):
            rest = "all other modules are" if module.is_capstone else f"module {earlier.ref}, {earlier.title}, is"
            return f"Opens when {rest} done."
    return None


def _step_lock(module: ModuleContent, before: list[Step], step: Step, progress: Progress) -> str | None:
    if before:
        return f"Opens when “{before[0].title}” is done."
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
    wanted = required_modules(path, content, progress)
    others = [m for m in wanted if not m.is_capstone and open_steps(path, content, m, progress)]
    following = open_steps(path, content, capstone, progress)[0]
    if not others and following.kind != "questions":
        return f"You can sign once you have passed the capstone. Next comes “{following.title}”."
    if not others:
        return "You can sign once you have passed the capstone. Everything before it is done."
    number = NUMBERS[len(others)] if len(others) < len(NUMBERS) else str(len(others))
    verb = "module is" if len(others) == 1 else "modules are"
    return f"You can sign once every module is done and the capstone is passed: {number} {verb} still open."


def next_step(path: str, content: CourseContent, progress: Progress) -> NextStep | None:
    """The exact place to go on from; None once nothing is left to do."""
    if progress.finished:
        return None
    by_itself = path == "full" or not missed_modules(content, progress.remediation)
    if progress.remediation and not progress.capstone_passed and by_itself:
        count = len(progress.remediation)
        label = "Go through the clause that you missed" if count == 1 else f"Go through {count} missed clauses"
        return NextStep("remediation", content.capstone.module, "", "", label, True)
    for module in required_modules(path, content, progress):
        for step in open_steps(path, content, module, progress):
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
    named = path == "full" or (began and step.kind != "changes")
    return f"{verb}: {place}, {what}" if named else f"{verb}: {what}"
