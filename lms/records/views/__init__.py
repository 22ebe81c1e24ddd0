"""HR's desk: records, exports and changes of status; everybody's own record; and how the evidence stands."""

from __future__ import annotations

from lms.records.views import bundles, desk, evidence, notices, status
from lms.records.views.blueprint import bp

__all__ = ["bp", "bundles", "desk", "evidence", "notices", "status"]
