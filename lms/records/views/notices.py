"""HR: what a person had notice of on one day, and one record of the ledger with its proof."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as Answer

from lms import clock
from lms.attestation.rules import METHOD_NAMES
from lms.audit.queries import find_open_look
from lms.ledger.queries import get_entry
from lms.records import notice_pdf, queries
from lms.records.forms import FindNoticeForm
from lms.records.rules import step_result
from lms.records.views.blueprint import bp
from lms.roster.models import Person
from lms.roster.queries import find_person, get_person
from lms.web import context
from lms.web.access import access, current_person_id
from lms.web.downloads import download
from lms.web.filters import moment

WORDS = {"method_names": METHOD_NAMES}


@bp.get("/people/<int:person_id>/as-of")
@access("record:read")
def as_of(person_id: int) -> str | Answer | tuple[str, int]:
    """What the person had notice of about a clause on a day. Opens only after a look at the person's record."""
    person = get_person(person_id)
    if find_open_look(current_person_id(), person_id, clock.now()) is None:
        return redirect(url_for("records.look", person_id=person_id))
    form = _form()
    if not request.args:
        return render_template("records/as_of.html", person=person, form=form, notice=None)
    if not form.validate() or form.on.data is None:
        return render_template("records/as_of.html", person=person, form=form, notice=None), 422
    return render_template(
        "records/as_of.html",
        person=person,
        form=form,
        notice=_notice(person, form.clause.data, form.on.data),
        recorded_moment=_recorded_moment,
        **WORDS,
    )


@bp.get("/people/<int:person_id>/as-of.pdf")
@access("record:read")
def as_of_pdf(person_id: int) -> Answer | tuple[str, int]:
    """The same answer on paper."""
    person = get_person(person_id)
    if find_open_look(current_person_id(), person_id, clock.now()) is None:
        return redirect(url_for("records.look", person_id=person_id))
    form = _form()
    if not form.validate() or form.on.data is None:
        return render_template("records/as_of.html", person=person, form=form, notice=None), 422
    notice = _notice(person, form.clause.data, form.on.data)
    known = context.settings()
    made = notice_pdf.make_notice_pdf(notice, department=known.department, zone=known.timezone, now=clock.now())
    return download(f"notice-{person.badge}-{notice.clause}-{notice.on.isoformat()}.pdf", "application/pdf", [made])


def _form() -> FindNoticeForm:
    given = request.args or MultiDict({"on": context.today().isoformat()})
    form = FindNoticeForm(formdata=given)
    refs = queries.list_clauses_ever()
    form.clause.choices = [("", "Choose one"), *((ref, ref) for ref in refs)]
    return form


def _notice(person: Person, clause: str, on: date) -> queries.Notice:
    return queries.find_notice(person.id, clause, on, context.settings().timezone)


@bp.get("/ledger/<record_id>")
@access("record:read")
def record(record_id: str) -> str | Answer:
    """One record: its fields, every step of its check, its proof. A person's record opens only after a look."""
    closed = _closed(record_id)
    if closed is not None:
        return closed
    kept = queries.open_record(record_id)
    lines = [(name, _plain(value)) for name, value in kept.opened.fields.items()]
    person_id = queries.subject_person(kept.entry.subject)
    return render_template(
        "records/record.html",
        kept=kept,
        lines=lines,
        person=None if person_id is None else find_person(person_id),
        step_result=step_result,
        **WORDS,
    )


@bp.get("/ledger/<record_id>.json")
@access("record:read")
def record_json(record_id: str) -> Response | Answer:
    """The record with its disclosures and its proof, for whoever checks it without this server."""
    closed = _closed(record_id)
    if closed is not None:
        return closed
    text = json.dumps(queries.record_with_proof(record_id), ensure_ascii=False, indent=1)
    return download(f"record-{record_id}.json", "application/json", [text])


def _closed(record_id: str) -> Answer | None:
    """Where a person's record is not open to the reader: the page that asks what it is needed for."""
    person_id = queries.subject_person(get_entry(record_id).subject)
    if person_id is None or find_open_look(current_person_id(), person_id, clock.now()) is not None:
        return None
    return redirect(url_for("records.look", person_id=person_id))


def _recorded_moment(text: str) -> str:
    return moment(datetime.fromisoformat(text))


def _plain(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, indent=1)
