"""HR's desk, and everybody's own record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime

from flask import Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from lms import clock
from lms.attestation.queries import get_attestation
from lms.attestation.rules import METHOD_NAMES
from lms.audit.queries import find_open_look
from lms.audit.rules import LOOK_LASTS
from lms.errors import RollcallError
from lms.records import actions, queries
from lms.records.export import CSV_HEADER, export_cells
from lms.records.forms import ExportAttestationsForm, StatePurposeForm
from lms.records.rules import period_moments, readable, step_result
from lms.records.views.blueprint import bp
from lms.roster.permissions import ROLE_NAMES
from lms.roster.queries import get_person, search_people
from lms.roster.rules import LEAVE_KINDS, is_separated
from lms.web import context
from lms.web.access import access, current_person, current_person_id
from lms.web.csv_files import csv_bytes, csv_download
from lms.web.downloads import download
from lms.web.filters import moment
from lms.web.forms import add_error
from lms.web.paging import Address, Page, fit_page, page_number

PAGE = 50
WORDS = {"leave_kinds": LEAVE_KINDS, "role_names": ROLE_NAMES, "method_names": METHOD_NAMES}


@bp.get("/mine")
@access("record:read_own")
def mine() -> str:
    """Everything that is kept about the visitor, and who looked at it."""
    me = current_person()
    return render_template(
        "records/mine.html",
        record=queries.kept_record(me.id, context.today()),
        stories=queries.list_stories(me.id),
        looks=queries.list_looks(me.id),
        **WORDS,
    )


@bp.get("/mine.json")
@access("record:read_own")
def mine_json() -> Response:
    """The visitor's own ledger records as a file, with all that is needed to check them."""
    return download("my-record.json", "application/json", _json_lines(current_person().subject))


@bp.get("/")
@access("record:read")
def search() -> str:
    """Finds people, also those who left, by a current or former name, badge or email. Roster facts only."""
    text = " ".join(request.args.get("text", "").replace("\x00", "").split())[:100]
    asked = page_number()
    people, total = search_people(text, limit=PAGE, offset=(asked - 1) * PAGE)
    number = fit_page(asked, PAGE, total)
    if number != asked:
        people, total = search_people(text, limit=PAGE, offset=(number - 1) * PAGE)
    today = context.today()
    return render_template(
        "records/search.html",
        rows=[(person, is_separated(person.separated_on, person.rehired_on, today)) for person in people],
        text=text,
        page_of=Page(number, PAGE, total, Address("records.search", {"text": text})),
    )


@bp.route("/people/<int:person_id>/look", methods=["GET", "POST"])
@access("record:read")
def look(person_id: int) -> str | Answer | tuple[str, int]:
    """Asks what a record is needed for before it opens, and keeps the answer."""
    subject = get_person(person_id)
    form = StatePurposeForm()
    wanted = request.args.get("attestation", type=int)
    if form.validate_on_submit():
        try:
            made = actions.look_at(current_person(), subject, form.purpose.data or "")
        except RollcallError as error:
            add_error(form, error)
        else:
            if wanted is not None and get_attestation(wanted).person_id == person_id:
                return redirect(url_for("records.attestation", attestation_id=wanted))
            return redirect(url_for("records.person", person_id=person_id, look=made.id))
    page = render_template("records/look.html", person=subject, form=form, wanted=wanted, lasts=LOOK_LASTS)
    return (page, 422) if form.is_submitted() else page


@bp.get("/people/<int:person_id>")
@access("record:read")
def person(person_id: int) -> str | Answer:
    """A person's record. Opens only after a look with a stated purpose."""
    opened = find_open_look(current_person_id(), person_id, clock.now())
    if opened is None:
        return redirect(url_for("records.look", person_id=get_person(person_id).id))
    return render_template(
        "records/person.html",
        record=queries.kept_record(person_id, context.today()),
        look=opened,
        look_until=opened.looked_at + LOOK_LASTS,
        **WORDS,
    )


@bp.get("/attestations/<int:attestation_id>")
@access("record:read")
def attestation(attestation_id: int) -> str | Answer:
    """One attestation in full. Opens only after a look at the person's record."""
    person_id = get_attestation(attestation_id).person_id
    if find_open_look(current_person_id(), person_id, clock.now()) is None:
        return redirect(url_for("records.look", person_id=person_id, attestation=attestation_id))
    file = queries.attestation_file(attestation_id)
    return render_template(
        "records/attestation.html",
        file=file,
        lines=readable(file.record.fields, _recorded_moment),
        recorded_moment=_recorded_moment,
        step_result=step_result,
        **WORDS,
    )


@bp.route("/export", methods=["GET", "POST"])
@access("record:export")
def export() -> str | Answer | tuple[str, int]:
    """Attestations of a period as a CSV file; that it left is itself a record."""
    form = ExportAttestationsForm()
    if not form.is_submitted():
        form.since_on.data = context.today().replace(month=1, day=1)
        form.until_on.data = context.today()
    if form.validate_on_submit():
        try:
            return _export(form)
        except RollcallError as error:
            add_error(form, error)
    page = render_template("records/export.html", form=form)
    return (page, 422) if form.is_submitted() else page


def _export(form: ExportAttestationsForm) -> Answer:
    since_on, until_on, zone = form.since_on.data, form.until_on.data, context.settings().timezone
    rows = [export_cells(row, zone) for row in queries.iter_attestations(*period_moments(since_on, until_on, zone))]
    content = csv_bytes(CSV_HEADER, rows)
    actions.record_export(
        current_person(),
        since_on=since_on,
        until_on=until_on,
        purpose=form.purpose.data or "",
        count=len(rows),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    return csv_download(f"attestations-{since_on.isoformat()}-to-{until_on.isoformat()}.csv", [content])


def _recorded_moment(text: str) -> str:
    return moment(datetime.fromisoformat(text))


def _json_lines(subject: str) -> Iterator[str]:
    before = "[\n"
    for record in queries.iter_ledger_records(subject):
        yield before + json.dumps(record, ensure_ascii=False)
        before = ",\n"
    yield "]\n" if before == ",\n" else "[]\n"
