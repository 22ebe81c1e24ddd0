"""The officer's own training, step by step, and the sergeant's two ways to change an assignment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.auth.rules import safe_next
from lms.catalog.queries import current_content, load_content
from lms.catalog.rules import CourseContent, ModuleContent
from lms.errors import Conflict, NotFound, RollcallError
from lms.policy.queries import clauses_by_ref, policy_text
from lms.training import actions, queries, rules
from lms.training.forms import ExtendAssignmentForm, WaiveAssignmentForm
from lms.training.models import Assignment, StepProgress
from lms.training.overview import training_overview
from lms.training.resume import resume_of, step_url
from lms.training.rules import LESSON, ModuleOutline, StepOutline
from lms.web.access import access, current_person, current_person_id
from lms.web.context import settings, today
from lms.web.forms import Form, add_error

bp = Blueprint("training", __name__, url_prefix="/training")

REASONS = {
    "on_hire": "For everyone who joins the department",
    "annual": "Every year",
    "biennial": "Every two years",
}
NOT_THERE = "The course has no such part. Go back to the training and choose from its list."


@dataclass(frozen=True, slots=True)
class StepLink:
    """A line of the list of steps or modules, as ``progress.steps`` draws it."""

    label: str
    state: str
    url: str | None
    note: str | None


@bp.get("/")
@access("training:take")
def my_training() -> str:
    """What is due, why, by when, how long it takes, and one button that goes on at the exact place."""
    year_began_at = datetime(today().year, 1, 1, tzinfo=settings().zone)
    overview = training_overview(current_person_id(), today(), year_began_at)
    resumes = {row.assignment.id: resume_of(row.assignment, row.following) for row in overview.open}
    early = {row.assignment.id: resume_of(row.assignment, row.following) for row in overview.upcoming}
    return render_template(
        "training/my_training.html", overview=overview, resumes={**early, **resumes}, reasons=REASONS
    )


@bp.get("/<int:assignment_id>")
@access("training:take")
def assignment(assignment_id: int) -> str:
    """The whole way through one training: its modules, what is done, what is open and what waits."""
    found, content = _load(assignment_id)
    progress = queries.progress_of(found)
    outline = rules.outline(found.path, content, progress)
    return render_template(
        "training/assignment.html",
        assignment=found,
        content=content,
        state=queries.state_today(found, today()),
        why_not=queries.why_not_workable(found, today()),
        met_by=None
        if found.satisfied_by_id is None
        else queries.get_assignment_for(found.person_id, found.satisfied_by_id),
        modules=[_module_link(found, module) for module in outline if module.required],
        practice=[_module_link(found, module) for module in outline if not module.required],
        minutes=rules.minutes_left(found.path, content, progress),
        at_least=rules.minutes_left(found.path, content, rules.Progress()),
        missed=progress.remediation,
        resume=resume_of(found, rules.next_step(found.path, content, progress)),
    )


@bp.get("/<int:assignment_id>/modules/<module_ref>")
@access("training:take")
def module(assignment_id: int, module_ref: str) -> str:
    """One module: its steps, and what opens those that are still locked."""
    found, content = _load(assignment_id)
    part = _module(content, module_ref)
    progress = queries.progress_of(found)
    outline = rules.outline_module(found.path, content, progress, part)
    following = rules.next_step(found.path, content, progress)
    here = following is not None and following.module_ref == part.ref
    return render_template(
        "training/module.html",
        assignment=found,
        outline=outline,
        missed=_missed_here(found, part),
        why_not=queries.why_not_workable(found, today()),
        steps=[_step_link(found, part, step, progress.opened) for step in outline.steps],
        may_open_lesson=_may_open_lesson(part, outline, progress.opened),
        resume=resume_of(found, following),
        here=here,
    )


@bp.post("/<int:assignment_id>/modules/<module_ref>/open")
@access("training:take")
def open_lesson(assignment_id: int, module_ref: str) -> Response:
    """Notes that the lesson was opened, then shows it."""
    found = queries.get_workable_assignment(current_person_id(), assignment_id, today())
    content = current_content(found.course_id)
    reason = queries.why_locked(found, content, module_ref, LESSON)
    if reason is not None:
        raise Conflict(f"This lesson is not open yet. {reason}")
    actions.open_step(found, module_ref, LESSON, content.course_version_id)
    return redirect(url_for("training.lesson", assignment_id=found.id, module_ref=module_ref))


@bp.get("/<int:assignment_id>/modules/<module_ref>/lesson")
@access("training:take")
def lesson(assignment_id: int, module_ref: str) -> str | Response:
    """The lesson, each section beside the clause that it explains, word for word."""
    found, content = _load(assignment_id)
    step = queries.list_steps(found.id).get((module_ref, LESSON))
    if step is None and found.outcome is None:
        return redirect(url_for("training.module", assignment_id=found.id, module_ref=module_ref))
    content = _as_opened(content, step)
    part = _module(content, module_ref)
    return render_template(
        "training/lesson.html",
        assignment=found,
        module=part,
        missed=_missed_here(found, part),
        clauses=clauses_by_ref(content.policy_version_id),
        policy=policy_text(content.policy_version_id),
        done=found.outcome is not None or (step is not None and step.done_at is not None),
    )


@bp.post("/<int:assignment_id>/modules/<module_ref>/lesson/done")
@access("training:take")
def finish_lesson(assignment_id: int, module_ref: str) -> Response:
    """Notes that the lesson is done, and leads to the next step of the module."""
    found = queries.get_workable_assignment(current_person_id(), assignment_id, today())
    step = queries.list_steps(found.id).get((module_ref, LESSON))
    if step is None:
        raise Conflict("Open the lesson first. Nothing was recorded.")
    actions.complete_step(found, module_ref, LESSON, step.course_version_id)
    flash("Lesson done. Your place is saved.", "success")
    return redirect(url_for("training.module", assignment_id=found.id, module_ref=module_ref))


@bp.route("/<int:assignment_id>/extend", methods=["GET", "POST"])
@access("assignment:manage")
def extend(assignment_id: int) -> str | Response | tuple[str, int]:
    """Moves somebody's due date."""
    found = queries.get_assignment(assignment_id)
    form = ExtendAssignmentForm(data=None if request.method == "POST" else {"next": request.args.get("next", "")})
    if form.validate_on_submit():
        try:
            actions.extend_assignment(found, form.until_on.data, form.reason.data, current_person())
        except RollcallError as error:
            add_error(form, error)
        else:
            flash(f"The due date of {found.person.full_name} was moved.", "success")
            return _back_to(found, form)
    return _manage_page("training/extend.html", found, form)


