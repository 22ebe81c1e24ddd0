"""The pages of assessment: the scenario player, the questions, their results, and what follows a failed capstone."""

from __future__ import annotations

from lms.assessment.views import attempts, practice, questions, remediation, scenarios, spaced, unlocking
from lms.assessment.views.blueprint import bp

__all__ = ["attempts", "bp", "practice", "questions", "remediation", "scenarios", "spaced", "unlocking"]
