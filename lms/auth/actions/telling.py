"""The letter that tells a person of a change of the ways to sign."""

from __future__ import annotations

from lms.auth import rules
from lms.notify.actions import enqueue
from lms.notify.rules import Letter
from lms.roster.models import Person


def tell(person: Person, record_id: str, letter: Letter) -> None:
    """Puts the letter into the outbox, once for the record of the change."""
    enqueue(
        person_id=person.id,
        to_address=person.email,
        topic=rules.CREDENTIAL_TOPIC,
        topic_id=None,
        stage="changed",
        subject=letter.subject,
        body_text=letter.body,
        dedupe_key=f"{rules.CREDENTIAL_TOPIC}:{record_id}",
    )
