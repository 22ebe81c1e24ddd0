"""A log that continues the one before, as after a restored backup."""

from __future__ import annotations

from flask import current_app

from lms.db import db
from lms.ledger.actions import open_log, seal_checkpoint
from lms.ledger.place import Place, bind, current_place
from lms.ledger.sealer import Sealer


def continue_in_second_log() -> str:
    """Seals and closes the running application's log, opens the next, and gives back its origin; all committed."""
    folder, origin = current_place().folder, current_place().origin + "2"
    db.session.commit()
    seal_checkpoint()
    db.session.commit()
    last = Sealer(folder).state()
    assert last is not None
    bind(current_app._get_current_object(), Place(origin, folder))  # type: ignore[attr-defined]
    open_log(continues=last.note)
    db.session.commit()
    return origin
