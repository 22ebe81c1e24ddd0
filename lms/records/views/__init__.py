"""HR's desk: records, exports and changes of status; and everybody's own record."""

from __future__ import annotations

from lms.records.views import bundles, desk, notices, status
from lms.records.views.blueprint import bp

__all__ = ["bp", "bundles", "desk", "notices", "status"]
