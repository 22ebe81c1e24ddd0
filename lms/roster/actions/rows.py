"""The row of a person, held while its status changes."""

from __future__ import annotations

from lms.db import db
from lms.roster.models import Person


def hold(person: Person) -> None:
    """Locks the person's row and reads it afresh, so that two changes of status come one after the other."""
    db.session.flush()
    columns = [attribute.key for attribute in Person.__mapper__.column_attrs]
    db.session.refresh(person, columns, with_for_update=True)
