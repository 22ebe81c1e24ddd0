"""Whether a set of answers passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lms.catalog.rules import Mastery
from lms.policy.rules import clause_sort_key


@dataclass(frozen=True, slots=True)
class Graded:
    """One answered item: the clause that decides it, and whether the answer was the best one."""

    clause: str
    correct: bool


@dataclass(frozen=True, slots=True)
class Result:
    """What an attempt came to. ``percent`` is rounded down and is for reading; it never decides anything."""

    correct: int
    total: int
    percent: int
    passed: bool
    missed: tuple[str, ...]
    """Clauses of the wrong answers, in the order of the policy, each once."""
    critical_missed: tuple[str, ...]


def grade(answers: Sequence[Graded], mastery: Mastery) -> Result:
    """Passed means: at least ``mastery.pass_percent`` right, and no critical clause missed.

    The comparison is of whole numbers (correct × 100 ≥ percent × total), so that 80 % of 10 is 8 and never
    7.999. Nothing answered is nothing passed.
    """
    total = len(answers)
    correct = sum(answer.correct for answer in answers)
    missed = tuple(sorted({answer.clause for answer in answers if not answer.correct}, key=clause_sort_key))
    critical = tuple(clause for clause in missed if clause in mastery.critical)
    return Result(
        correct=correct,
        total=total,
        percent=correct * 100 // total if total else 0,
        passed=total > 0 and correct * 100 >= mastery.pass_percent * total and not critical,
        missed=missed,
        critical_missed=critical,
    )


def needed_to_pass(total: int, pass_percent: int) -> int:
    """The least number of right answers out of ``total`` that reaches ``pass_percent``."""
    return -(-pass_percent * total // 100)
