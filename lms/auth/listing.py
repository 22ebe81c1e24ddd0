"""One page of a long list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of how many are shown; ``address`` gives the address of another page."""

    number: int
    total: int
    size: int
    address: Callable[[int], str]

    @property
    def pages(self) -> int:
        """How many pages there are; one where the list is empty."""
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """Number of the first row shown, from 1; 0 where there is none."""
        return min(self.total, (self.number - 1) * self.size + 1)

    @property
    def last(self) -> int:
        """Number of the last row shown."""
        return min(self.total, self.number * self.size)

    def url(self, number: int) -> str:
        """The address of page ``number``."""
        return self.address(number)