@bp.route("/<int:assignment_id>/waive", methods=["GET", "POST"])
@access("assignment:manage")
def waive(assignment_id: int) -> str | Response | tuple[str, int]:
    """Closes an assignment that somebody need not do."""
    found = queries.get_assignment(assignment_id)
    form = WaiveAssignmentForm(data=None if request.method == "POST" else {"next": request.args.get("next", "")})
    if form.validate_on_submit():
        try:
            actions.waive_assignment(found, form.reason.data, current_person())
        except RollcallError as error:
            add_error(form, error)
        else:
            flash(f"The training of {found.person.full_name} was waived.", "success")
            return _back_to(found, form)
    return _manage_page("training/waive.html", found, form)


def _manage_page(template: str, found: Assignment, form: Form) -> str | tuple[str, int]:
    page = render_template(
        template,
        assignment=found,
        form=form,
        state=queries.state_today(found, today()),
        back_url=_return_url(found, form),
    )
    return (page, 422) if form.errors else page


def _return_url(found: Assignment, form: Form) -> str:
    return safe_next(form.next.data) or url_for("reporting.person", person_id=found.person_id)


def _back_to(found: Assignment, form: Form) -> Response:
    return redirect(_return_url(found, form))


def _missed_here(found: Assignment, part: ModuleContent) -> tuple[str, ...]:
    """The missed clauses for which a short path opens this module again."""
    return () if found.path == "full" else rules.missed_in(part, found.remediation)


def _load(assignment_id: int) -> tuple[Assignment, CourseContent]:
    found = queries.get_assignment_for(current_person_id(), assignment_id)
    return found, current_content(found.course_id)


def _met_by(found: Assignment) -> Assignment | None:
    """The training whose completion met this one, too."""
    if found.satisfied_by_id is None:
        return None
    return queries.get_assignment_for(found.person_id, found.satisfied_by_id)


def _module(content: CourseContent, module_ref: str) -> ModuleContent:
    part = content.find_module(module_ref)
    if part is None:
        raise NotFound(NOT_THERE)
    return part


def _as_opened(content: CourseContent, step: StepProgress | None) -> CourseContent:
    """The version that was on the page when the lesson was opened: that is the one its record names."""
    if step is None or step.course_version_id == content.course_version_id:
        return content
    return load_content(step.course_version_id)


def _module_link(found: Assignment, outline: ModuleOutline) -> StepLink:
    part = outline.module
    left = f"about {outline.minutes_left} minutes left" if outline.minutes_left else None
    return StepLink(
        label=f"Module {part.ref}: {part.title}",
        state=outline.state,
        url=url_for("training.module", assignment_id=found.id, module_ref=part.ref),
        note=outline.why_locked or left,
    )


def _step_link(
    found: Assignment, part: ModuleContent, outline: StepOutline, opened: frozenset[tuple[str, str]]
) -> StepLink:
    step = outline.step
    was_opened = step.kind not in ("lesson", "changes") or (part.ref, step.key) in opened
    reachable = outline.state != "locked" and was_opened
    url = step_url(found, step.kind, part.ref, step.ref) if reachable and found.outcome is None else None
    if found.outcome is not None and (step.kind == "lesson" or (step.kind == "changes" and was_opened)):
        url = step_url(found, step.kind, part.ref, step.ref)
    return StepLink(step.title, outline.state, url, outline.why_locked)


def _may_open_lesson(part: ModuleContent, outline: ModuleOutline, opened: frozenset[tuple[str, str]]) -> bool:
    lesson_step = next((item for item in outline.steps if item.step.kind == "lesson"), None)
    return lesson_step is not None and lesson_step.state != "locked" and (part.ref, LESSON) not in opened
