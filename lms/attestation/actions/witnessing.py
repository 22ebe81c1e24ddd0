"""Witnesses of a decline: naming them, and what they say."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from lms import clock
from lms.attestation import evidence, queries, rules
from lms.attestation.actions.signing import lock_assignments
from lms.attestation.models import Attestation, Witness
from lms.auth.rules import Reauthentication
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.ledger.actions import append
from lms.ledger.rules.disclosures import JsonValue
from lms.roster.models import Person
from lms.roster.queries import active_on
from lms.training import actions as training


def confirm_witness(witness: Witness, reauthentication: Reauthentication) -> bool:
    """Records a witness's confirmation; gives back whether the decline is now complete.

    Confirming twice changes nothing. Raises Conflict where the witness already said no.
    """
    witness = _lock_witness(witness)
    if witness.refused_at is not None:
        raise Conflict("You said that you did not see this. It stays recorded.")
    attestation = queries.get_attestation(witness.attestation_id)
    if witness.confirmed_at is None:
        witness.confirmed_at = clock.now()
        _record_witness(witness, attestation, evidence.proof_of(reauthentication))
    if not queries.confirmed(queries.list_witnesses(attestation.id)):
        return False
    if attestation.assignment.outcome is None:
        training.complete_assignment(attestation.assignment, "declined", witness.confirmed_at, attestation.record_id)
    return True


def refuse_witness(witness: Witness) -> None:
    """Records that a person named as a witness did not see it; somebody else must then be named."""
    witness = _lock_witness(witness)
    if witness.confirmed_at is not None:
        raise Conflict("You already confirmed this. It stays recorded.")
    if witness.refused_at is None:
        witness.refused_at = clock.now()
        _record_witness(witness, queries.get_attestation(witness.attestation_id), None)


def _lock_witness(witness: Witness) -> Witness:
    """Locks the assignment first: two witnesses at once must not both believe to be the first."""
    lock_assignments(witness.attestation.person_id)
    db.session.refresh(witness, ["confirmed_at", "refused_at"])
    return witness


def _record_witness(witness: Witness, attestation: Attestation, proof: dict[str, JsonValue] | None) -> None:
    kind = evidence.WITNESS_CONFIRMED if witness.confirmed_at else evidence.WITNESS_REFUSED
    db.session.flush()
    witness.record_id = append(
        kind=kind,
        subject=attestation.person.subject,
        fields=evidence.fields_of_witness(witness, witness.person, attestation),
        proof=proof,
    ).record_id
    db.session.flush()


def name_witness(attestation: Attestation, person: Person) -> Witness:
    """Names another witness in the place of one who refused.

    Raises Conflict where nobody is missing, Invalid where the person cannot be a witness here.
    """
    lock_assignments(attestation.person_id)
    named = queries.list_witnesses(attestation.id)
    if attestation.outcome != "declined" or sum(1 for row in named if row.refused_at is None) >= rules.WITNESSES:
        raise Conflict("No witness is missing here.")
    if person.id == attestation.person_id or person.id in {row.person_id for row in named}:
        raise Invalid("Name somebody who was there and was not named before.", field="witness")
    witness = Witness(attestation_id=attestation.id, person_id=person.id, named_at=clock.now())
    append(
        kind=evidence.WITNESS_NAMED,
        subject=f"person:{attestation.person_id}",
        fields=evidence.fields_of_naming(witness, person, attestation),
    )
    db.session.add(witness)
    db.session.flush()
    return witness


def require_colleague(text: str, field: str, today: date) -> Person:
    """The person named by a badge number or email address, who works here today. Raises Invalid at ``field``."""
    wanted = text.strip()
    person = db.session.scalar(
        select(Person).where((Person.badge == wanted) | (Person.email == wanted.lower()), active_on(today))
    )
    if person is None:
        raise Invalid("Nobody who works here has this badge number or email address. Check it.", field=field)
    return person
