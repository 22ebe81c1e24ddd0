"""What the worker does for attestation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from lms import clock
from lms.attestation import actions, queries
from lms.db import db
from lms.notify.models import OutboxMessage
from lms.web.context import settings


def clean_drafts_job(now: datetime) -> str:
    """Removes what was typed on pages of signing more than a month ago; running it twice changes nothing more."""
    gone = actions.clean_drafts(now)
    db.session.commit()
    return f"{gone} {'draft' if gone == 1 else 'drafts'} removed"


def why_not_send(now: datetime) -> Callable[[OutboxMessage], str | None]:
    """The question that delivery asks about each letter of the topic ``rules.TOPIC`` at the moment of sending."""
    return partial(queries.why_not_send, today=clock.local_date(now, settings().timezone))


def forget_prepared_job(now: datetime) -> str:
    """Removes records that waited too long for a passkey's signature; running it twice changes nothing more."""
    gone = actions.forget_expired(now)
    db.session.commit()
    return f"{gone} {'row' if gone == 1 else 'rows'} removed"
