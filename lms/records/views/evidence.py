"""The page that says in plain words how far the record of evidence stands on its own."""

from __future__ import annotations

from flask import render_template

from lms.ledger.anchors import words
from lms.ledger.anchors.standing import read_standing
from lms.ledger.limits import CAN, CANNOT
from lms.records.views.blueprint import bp
from lms.web.access import access
from lms.web.context import settings
from lms.web.filters import moment


@bp.get("/evidence")
@access("evidence:read")
def evidence() -> str:
    """How much is anchored outside, by whom, since when, what is at risk now, and which keys sign."""
    standing = read_standing(settings().tsa_urls, settings().anchor_mail)
    return render_template(
        "records/evidence.html",
        standing=standing,
        lines=words.lines(standing, moment),
        witnesses=[(witness, *words.state_of(witness)) for witness in standing.witnesses],
        keys=[(key, words.key_state(key, moment)) for key in standing.keys],
        can_show=CAN,
        cannot_show=CANNOT,
    )
