"""Pages: sign, and decline to sign."""

from __future__ import annotations

from secrets import token_hex

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from lms import clock
from lms.attestation import actions, emails, queries, rules
from lms.attestation.forms import (
    DeclineAttestationForm,
    ShownForm,
    SignAttestationForm,
)
from lms.attestation.models import Attestation
from lms.attestation.rules import QUESTION_STAGE, RECEIPT_STAGE, WITNESS_STAGE
from lms.attestation.views.refusals import fill_again, refuse
from lms.attestation.views.shared import bp, public_address, seal_soon, signing_client, write_to
from lms.auth.actions import reauthenticate
from lms.catalog.queries import current_content
from lms.errors import Conflict, Invalid, Stale
from lms.roster.permissions import SERGEANT
from lms.roster.queries import list_people_with_role
from lms.training.models import Assignment
from lms.training.queries import get_assignment_for, progress_of, why_not_workable
from lms.training.resume import resume_of
from lms.training.rules import next_step
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
    return _page("sign", assignment_id, SignAttestationForm(formdata=None))


@bp.post("/attestation/<int:assignment_id>/sign")
@access("attestation:sign")
def submit_signature(assignment_id: int) -> ResponseReturnValue:
    """Signs, once, however often it is sent."""
    form = SignAttestationForm()
    existing = _own_attestation(assignment_id)
    if existing is not None:
        return redirect(url_for("attestation.receipt", attestation_id=existing.id))
    if form.validate():
        try:
            row = _sign(assignment_id, form)
        except (Conflict, Invalid) as error:
            _note(form, error)
        else:
            actions.forget_drafts(assignment_id)
            return redirect(url_for("attestation.receipt", attestation_id=row.id), 303)
    return refuse("sign", assignment_id, form)


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


def _note(form: ShownForm, error: Conflict | Invalid) -> None:
    """A page that is out of date is a message of its own; what was typed wrong stands at its field."""
    if isinstance(error, Stale):
        flash(error.message, "warning")
    elif isinstance(error, Invalid):
        add_error(form, error)


def _page(act: str, assignment_id: int, form: ShownForm) -> str:
    """The page of an act, with what was typed before; the reason and the next step where it is not time for it."""
    assignment = get_assignment_for(current_person_id(), assignment_id)
    try:
        sheet = actions.prepare_sheet(assignment)
    except Conflict as reason:
        return _not_yet(assignment, reason.message)
    form.show(sheet.shown, token_hex(16))
    fill_again(act, assignment, form)
    return render_template(
        f"attestation/{act}.html",
        form=form,
        sheet=sheet,
        person=current_person(),
        now=clock.now(),
        answer_by=rules.answer_by(today(), settings().answer_days),
    )


def _not_yet(assignment: Assignment, reason: str) -> str:
    content = current_content(assignment.course_id)
    closed = assignment.outcome is not None or assignment.awaiting_witnesses
    waits = why_not_workable(assignment, today())
    following = None if waits else next_step(assignment.path, content, progress_of(assignment))
    return render_template(
        "attestation/not_yet.html",
        assignment=assignment,
        closed=closed,
        reason=reason if closed else waits or reason,
        resume=resume_of(assignment, following),
    )


@bp.get("/attestation/<int:assignment_id>/decline")
@access("attestation:sign")
def decline(assignment_id: int) -> ResponseReturnValue:
    """Why the department asks, that declining is allowed, and the form for it."""
    existing = _own_attestation(assignment_id)
    if existing is not None:
        return redirect(url_for("attestation.receipt", attestation_id=existing.id))
    return _page("decline", assignment_id, DeclineAttestationForm(formdata=None))


@bp.post("/attestation/<int:assignment_id>/decline")
@access("attestation:sign")
def submit_decline(assignment_id: int) -> ResponseReturnValue:
    """Records the decline and asks the witnesses."""
    form = DeclineAttestationForm()
    existing = _own_attestation(assignment_id)
    if existing is not None:
        return redirect(url_for("attestation.receipt", attestation_id=existing.id))
    if form.validate():
        try:
            row = _decline(assignment_id, form)
        except (Conflict, Invalid) as error:
            _note(form, error)
        else:
            actions.forget_drafts(assignment_id)
            return redirect(url_for("attestation.receipt", attestation_id=row.id), 303)
    return refuse("decline", assignment_id, form)


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
