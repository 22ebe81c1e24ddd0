"""Pages: sign, and decline to sign."""

from __future__ import annotations

from secrets import token_hex

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from lms import clock
from lms.attestation import actions, emails, queries, rules
from lms.attestation.forms import (
    DeclineAttestationForm,
    SignAttestationForm,
)
from lms.attestation.models import Attestation
from lms.attestation.rules import QUESTION_STAGE, RECEIPT_STAGE, WITNESS_STAGE
from lms.attestation.views.shared import bp, public_address, seal_soon, signing_client, write_to
from lms.auth.actions import reauthenticate
from lms.errors import Invalid, Stale
from lms.roster.permissions import SERGEANT
from lms.roster.queries import list_people_with_role
from lms.training.queries import get_assignment_for
from lms.web.access import access, current_person, current_person_id
from lms.web.context import client_ip, settings, today
from lms.web.forms import add_error


@bp.get("/attestation/<int:assignment_id>/sign")
@access("attestation:sign")
def sign(assignment_id: int) -> ResponseReturnValue:
    """The sheet: exactly what is signed, and the ways out beside it."""
    existing = _own_attestation(assignment_id)
    if existing is not None:
        return redirect(url_for("attestation.receipt", attestation_id=existing.id))
    return _sign_page(assignment_id, SignAttestationForm())


@bp.post("/attestation/<int:assignment_id>/sign")
@access("attestation:sign")
def submit_signature(assignment_id: int) -> ResponseReturnValue:
    """Signs, once, however often it is sent."""
    form = SignAttestationForm()
    existing = _own_attestation(assignment_id)
    if existing is not None:
        return redirect(url_for("attestation.receipt", attestation_id=existing.id))
    if not form.validate():
        return _sign_page(assignment_id, form), 422
    try:
        row = _sign(assignment_id, form)
    except Stale as error:
        flash(error.message, "warning")
        return _sign_page(assignment_id, SignAttestationForm(formdata=None), fresh=True), 409
    except Invalid as error:
        add_error(form, error)
        return _sign_page(assignment_id, form), 422
    return redirect(url_for("attestation.receipt", attestation_id=row.id), 303)


def _sign(assignment_id: int, form: SignAttestationForm) -> Attestation:
    proof = reauthenticate(current_person(), form.password.data or "", ip=client_ip(), today=today())
    row = actions.sign_attestation(
        current_person(),
        assignment_id,
        form.shown,
        on_duty=form.on_duty.data == "yes",
        reservation=form.reservation.data or "",
        reauthentication=proof,
        idempotency_key=form.idempotency_key.data or "",
        client=signing_client(),
        answer_by=rules.answer_by(today(), settings().answer_days),
    )
    if row.outcome != "signed" or row.idempotency_key != form.idempotency_key.data:
        return row
    write_to(
        current_person(),
        row.id,
        RECEIPT_STAGE,
        emails.receipt_letter(row, public_address("attestation.receipt", attestation_id=row.id)),
    )
    question = queries.find_question_of(row.id)
    if question is not None:
        for sergeant in list_people_with_role(SERGEANT, today()):
            letter = emails.question_letter(row, question, public_address("attestation.questions"))
            write_to(sergeant, row.id, QUESTION_STAGE, letter)
    seal_soon()
    return row


def _own_attestation(assignment_id: int) -> Attestation | None:
    row = queries.find_attestation_of(assignment_id)
    return row if row is not None and row.person_id == current_person_id() else None


def _sign_page(assignment_id: int, form: SignAttestationForm, *, fresh: bool = False) -> str:
    sheet = actions.prepare_sheet(get_assignment_for(current_person_id(), assignment_id))
    if fresh or not form.idempotency_key.data:
        form.show(sheet.shown, token_hex(16))
    return render_template(
        "attestation/sign.html",
        form=form,
        sheet=sheet,
        person=current_person(),
        now=clock.now(),
        answer_by=rules.answer_by(today(), settings().answer_days),
    )


@bp.get("/attestation/<int:assignment_id>/decline")
@access("attestation:sign")
def decline(assignment_id: int) -> ResponseReturnValue:
    """Why the department asks, that declining is allowed, and the form for it."""
    existing = _own_attestation(assignment_id)
    if existing is not None:
        return redirect(url_for("attestation.receipt", attestation_id=existing.id))
    return _decline_page(assignment_id, DeclineAttestationForm())


@bp.post("/attestation/<int:assignment_id>/decline")
@access("attestation:sign")
def submit_decline(assignment_id: int) -> ResponseReturnValue:
    """Records the decline and asks the witnesses."""
    form = DeclineAttestationForm()
    existing = _own_attestation(assignment_id)
    if existing is not None:
        return redirect(url_for("attestation.receipt", attestation_id=existing.id))
    if not form.validate():
        return _decline_page(assignment_id, form), 422
    try:
        row = _decline(assignment_id, form)
    except Stale as error:
        flash(error.message, "warning")
        return _decline_page(assignment_id, DeclineAttestationForm(formdata=None), fresh=True), 409
    except Invalid as error:
        add_error(form, error)
        return _decline_page(assignment_id, form), 422
    return redirect(url_for("attestation.receipt", attestation_id=row.id), 303)


def _decline(assignment_id: int, form: DeclineAttestationForm) -> Attestation:
    witnesses = [
        actions.require_colleague(form[name].data or "", name, today()) for name in ("first_witness", "second_witness")
    ]
    row = actions.decline_attestation(
        current_person(),
        assignment_id,
        form.shown,
        on_duty=form.on_duty.data == "yes",
        reason=form.reason.data or "",
        witnesses=witnesses,
        idempotency_key=form.idempotency_key.data or "",
        client=signing_client(),
    )
    if row.outcome != "declined" or row.idempotency_key != form.idempotency_key.data:
        return row
    receipt = public_address("attestation.receipt", attestation_id=row.id)
    write_to(current_person(), row.id, RECEIPT_STAGE, emails.decline_letter(row, receipt))
    for witness in witnesses:
        write_to(witness, row.id, WITNESS_STAGE, emails.witness_letter(row, public_address("attestation.witnessing")))
    seal_soon()
    return row


def _decline_page(assignment_id: int, form: DeclineAttestationForm, *, fresh: bool = False) -> str:
    sheet = actions.prepare_sheet(get_assignment_for(current_person_id(), assignment_id))
    if fresh or not form.idempotency_key.data:
        form.show(sheet.shown, token_hex(16))
    return render_template("attestation/decline.html", form=form, sheet=sheet)
