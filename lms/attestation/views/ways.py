"""The ways to sign: a passkey, whose record is prepared first; a password with a one-time code; a password alone."""

from __future__ import annotations

from flask import url_for
from flask.typing import ResponseReturnValue

from lms.attestation import actions, rules
from lms.attestation.forms import SignAttestationForm
from lms.attestation.models import Attestation
from lms.attestation.views.refusals import note, refuse
from lms.attestation.views.shared import bp, own_attestation, signing_client
from lms.auth.actions import prove_with_passkey, reauthenticate, reauthenticate_with_code
from lms.auth.passkeys import RelyingParty, relying_party, request_options
from lms.auth.queries import list_passkeys, ways_of
from lms.auth.rules import Reauthentication
from lms.errors import Conflict, Invalid
from lms.web.access import access, current_person, current_person_id
from lms.web.context import client_ip, settings, today

NO_PASSKEY = "You have no passkey for this site any more. Sign with your password."


def site() -> RelyingParty | None:
    """The site that passkeys are for; None where browsers allow none at the department's address."""
    return relying_party(settings().public_url, settings().department)


def offered_ways() -> tuple[str, ...]:
    """The ways in which the visitor can sign here, the strongest first."""
    ways = ways_of(current_person_id())
    return ways if site() is not None else tuple(way for way in ways if way != "passkey")


@bp.post("/attestation/<int:assignment_id>/sign/prepare")
@access("attestation:sign")
def prepare_signature(assignment_id: int) -> ResponseReturnValue:
    """Makes the record that the passkey is to sign; a script asks for it. Otherwise says where to go on."""
    existing = own_attestation(assignment_id)
    if existing is not None:
        return {"go": url_for("attestation.receipt", attestation_id=existing.id)}
    form = SignAttestationForm()
    if form.validate():
        try:
            return _prepare(assignment_id, form)
        except (Conflict, Invalid) as error:
            note(form, error)
    return {"go": refuse("sign", assignment_id, form).location}


def _prepare(assignment_id: int, form: SignAttestationForm) -> dict[str, object]:
    here, known = site(), list_passkeys(current_person_id())
    if here is None or not known:
        raise Invalid(NO_PASSKEY)
    prepared = actions.prepare_signature(
        current_person(),
        assignment_id,
        form.shown,
        on_duty=form.on_duty.data == "yes",
        reservation=form.reservation.data or "",
        client=signing_client(),
    )
    if prepared is None:
        return {"go": url_for("attestation.sign", assignment_id=assignment_id)}
    ids = [row.credential_id for row in known]
    return {"record": prepared.entry.record_id, "publicKey": request_options(here, prepared.challenge, ids)}


def sign_in_chosen_way(assignment_id: int, form: SignAttestationForm) -> Attestation:
    """Signs as the form says. Raises as the actions do."""
    if form.way.data == "passkey":
        return _sign_with_passkey(assignment_id, form)
    password, code = form.password.data or "", form.code.data or ""
    if form.way.data == "password_totp":
        proof = reauthenticate_with_code(current_person(), password, code, ip=client_ip(), today=today())
    else:
        proof = reauthenticate(current_person(), password, ip=client_ip(), today=today())
    return actions.sign_attestation(
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


def _sign_with_passkey(assignment_id: int, form: SignAttestationForm) -> Attestation:
    here, person = site(), current_person()
    if here is None:
        raise Invalid(NO_PASSKEY)
    if not form.assertion.data:
        raise Invalid("Your passkey was not asked: this needs JavaScript. Nothing was signed. Sign with your password.")

    def prove(challenge: bytes) -> Reauthentication:
        return prove_with_passkey(person, form.assertion.data or "", challenge, site=here, today=today())

    return actions.sign_prepared(
        person,
        assignment_id,
        form.shown,
        on_duty=form.on_duty.data == "yes",
        reservation=form.reservation.data or "",
        record_id=form.prepared.data or "",
        prove=prove,
        idempotency_key=form.idempotency_key.data or "",
        answer_by=rules.answer_by(today(), settings().answer_days),
    )
