"""Pages that anybody may open: check a receipt against the log."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.attestation.rules import read_code
from lms.attestation.views.shared import bp
from lms.ledger.checks import check_record
from lms.ledger.queries import find_entry, newest_checkpoint
from lms.ledger.rules.proofs import fingerprint
from lms.web.access import public

LONGEST_SHOWN = 60


@bp.get("/verify", strict_slashes=False)
@public
def verify_receipt() -> ResponseReturnValue:
    """What the check is for, and the two codes of a receipt to type in."""
    typed = request.args.get("record", "").strip()
    record_id, leaf = read_code(typed)
    leaf = leaf or request.args.get("leaf", "").strip()
    if record_id is None:
        shown = typed[:LONGEST_SHOWN]
        return render_template("attestation/verify_receipt.html", typed=shown, leaf=leaf[:200]), 422 if typed else 200
    return redirect(url_for("attestation.verify", record_id=record_id, leaf=leaf or None))


@bp.get("/verify/<record_id>")
@public
def verify(record_id: str) -> ResponseReturnValue:
    """Says whether the record with the fingerprint that the visitor brings is in the log. Shows nothing else."""
    brought = request.args.get("leaf", "").replace(" ", "").lower()[:64]
    known, _ = read_code(record_id)
    found = None if known is None else find_entry(known)
    entry = found if found is not None and brought and found.leaf_hash.hex() == brought else None
    body = render_template(
        "attestation/verify.html",
        record_id=record_id[:LONGEST_SHOWN],
        known=found is not None,
        brought=brought,
        entry=entry,
        check=None if entry is None else check_record(entry.record_id),
        fingerprint="" if entry is None else fingerprint(entry.leaf_hash),
        checkpoint=None if entry is None else newest_checkpoint(entry.log_id),
    )
    return body, 200 if found is not None and (entry is not None or not brought) else 404
