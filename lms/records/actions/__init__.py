"""The writes of HR's desk: looks, exports, and bundles of evidence."""

from __future__ import annotations

from lms.records.actions.bundles import (
    make_next_bundle,
    remove_old_bundles,
    request_bundle,
    write_bundle,
)
from lms.records.actions.looks import look_at, record_export

__all__ = [
    "look_at",
    "make_next_bundle",
    "record_export",
    "remove_old_bundles",
    "request_bundle",
    "write_bundle",
]
