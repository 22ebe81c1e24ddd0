"""HR's page of bundles: asking for one, seeing how far it is, and fetching it."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as Answer

from lms.errors import Invalid, NotFound, RollcallError
from lms.ledger.limits import CAN, CANNOT
from lms.records import actions, queries
from lms.records.bundle.place import folders
from lms.records.bundle.redaction import LARGEST_FILE
from lms.records.bundle.selection import Selection
from lms.records.forms import RequestBundleForm
from lms.records.views.blueprint import bp
from lms.roster.models import Person
from lms.roster.queries import find_person_by_badge_or_email
from lms.web import context
from lms.web.access import access, current_person, current_person_id
from lms.web.forms import add_error

UNDER_WAY = ("waiting", "making")


@bp.route("/bundles", methods=["GET", "POST"])
@access("record:export")
def bundles() -> str | Answer | tuple[str, int]:
    """What was asked for, and the form for another; the worker makes it, and the page may be left."""
    form = RequestBundleForm()
    if not form.is_submitted():
        form.scope.data = "person"
        form.person.data = request.args.get("person", "")[:200]
        form.since_on.data = context.today().replace(month=1, day=1)
        form.until_on.data = context.today()
    if form.validate_on_submit():
        try:
            _request(form)
        except RollcallError as error:
            add_error(form, error)
        else:
            flash("The bundle is being made. You may leave this page and come back.", "success")
            return redirect(url_for("records.bundles"), 303)
    rows = queries.list_bundles(current_person_id())
    page = render_template(
        "records/bundles.html",
        form=form,
        rows=rows,
        pending=any(row.state in UNDER_WAY for row in rows),
        days=context.settings().bundle_days,
        can_show=CAN,
        cannot_show=CANNOT,
    )
    return (page, 422) if form.is_submitted() else page


def _request(form: RequestBundleForm) -> None:
    zone = context.settings().timezone
    person = period = None
    if form.scope.data == "person":
        person = _person(form.person.data or "")
    elif form.since_on.data is None:
        raise Invalid("Enter the first day.", field="since_on")
    elif form.until_on.data is None:
        raise Invalid("Enter the last day.", field="until_on")
    else:
        period = Selection.of_period(form.since_on.data, form.until_on.data, zone)
    actions.request_bundle(
        current_person(),
        person=person,
        period=period,
        zone=zone,
        purpose=form.purpose.data or "",
        redaction=_redaction(form.redaction.data),
    )


def _person(text: str) -> Person:
    found = find_person_by_badge_or_email(text) if text.strip() else None
    if found is None:
        raise Invalid("Nobody on the roster has this badge or email address. Check it.", field="person")
    return found


def _redaction(upload: FileStorage | None) -> str:
    """The text of the file that was sent; empty where none was."""
    if upload is None or not upload.filename:
        return ""
    raw = upload.stream.read(LARGEST_FILE + 1)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("The redaction file is not a text file (UTF-8).", field="redaction") from error
    if not text.strip():
        raise Invalid("The redaction file is empty. Choose another, or none.", field="redaction")
    return text


@bp.get("/bundles/<int:bundle_id>/file")
@access("record:export")
def bundle_file(bundle_id: int) -> Response:
    """The file of a bundle, for whoever asked for it."""
    row = queries.find_fetchable(bundle_id, current_person_id())
    path = folders().file_of(row.id)
    if not path.is_file():
        raise NotFound("The file of this bundle was removed. Ask for it again.")
    name = f"rollcall-bundle-{row.id}.zip"
    answer = send_file(path, "application/zip", as_attachment=True, download_name=name, etag=False, conditional=False)
    answer.headers["Cache-Control"] = "no-store"
    return answer
