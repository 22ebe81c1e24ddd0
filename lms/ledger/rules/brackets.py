"""The bracket rule: outside clocks say between which two moments a record was written.

An authority stamped the checkpoint of size S1 at T1 and that of size S2 at T2. A record at position p with
S1 <= p < S2 was not in the log at T1 and was at T2, so its own time must lie between the two. Clocks differ a
little, and a stamp comes a little after the checkpoint was sealed: SKEW is granted on both sides.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

SKEW = timedelta(minutes=5)
NO_GRANT = timedelta(0)


@dataclass(frozen=True, slots=True, order=True)
class Stamp:
    """The checkpoint of ``size`` records existed at ``stamped_at``, as somebody outside says."""

    size: int
    stamped_at: datetime


@dataclass(frozen=True, slots=True)
class Bracket:
    """The moments between which a record was written; None where no stamp bounds it on that side."""

    earliest: datetime | None = None
    latest: datetime | None = None

    def fault(self, at: datetime, granted: timedelta = NO_GRANT) -> str | None:
        """Why a record cannot be dated ``at``, or None.

        ``granted`` is how much earlier than its place a record may be dated (a passkey's signature is made over
        a record that was prepared a few minutes before).
        """
        if self.earliest is not None and at < self.earliest - SKEW - granted:
            return (
                f"The record is dated {at}, but the log was stamped without it at {self.earliest}: it was added "
                "later than it says."
            )
        if self.latest is not None and at > self.latest + SKEW:
            return f"The record is dated {at}, but the log was stamped with it at {self.latest}: its time is false."
        return None


class Brackets:
    """The brackets of one log. Among several stamps that bound a record, the narrowest counts."""

    def __init__(self, stamps: Iterable[Stamp]) -> None:
        by_size = sorted(stamps)
        self._sizes = [stamp.size for stamp in by_size]
        times = [stamp.stamped_at for stamp in by_size]
        self._earliest, self._latest = list[datetime](), list(times)
        for moment in times:
            self._earliest.append(max(moment, self._earliest[-1]) if self._earliest else moment)
        for place in range(len(times) - 2, -1, -1):
            self._latest[place] = min(times[place], self._latest[place + 1])

    def of(self, position: int) -> Bracket:
        """The bracket of the record at ``position`` (zero-based), in O(log n) of the number of stamps."""
        return self.span(position)[0]

    def span(self, position: int) -> tuple[Bracket, int, int]:
        """That bracket, the first position that it holds for, and the one behind the last."""
        after = bisect_right(self._sizes, position)
        more = after < len(self._sizes)
        bracket = Bracket(self._earliest[after - 1] if after else None, self._latest[after] if more else None)
        return bracket, self._sizes[after - 1] if after else 0, self._sizes[after] if more else sys.maxsize


def out_of_order(stamps: Iterable[Stamp]) -> list[tuple[Stamp, Stamp]]:
    """Pairs of which the larger checkpoint was stamped earlier (by more than SKEW) than the smaller one."""
    pairs = list[tuple[Stamp, Stamp]]()
    newest: Stamp | None = None
    for stamp in sorted(stamps):
        if newest is not None and stamp.size > newest.size and stamp.stamped_at < newest.stamped_at - SKEW:
            pairs.append((newest, stamp))
        if newest is None or stamp.stamped_at > newest.stamped_at:
            newest = stamp
    return pairs
