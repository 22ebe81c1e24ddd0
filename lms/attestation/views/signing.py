"""Pages: sign, and decline to sign."""

from __future__ import annotations

from secrets import token_hex

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from lms import clock
from lms.attestation import actions, emails, queries, rules
from lms.attestation.forms import (
    DeclineAttestationForm,
    ShownForm,
    SignAttestationForm,
)
from lms.attestation.models import Attestation
from lms.attestation.rules import QUESTION_STAGE, RECEIPT_STAGE, WAYS, WITNESS_STAGE
from lms.attestation.views.refusals import fill_again, note, refuse
from lms.attestation.views.shared import bp, own_attestation, public_address, seal_soon, signing_client, write_to
from lms.attestation.views.ways import offered_ways, sign_in_chosen_way, site
from lms.catalog.queries import current_content
from lms.errors import Conflict, Invalid
from lms.roster.permissions import SERGEANT
from lms.roster.queries import list_people_with_role
from lms.training.models import Assignment
from lms.training.queries import get_assignment_for, progress_of, why_not_workable
from lms.training.resume import resume_of
from lms.training.rules import next_step
from lms.web.access import access, current_person, current_person_id
from lms.web.context import settings, today


@bp.get("/attestation/<int:assignment_id>/sign")
@access("attestation:sign")
def sign(assignment_id: int) -> ResponseReturnValue:
    """The sheet: exactly what is signed, and the ways out beside it."""
    existing = own_attestation(assignment_id)
    if existing is not None:
        return redirect(url_for("attestation.receipt", attestation_id=existing.id))
    return _page("sign", assignment_id, SignAttestationForm(formdata=None, data={"way": ""}))


@bp.post("/attestation/<int:assignment_id>/sign")
@access("attestation:sign")
def submit_signature(assignment_id: int) -> ResponseReturnValue:
    """Signs, once, however often it is sent."""
    form = SignAttestationForm()
    existing = own_attestation(assignment_id)
    if existing is not None:
        return redirect(url_for("attestation.receipt", attestation_id=existing.id))
    if form.validate():
        try:
            row = _sign(assignment_id, form)
        except (Conflict, Invalid) as error:
            note(form, error)
        else:
            actions.forget_drafts(assignment_id)
            return redirect(url_for("attestation.receipt", attestation_id=row.id), 303)
    return refuse("sign", assignment_id, form)


def _sign(assignment_id: int, form: SignAttestationForm) -> Attestation:
    row = sign_in_chosen_way(assignment_id, form)
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


def _page(act: str, assignment_id: int, form: ShownForm) -> str:
    """The page of an act, with what was typed before; the reason and the next step where it is not time for it."""
    assignment = get_assignment_for(current_person_id(), assignment_id)
    try:
        sheet = actions.prepare_sheet(assignment)
    except Conflict as reason:
        return _not_yet(assignment, reason.message)
    form.show(sheet.shown, token_hex(16))
    fill_again(act, assignment, form)
    if isinstance(form, SignAttestationForm):
        form.offer(offered_ways())
    return render_template(
        f"attestation/{act}.html",
        form=form,
        way_notes={way: worth for way, (_, worth) in WAYS.items()},
        site=site(),
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
    existing = own_attestation(assignment_id)
    if existing is not None:
        return redirect(url_for("attestation.receipt", attestation_id=existing.id))
    return _page("decline", assignment_id, DeclineAttestationForm(formdata=None))


@bp.post("/attestation/<int:assignment_id>/decline")
@access("attestation:sign")
def submit_decline(assignment_id: int) -> ResponseReturnValue:
    """Records the decline and asks the witnesses."""
    form = DeclineAttestationForm()
    existing = own_attestation(assignment_id)
    if existing is not None:
        return redirect(url_for("attestation.receipt", attestation_id=existing.id))
    if form.validate():
        try:
            row = _decline(assignment_id, form)
        except (Conflict, Invalid) as error:
            note(form, error)
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
