"""What the worker does for sign-in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from lms import clock
from lms.auth import actions, queries
from lms.db import db
from lms.notify.models import OutboxMessage
from lms.web.context import settings


def clean_sessions_job(now: datetime) -> str:
    """Removes ended sessions, spent links and old failure counts; running it twice changes nothing more."""
    gone = actions.clean_sessions(now)
    db.session.commit()
    return f"{gone} {'row' if gone == 1 else 'rows'} removed"


def why_not_send(now: datetime) -> Callable[[OutboxMessage], str | None]:
    """Answers for letters of the topic ``rules.LINK_TOPIC``, on the department's day of ``now``."""
    return partial(queries.why_not_send, today=clock.local_date(now, settings().timezone))
