"""What stands in addresses."""

from __future__ import annotations

from typing import Any

from werkzeug.routing import IntegerConverter, Map

LARGEST = 2**31 - 1


class RowNumber(IntegerConverter):
    """A row's number: a number that no database can hold is an address that does not exist."""

    def __init__(self, url_map: Map, *args: Any, **kwargs: Any) -> None:
        """Takes what Werkzeug's own converter takes."""
        super().__init__(url_map, *args, **{"max": LARGEST, **kwargs})
