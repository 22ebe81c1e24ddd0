"""Pure rules of training: the state of an assignment, what covers what, and the way through a course."""

from __future__ import annotations

from lms.training.rules.missed import missed_in, missed_modules, scenarios_on, to_practice, without_module
from lms.training.rules.outline import ModuleOutline, StepOutline, minutes_left, outline, outline_module
from lms.training.rules.satisfying import (
    Candidate,
    CourseTexts,
    Finished,
    fuller,
    satisfied_of,
    satisfied_reason,
    satisfies,
)
from lms.training.rules.states import (
    CLOSED_STATES,
    DUE_SOON_DAYS,
    PATHS,
    AssignmentDates,
    Dates,
    State,
    covers,
    state_of,
    why_not_workable,
)
from lms.training.rules.steps import (
    LESSON,
    QUESTIONS,
    NextStep,
    Progress,
    Step,
    changes_key,
    module_steps,
    next_step,
    scenario_key,
    why_locked,
    why_not_signable,
)

__all__ = [
    "CLOSED_STATES",
    "DUE_SOON_DAYS",
    "LESSON",
    "PATHS",
    "QUESTIONS",
    "AssignmentDates",
    "Candidate",
    "CourseTexts",
    "Dates",
    "Finished",
    "ModuleOutline",
    "NextStep",
    "Progress",
    "State",
    "Step",
    "StepOutline",
    "changes_key",
    "covers",
    "fuller",
    "minutes_left",
    "missed_in",
    "missed_modules",
    "module_steps",
    "next_step",
    "outline",
    "outline_module",
    "satisfied_of",
    "satisfied_reason",
    "satisfies",
    "scenario_key",
    "scenarios_on",
    "state_of",
    "to_practice",
    "why_locked",
    "why_not_signable",
    "why_not_workable",
    "without_module",
]
