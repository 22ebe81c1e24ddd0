"""Pure rules of the schedule: dates of cycles, days given back after leave, and which notice fits now."""

from __future__ import annotations

from lms.schedule.rules.calendar import give_back, local_time
from lms.schedule.rules.cycles import CyclePlan, next_cycle
from lms.schedule.rules.facts import Completion, Past, PersonFacts
from lms.schedule.rules.requirements import Audience, Rule, RuleError, parse_audience, parse_rule
from lms.schedule.rules.spaced import SPACED_DAYS, SetPlan, due_set, longest_days
from lms.schedule.rules.stages import STAGES, Stage, dedupe_key, stage_of

__all__ = [
    "SPACED_DAYS",
    "STAGES",
    "Audience",
    "Completion",
    "CyclePlan",
    "Past",
    "PersonFacts",
    "Rule",
    "RuleError",
    "SetPlan",
    "Stage",
    "dedupe_key",
    "due_set",
    "give_back",
    "local_time",
    "longest_days",
    "next_cycle",
    "parse_audience",
    "parse_rule",
    "stage_of",
]
