"""What the worker does for the policy."""

from __future__ import annotations

from datetime import datetime

from lms import clock
from lms.db import db
from lms.policy.actions import flag_due_reviews
from lms.web.context import settings


def flag_reviews_job(now: datetime) -> str:
    """Flags reviews that are due on the department's local day; safe to run at any time and twice."""
    flagged = flag_due_reviews(clock.local_date(now, settings().timezone))
    db.session.commit()
    if flagged == 1:
        return "One policy is newly due for review."
    return f"{flagged or 'No'} policies are newly due for review."
