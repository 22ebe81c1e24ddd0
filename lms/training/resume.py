"""Where somebody goes on: the button, and the addresses of steps, for every page that leads back to the work.

Beside the views, because pages above this feature show the same button.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from lms.training.models import Assignment
from lms.training.rules import NextStep

ENDPOINTS = {
    "changes": "attestation.changes",
    "lesson": "training.lesson",
    "scenario": "assessment.scenario",
    "questions": "assessment.questions",
    "remediation": "assessment.remediation",
    "sign": "attestation.sign",
}


@dataclass(frozen=True, slots=True)
class Resume:
    """The one button. ``post`` is True where going on is a change: a lesson that is opened for the first time."""

    label: str
    url: str
    post: bool


def resume_of(found: Assignment, following: NextStep | None) -> Resume | None:
    """The button that goes on at the next step; None where nothing is left to do."""
    if following is None:
        return None
    if following.kind == "changes" and not following.opened:
        return Resume(following.label, url_for("attestation.open_changes", assignment_id=found.id), post=True)
    if following.kind == "lesson" and not following.opened:
        url = url_for("training.open_lesson", assignment_id=found.id, module_ref=following.module_ref)
        return Resume(following.label, url, post=True)
    url = step_url(found, following.kind, following.module_ref, following.ref)
    return Resume(following.label, url, post=False)


def step_url(found: Assignment, kind: str, module_ref: str, ref: str) -> str:
    """The address of a step."""
    values: dict[str, int | str] = {"assignment_id": found.id}
    if kind in ("lesson", "scenario", "questions"):
        values["module_ref"] = module_ref
    if kind == "scenario":
        values["scenario_ref"] = ref
    return url_for(ENDPOINTS[kind], **values)  # type: ignore[arg-type]
