"""Changes of training: assignments are made, worked on, moved, waived and closed.

Every change of one assignment first takes that row's lock, so that a double click or two devices do a thing
once. Nothing here commits.
"""

from __future__ import annotations

from lms.training.actions.closing import (
    close_separated,
    complete_assignment,
    mark_awaiting_witnesses,
    waive_assignment,
)
from lms.training.actions.extending import extend_assignment
from lms.training.actions.making import (
    NewAssignment,
    add_requirement_version,
    make_assignment,
    make_assignments,
)
from lms.training.actions.satisfying import record_satisfied_before, satisfy_also
from lms.training.actions.spacing import NewSpacedSet, finish_spaced_set, offer_spaced_sets
from lms.training.actions.working import (
    clear_remediation,
    complete_step,
    open_step,
    record_capstone_result,
)

__all__ = [
    "NewAssignment",
    "NewSpacedSet",
    "add_requirement_version",
    "clear_remediation",
    "close_separated",
    "complete_assignment",
    "complete_step",
    "extend_assignment",
    "finish_spaced_set",
    "make_assignment",
    "make_assignments",
    "mark_awaiting_witnesses",
    "offer_spaced_sets",
    "open_step",
    "record_capstone_result",
    "record_satisfied_before",
    "satisfy_also",
    "waive_assignment",
]
