"""Another way through a story that was finished. The way is in the address; nothing is recorded."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.assessment import gates, queries
from lms.assessment.rules.stories import follow, split_path
from lms.assessment.views.blueprint import bp, policy_of
from lms.catalog.queries import load_content
from lms.training.queries import get_assignment_for
from lms.web.access import access, current_person_id


@bp.get("/<int:assignment_id>/<module_ref>/scenarios/<scenario_ref>/practice")
@access("training:take")
def practice(assignment_id: int, module_ref: str, scenario_ref: str) -> str | Response:
    """The scene that the way in ``?path=`` leads to. Open once the recorded way is finished."""
    found = get_assignment_for(current_person_id(), assignment_id)
    run = queries.find_run(found.id, scenario_ref)
    if run is None or run.finished_at is None:
        flash("Come to an end of the story first. Then you can try other ways.", "info")
        return redirect(url_for(".scenario", assignment_id=found.id, module_ref=module_ref, scenario_ref=scenario_ref))
    content = load_content(run.course_version_id)
    part = gates.find_scenario(content, module_ref, scenario_ref)
    return render_template(
        "assessment/practice.html",
        assignment=found,
        module=gates.find_module(content, module_ref),
        scenario=part,
        story=follow(part, split_path(request.args.get("path", ""))),
        policy=policy_of(content),
    )
