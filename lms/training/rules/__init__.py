"""Pure rules of training: the state of an assignment, what covers what, and the way through a course."""

from __future__ import annotations

from lms.training.rules.states import (
    CLOSED_STATES,
    DUE_SOON_DAYS,
    PATHS,
    AssignmentDates,
    Dates,
    State,
    counts_for,
    covers,
    state_of,
    why_not_workable,
)
from lms.training.rules.steps import (
    LESSON,
    QUESTIONS,
    ModuleOutline,
    NextStep,
    Progress,
    Step,
    StepOutline,
    minutes_left,
    module_steps,
    next_step,
    outline,
    outline_module,
    scenario_key,
    why_locked,
)

__all__ = [
    "CLOSED_STATES",
    "DUE_SOON_DAYS",
    "LESSON",
    "PATHS",
    "QUESTIONS",
    "AssignmentDates",
    "Dates",
    "ModuleOutline",
    "NextStep",
    "Progress",
    "State",
    "Step",
    "StepOutline",
    "counts_for",
    "covers",
    "minutes_left",
    "module_steps",
    "next_step",
    "outline",
    "outline_module",
    "scenario_key",
    "state_of",
    "why_locked",
    "why_not_workable",
]
