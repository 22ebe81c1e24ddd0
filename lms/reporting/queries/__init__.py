"""Reads of reporting: the overview, lists of current assignments, a person's training, a supervisor's team."""

from __future__ import annotations

from lms.reporting.queries.assignments import (
    SORTS,
    AssignmentFilter,
    AssignmentRow,
    count_assignments,
    current,
    iter_export,
    list_assignments,
    list_requirement_titles,
    list_unit_names,
)
from lms.reporting.queries.overview import (
    FailedLetters,
    LateRow,
    OpenQuestions,
    completion_by_unit,
    completion_curve,
    count_states,
    counts_by_state,
    list_failed_letters,
    list_most_overdue,
    list_open_questions,
    list_reviews_due,
)
from lms.reporting.queries.people import AssignmentFile, PersonTraining, person_training
from lms.reporting.queries.teams import TeamRow, list_team

__all__ = [
    "SORTS",
    "AssignmentFile",
    "AssignmentFilter",
    "AssignmentRow",
    "FailedLetters",
    "LateRow",
    "OpenQuestions",
    "PersonTraining",
    "TeamRow",
    "completion_by_unit",
    "completion_curve",
    "count_assignments",
    "count_states",
    "counts_by_state",
    "current",
    "iter_export",
    "list_assignments",
    "list_failed_letters",
    "list_most_overdue",
    "list_open_questions",
    "list_requirement_titles",
    "list_reviews_due",
    "list_team",
    "list_unit_names",
    "person_training",
]
