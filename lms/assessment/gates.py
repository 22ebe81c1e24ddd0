"""What must be so before something is recorded. Each gate passes in silence or says what to do instead."""

from __future__ import annotations

from collections.abc import Sequence

from lms.assessment import queries
from lms.assessment.models import Attempt
from lms.assessment.queries import CAPSTONE, MODULE, REMEDIATION
from lms.catalog.rules import CourseContent, ModuleContent, Scenario
from lms.errors import Conflict, NotFound
from lms.training.models import Assignment
from lms.training.queries import why_locked
from lms.training.rules import QUESTIONS, to_practice

_REMEDIATION_IN = {"full": (), "test_out": (REMEDIATION,), "refresher": (REMEDIATION,)}
"""On the short paths the modules themselves ask on the clauses that were missed."""
NOT_THERE = "This version of the course has no such part. Open the training and choose from its list."


def find_module(content: CourseContent, module_ref: str) -> ModuleContent:
    """The module. Raises NotFound."""
    module = content.find_module(module_ref)
    if module is None:
        raise NotFound(NOT_THERE)
    return module


def find_scenario(content: CourseContent, module_ref: str, scenario_ref: str) -> Scenario:
    """The scenario of this module. Raises NotFound."""
    for scenario in find_module(content, module_ref).scenarios:
        if scenario.ref == scenario_ref:
            return scenario
    raise NotFound(NOT_THERE)


def require_workable(assignment: Assignment) -> None:
    """Raises Conflict once the assignment is closed or declined; its dates are checked where work begins."""
    if assignment.closed_at is not None:
        raise Conflict("This training is closed. What you answered before is kept, and nothing more is recorded.")
    if assignment.awaiting_witnesses:
        raise Conflict("You declined to sign. Two witnesses confirm that; nothing more is recorded here.")


def require_open(assignment: Assignment, content: CourseContent, module_ref: str, key: str) -> None:
    """Raises Conflict while the step ``key`` of the module may not be opened, with the reason."""
    require_workable(assignment)
    reason = why_locked(assignment, content, module_ref, key)
    if reason is not None:
        raise Conflict(reason)


def require_startable(
    assignment: Assignment, content: CourseContent, module_ref: str, kind: str, attempts: Sequence[Attempt]
) -> None:
    """Raises NotFound for a kind that the module does not have, Conflict where no new sitting may begin.

    ``attempts`` are the earlier ones of this kind in this module.
    """
    module = find_module(content, module_ref)
    kinds = {CAPSTONE, REMEDIATION} if module.is_capstone else {MODULE, *_REMEDIATION_IN[assignment.path]}
    if kind not in kinds or (kind == MODULE and not module.items):
        raise NotFound(NOT_THERE)
    require_workable(assignment)
    if kind == REMEDIATION:
        if not to_practice(assignment.path, content, module, assignment.remediation):
            raise Conflict("There are no missed clauses to go through. Go back to your training.")
        if module.is_capstone:
            return
    if kind == CAPSTONE:
        reason = queries.capstone_standing(assignment, content, attempts).why_not_startable
        if reason is not None:
            raise Conflict(reason)
    require_open(assignment, content, module_ref, QUESTIONS)
