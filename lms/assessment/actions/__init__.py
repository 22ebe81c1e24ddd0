"""Writes of assessment: scenario choices, attempts, answers, and the conversation that opens one more attempt.

Every write first locks the assignment's row (and the attempt's, where there is one), so that two tabs, a
double click or two devices come one after the other: the second finds what the first recorded and changes
nothing. The ledger's head is locked last. Nothing here commits.
"""

from __future__ import annotations

from lms.assessment.actions.attempts import REMEDIATION_PER_CLAUSE, Saved, answer, answer_own, start_attempt
from lms.assessment.actions.scenarios import choose, start_scenario
from lms.assessment.actions.spaced import start_spaced
from lms.assessment.actions.unlocking import unlock_attempt

__all__ = [
    "REMEDIATION_PER_CLAUSE",
    "Saved",
    "answer",
    "answer_own",
    "choose",
    "start_attempt",
    "start_scenario",
    "start_spaced",
    "unlock_attempt",
]
