"""Pages that show the policy word for word."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.errors import NotFound
from lms.policy.queries import current_version, find_version, list_current_versions, policy_text
from lms.policy.rules import is_review_due, outline, review_due_on
from lms.web.access import access, can, current_person_id
from lms.web.context import today

bp = Blueprint("policy", __name__, url_prefix="/policy")


@bp.get("/")
@access("policy:read")
def policies() -> ResponseReturnValue:
    """Every published policy; with only one there is nothing to choose."""
    versions = list_current_versions()
    if len(versions) == 1:
        return redirect(url_for("policy.read_policy", slug=versions[0].document.slug))
    return render_template("policy/policies.html", versions=versions)


@bp.get("/<slug>")
@access("policy:read")
def read_policy(slug: str) -> ResponseReturnValue:
    """The whole policy. ``?version=1`` shows an earlier text, which somebody may have signed."""
    current = current_version(slug)
    number = request.args.get("version", current.number, type=int)
    version = current if number == current.number else find_version(slug, number)
    if version is None:
        raise NotFound(f"There is no version {number} of this policy.")
    policy = policy_text(version.id)
    due_on = review_due_on(version.revised_on, version.review_months)
    told = can("completion:read") or current_person_id() == version.document.owner_id
    return render_template(
        "policy/read_policy.html",
        policy=policy,
        version=version,
        current=current,
        sections=outline(policy),
        review_due_on=due_on,
        show_overdue=told and version is current and is_review_due(due_on, today()),
    )
