"""What the worker does for HR's desk."""

from __future__ import annotations

from datetime import datetime

from lms.records import actions
from lms.records.bundle.place import folders
from lms.web.context import settings


def make_bundles_job(now: datetime) -> str:  # noqa: ARG001
    """Makes one bundle that was asked for; one a run, so that letters and checkpoints do not wait for all."""
    bundle = actions.make_next_bundle(folders())
    if bundle is None:
        return "nothing asked for"
    if bundle.state == "refused":
        return f"bundle {bundle.id} refused: {bundle.fault}"
    return f"bundle {bundle.id} made, {bundle.count} records"


def remove_bundles_job(now: datetime) -> str:
    """Removes the files of bundles that were ready for long enough."""
    count = actions.remove_old_bundles(now, settings().bundle_days, folders())
    return f"{count} removed"
