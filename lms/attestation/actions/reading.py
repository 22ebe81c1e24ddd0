"""Reading what changed: opened, then confirmed. The first step of a refresher."""

from __future__ import annotations

from lms import clock
from lms.attestation.actions.signing import lock_own
from lms.attestation.changes import CHANGES_READ, fields_of_reading, find_reading, what_changed
from lms.attestation.models import PolicyReading
from lms.attestation.rules import ShownChanges
from lms.catalog.queries import current_content
from lms.catalog.rules import CourseContent
from lms.db import db
from lms.errors import Conflict, NotFound, Stale
from lms.ledger.actions import append
from lms.roster.models import Person
from lms.training import actions as training
from lms.training.models import Assignment
from lms.training.queries import list_steps, why_locked
from lms.training.rules import changes_key

NO_SUCH_STEP = "This training does not begin with what changed. Go back to it and choose from its list."


def open_changes(person: Person, assignment_id: int) -> None:
    """Notes that what changed was opened; the first time counts.

    Raises NotFound where the training has no such step, Conflict once it is closed.
    """
    assignment, content = _lock(person, assignment_id)
    key = changes_key(content.policy_version_id)
    training.open_step(assignment, content.capstone.module, key, content.course_version_id)


def confirm_changes(person: Person, assignment_id: int, shown: ShownChanges) -> PolicyReading:
    """Records that what changed was read, and ends the step; a second time gives back what is there.

    Raises Stale where the policy or the last signature is another one by now, Conflict where it was not opened.
    """
    assignment, content = _lock(person, assignment_id)
    read = find_reading(assignment.id, content.policy_version_id)
    if read is not None:
        return read
    key = changes_key(content.policy_version_id)
    step = list_steps(assignment.id).get((content.capstone.module, key))
    found = what_changed(person.id, content.policy_version_id)
    if found.shown != shown:
        raise Stale("The policy changed while this page was open. Nothing was recorded. Here is what changed by now.")
    if step is None:
        raise Conflict("Open what changed first. Nothing was recorded.")
    row = PolicyReading(
        assignment_id=assignment.id,
        assignment=assignment,
        policy_version_id=found.now.id,
        policy_version=found.now,
        since_id=shown.since_id,
        since=found.since,
        opened_at=step.opened_at,
        confirmed_at=max(clock.now(), step.opened_at),
    )
    with db.session.no_autoflush:
        fields = {**fields_of_reading(row), "name": person.full_name, "badge": person.badge}
        row.record_id = append(kind=CHANGES_READ, subject=person.subject, fields=fields).record_id
    db.session.add(row)
    db.session.flush()
    training.complete_step(
        assignment,
        content.capstone.module,
        key,
        content.course_version_id,
        record_id=row.record_id,
        at=row.confirmed_at,
    )
    return row


def _lock(person: Person, assignment_id: int) -> tuple[Assignment, CourseContent]:
    """The person's own refresher, locked."""
    assignment = lock_own(person, assignment_id)
    content = current_content(assignment.course_id)
    key = changes_key(content.policy_version_id)
    if assignment.path != "refresher":
        raise NotFound(NO_SUCH_STEP)
    if assignment.awaiting_witnesses:
        raise Conflict("You declined to sign. Two witnesses confirm that; nothing more is recorded here.")
    locked = why_locked(assignment, content, content.capstone.module, key)
    if locked is not None:
        raise Conflict(locked)
    return assignment, content
