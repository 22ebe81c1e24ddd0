"""The department's local date of a moment, for actions that are told when something happened.

The one file of this feature outside its views that asks the running application.
"""

from __future__ import annotations

from datetime import date, datetime

from lms import clock
from lms.web.context import settings


def local_date(moment: datetime) -> date:
    """The department's date at ``moment``: done at 23:59 local time on the due date is on time."""
    return clock.local_date(moment, settings().timezone)
