"""Lists that page and sort: each state of a list has an address of its own, without any script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request, url_for

LARGEST_PAGE = 100_000
"""A page number beyond this is taken for the first page, so that no offset overflows a database's integer."""


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a list: its endpoint, and the filter and order that it shows.

    ``query`` holds only names that the view itself knows; what else stood in the request's query is not repeated.
    """

    endpoint: str
    query: Mapping[str, str]

    def url(self, **changes: str | int | None) -> str:
        """The same list with some things changed; what is empty or None is left out."""
        values: dict[str, str | int | None] = {**self.query, **changes}
        given: dict[str, Any] = {name: value for name, value in values.items() if value not in (None, "")}
        return url_for(self.endpoint, **given)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, as ``table.pagination`` draws it."""

    number: int
    size: int
    total: int
    address: Address

    @property
    def pages(self) -> int:
        """How many pages there are; at least one."""
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """Number of the first row on the page, from 1; 0 where there is none."""
        return min(self.total, (self.number - 1) * self.size + 1)

    @property
    def last(self) -> int:
        """Number of the last row on the page."""
        return min(self.total, self.number * self.size)

    def url(self, number: int) -> str:
        """The address of another page of the same list."""
        return self.address.url(page=None if number == 1 else number)


@dataclass(frozen=True, slots=True)
class Order:
    """By what a list is sorted. In an address ``due`` is ascending and ``-due`` descending."""

    key: str
    descending: bool
    address: Address

    def url(self, key: str) -> str:
        """The list sorted by ``key``; the other way round where it is sorted by it already."""
        turned = key == self.key and not self.descending
        return self.address.url(sort=f"-{key}" if turned else key, page=None)

    def of(self, key: str) -> str | None:
        """``ascending`` or ``descending`` for the column that sorts, None for the others."""
        if key != self.key:
            return None
        return "descending" if self.descending else "ascending"


def page_number() -> int:
    """The page that the request asks for, from 1; the first where it makes no sense."""
    asked = request.args.get("page", "")
    return int(asked) if asked.isascii() and asked.isdigit() and 0 < int(asked[:9]) <= LARGEST_PAGE else 1


def fit_page(asked: int, size: int, total: int) -> int:
    """The page to show: the one asked for, or the last where the list became shorter."""
    return min(asked, max(1, -(-total // size)))


def split_sort(text: str, known: tuple[str, ...], default: str) -> tuple[str, bool]:
    """Column and direction (True for descending) from ``due`` or ``-due``; ``default`` where the column is unknown."""
    key, descending = text.removeprefix("-"), text.startswith("-")
    return (key, descending) if key in known else (default, False)
