"""What a demonstration is made by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

Say = Callable[[str], object]
"""Where lines of progress go."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How large the department is, how long its history, what chance depends on, and when it ends."""

    people: int
    years: int
    seed: int
    now: datetime
