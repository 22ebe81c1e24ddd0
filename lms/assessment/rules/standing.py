"""When a capstone attempt is open, and what has to come first."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CapstoneStanding:
    """Where somebody stands with the capstone of one assignment.

    ``per_round`` attempts come with the assignment; each conversation with the training sergeant opens one
    more. Failure leads to remediation and to that conversation, never to anything else.
    """

    passed: bool
    finished: int
    per_round: int
    unlocks: int
    remediation: tuple[str, ...]

    @property
    def allowed(self) -> int:
        """How many attempts are open in all."""
        return self.per_round + self.unlocks

    @property
    def left(self) -> int:
        """How many attempts may still be finished, the one under way among them."""
        return 0 if self.passed else attempts_left(self.per_round, self.unlocks, self.finished)

    @property
    def needs_conversation(self) -> bool:
        """Whether only a conversation with the training sergeant opens the next attempt."""
        return not self.passed and not self.left

    @property
    def why_not_startable(self) -> str | None:
        """Why no new attempt may begin now, in a sentence for the person; None where one may."""
        if self.passed:
            return "You have passed the capstone. There is nothing more to answer."
        if self.remediation:
            return "Go through the clauses that you missed first. Then the next attempt opens."
        if not self.left:
            return "All your attempts are used. The next one opens after a conversation with the training sergeant."
        return None


def attempts_left(per_round: int, unlocks: int, finished: int) -> int:
    """Attempts that may still be finished; never below zero."""
    return max(0, per_round + unlocks - finished)
