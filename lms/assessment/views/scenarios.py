"""The scenario player: the recorded way through a story."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from lms.assessment import actions, gates, queries
from lms.assessment.forms import MakeChoiceForm
from lms.assessment.rules.stories import follow
from lms.assessment.views.blueprint import bp, policy_of, why_not_open
from lms.catalog.queries import current_content, load_content
from lms.errors import Conflict, Invalid
from lms.training.queries import get_assignment_for, get_workable_assignment, why_not_workable
from lms.training.rules import scenario_key
from lms.web.access import access, current_person_id
from lms.web.commit import reads_first, writing
from lms.web.context import today

KEPT = "You had already chosen here. Your first choice stays on the record, and you can go on from where you are."


@bp.get("/<int:assignment_id>/<module_ref>/scenarios/<scenario_ref>")
@access("training:take")
def scenario(assignment_id: int, module_ref: str, scenario_ref: str) -> str | Response:
    """Where the officer is in the story: what the last choice led to, then the next scene."""
    found = get_assignment_for(current_person_id(), assignment_id)
    run = queries.find_run(found.id, scenario_ref)
    content = current_content(found.course_id) if run is None else load_content(run.course_version_id)
    part = gates.find_scenario(content, module_ref, scenario_ref)
    if run is None:
        reason = why_not_open(found, content, module_ref, scenario_key(scenario_ref), today())
        if reason is not None:
            flash(f"This scenario is not open. {reason}", "info")
            return redirect(url_for("training.module", assignment_id=found.id, module_ref=module_ref))
    made = [] if run is None else queries.list_choices(run.id)
    return render_template(
        "assessment/scenario.html",
        assignment=found,
        module=gates.find_module(content, module_ref),
        scenario=part,
        story=follow(part, [choice.choice_ref for choice in made]),
        version_id=content.course_version_id,
        policy=policy_of(content),
        why_not=why_not_workable(found, today()),
    )


@bp.post("/<int:assignment_id>/<module_ref>/scenarios/<scenario_ref>/choose")
@reads_first
@access("training:take")
def choose(assignment_id: int, module_ref: str, scenario_ref: str) -> Response:
    """Records a choice at once, then shows the story again. A choice that was made before stays as it is."""
    form = MakeChoiceForm()
    if not form.validate_on_submit():
        raise Invalid("The choice did not arrive whole. Go back, reload the page and choose again.")
    try:
        with writing():
            found = get_workable_assignment(current_person_id(), assignment_id, today())
            run = actions.start_scenario(found, module_ref, scenario_ref, shown_version_id=form.version.data)
            made = actions.choose(
                run, position=form.position.data, scene_ref=form.scene.data, choice_ref=form.choice.data
            )
            if made.choice_ref != form.choice.data:
                flash(KEPT, "info")
    except Conflict as conflict:
        flash(conflict.message, "info")
    return redirect(url_for(".scenario", assignment_id=assignment_id, module_ref=module_ref, scenario_ref=scenario_ref))
