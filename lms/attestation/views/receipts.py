"""Pages: the receipt, its PDF, and naming another witness."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from lms import clock
from lms.attestation import actions, emails, pdf, queries, rules
from lms.attestation.forms import (
    NameWitnessForm,
)
from lms.attestation.models import Attestation
from lms.attestation.views.shared import bp, public_address, write_to
from lms.audit.queries import find_open_look
from lms.errors import NotAllowed, NotFound, RollcallError
from lms.papers import qr_code
from lms.training.overlap import list_satisfied_by
from lms.web.access import access, can, current_person, current_person_id
from lms.web.context import settings, today


def _readable(attestation_id: int) -> Attestation:
    """One's own attestation, or anybody's for HR after a look with a stated purpose. Raises NotFound otherwise."""
    row = queries.get_attestation(attestation_id)
    reader = current_person()
    if row.person_id == reader.id:
        return row
    if can("record:read"):
        if find_open_look(reader.id, row.person_id, clock.now()) is None:
            raise NotAllowed("State a purpose first: open the person in HR records, then this receipt.")
        return row
    raise NotFound("There is no such receipt of yours.")


@bp.get("/attestation/receipts/<int:attestation_id>")
@access("record:read_own")
def receipt(attestation_id: int) -> ResponseReturnValue:
    """The receipt, with its record checked anew."""
    found = queries.get_receipt(_readable(attestation_id))
    verify_url = pdf.verify_url(settings().public_url, found)
    return render_template(
        "attestation/receipt.html",
        receipt=found,
        title=pdf.title_of(found),
        summary=pdf.summary_of(found),
        parts=pdf.receipt_facts(found, settings().timezone),
        verify_url=verify_url,
        qr=Markup(qr_code(verify_url)),  # noqa: S704 - drawn by us
        limits=pdf.LIMITS,
        also_met=list_satisfied_by(found.attestation.assignment_id),
        own=found.attestation.person_id == current_person_id(),
        name_form=NameWitnessForm(),
    )


@bp.get("/attestation/receipts/<int:attestation_id>.pdf")
@access("record:read_own")
def receipt_pdf(attestation_id: int) -> ResponseReturnValue:
    """The receipt to keep."""
    found = queries.get_receipt(_readable(attestation_id))
    made = pdf.make_receipt_pdf(
        found,
        department=settings().department,
        public_url=settings().public_url,
        zone=settings().timezone,
    )
    name = f"receipt-{found.attestation.badge}-{found.attestation.attested_at:%Y-%m-%d}.pdf"
    headers = {"Content-Type": "application/pdf", "Content-Disposition": f'attachment; filename="{name}"'}
    return made, 200, headers


@bp.get("/attestation/receipts/<int:attestation_id>.json")
@access("record:read_own")
def receipt_json(attestation_id: int) -> ResponseReturnValue:
    """The record itself with its disclosures and its inclusion proof, for whoever checks it without this server."""
    found = queries.get_receipt(_readable(attestation_id))
    name = f"receipt-{found.attestation.badge}-{found.attestation.attested_at:%Y-%m-%d}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return queries.proof_of_receipt(found), 200, headers


@bp.post("/attestation/receipts/<int:attestation_id>/witness")
@access("attestation:sign")
def name_witness(attestation_id: int) -> ResponseReturnValue:
    """Names another witness where one was not there."""
    row = queries.get_attestation(attestation_id)
    if row.person_id != current_person_id():
        raise NotFound("There is no such receipt of yours.")
    form = NameWitnessForm()
    try:
        witness = actions.require_colleague(form.witness.data or "", "witness", today())
        actions.name_witness(row, witness)
    except RollcallError as error:
        flash(error.message, "error")
    else:
        write_to(
            witness, row.id, rules.WITNESS_STAGE, emails.witness_letter(row, public_address("attestation.witnessing"))
        )
        flash(f"{witness.full_name} was asked to confirm.", "success")
    return redirect(url_for("attestation.receipt", attestation_id=row.id), 303)
