"""Pages: confirming as a witness that somebody declined to sign."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.attestation import actions, queries
from lms.attestation.forms import (
    ConfirmWitnessForm,
)
from lms.attestation.views.shared import bp, seal_soon
from lms.auth.actions import reauthenticate
from lms.errors import Invalid
from lms.web.access import access, current_person, current_person_id
from lms.web.context import client_ip, today


@bp.get("/attestation/witnessing")
@access("attestation:witness")
def witnessing() -> ResponseReturnValue:
    """What waits for the visitor's confirmation."""
    rows = queries.pending_witnessings(current_person_id())
    return render_template("attestation/witnessing.html", rows=rows, form=ConfirmWitnessForm())


@bp.post("/attestation/witnessing/<int:witness_id>")
@access("attestation:witness")
def confirm_witness(witness_id: int) -> ResponseReturnValue:
    """Confirms, with a fresh proof of identity, or says that one did not see it."""
    form = ConfirmWitnessForm()
    try:
        if request.form.get("answer") == "no":
            actions.refuse_witness(queries.find_witness(witness_id, current_person_id()))
            flash("Recorded: you did not see this. Somebody else will be asked.", "success")
        else:
            proof = reauthenticate(current_person(), form.password.data or "", ip=client_ip(), today=today())
            complete = actions.confirm_witness(queries.find_witness(witness_id, current_person_id()), proof)
            flash(
                "Confirmed. " + ("Both witnesses have confirmed." if complete else "One more is asked."),
                "success",
            )
        seal_soon()
    except Invalid as error:
        flash(error.message, "error")
    return redirect(url_for("attestation.witnessing"), 303)


def home_notice() -> tuple[str, str, str] | None:
    """The line on *My training* while a confirmation waits: text, link label, address."""
    count = queries.count_pending_witnessings(current_person_id())
    if not count:
        return None
    return ("A colleague named you as a witness.", "Say whether you saw it", url_for("attestation.witnessing"))
