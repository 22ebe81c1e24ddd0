"""The bundles that somebody asked for."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lms.db import db
from lms.errors import NotFound
from lms.records.models import RecordBundle


def list_bundles(by_id: int, limit: int = 50) -> Sequence[RecordBundle]:
    """What a person asked for, newest first."""
    return db.session.scalars(
        select(RecordBundle)
        .where(RecordBundle.requested_by_id == by_id, RecordBundle.state.not_in(("taking", "taken")))
        .options(joinedload(RecordBundle.person))
        .order_by(RecordBundle.id.desc())
        .limit(limit)
    ).all()


def find_fetchable(bundle_id: int, by_id: int) -> RecordBundle:
    """A bundle that is ready, for whoever asked for it. Raises NotFound, also where it is somebody else's."""
    row = db.session.get(RecordBundle, bundle_id)
    if row is None or row.requested_by_id != by_id or row.state != "ready":
        raise NotFound("There is no such bundle, or its file was removed. Ask for it again.")
    return row
