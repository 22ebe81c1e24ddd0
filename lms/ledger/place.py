"""Where the running application's ledger is: its origin, and the sealer's folder outside the database.

The one file of this feature that knows Flask, so that two applications in one process keep two ledgers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask, current_app

from lms.ledger.rules.notes import require_name

EXTENSION = "rollcall.ledger"


@dataclass(frozen=True, slots=True)
class Place:
    """The log's origin (such as ``police.example.gov/log``), the sealer's folder, and what opens its keys."""

    origin: str
    folder: Path
    passphrase: bytes | None = field(default=None, repr=False)


def bind(app: Flask, place: Place) -> None:
    """Gives the application its ledger; called once by the assembly point."""
    require_name(place.origin)
    app.extensions[EXTENSION] = place


def current_place() -> Place:
    """The ledger of the application that runs now; RuntimeError where none was bound."""
    place = current_app.extensions.get(EXTENSION)
    if not isinstance(place, Place):
        raise RuntimeError("This application has no ledger: call lms.ledger.place.bind when it is assembled.")
    return place
