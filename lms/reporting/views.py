"""The training desk and the team page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from flask import Blueprint, Response, render_template, request

from lms import clock
from lms.assessment.queries import list_waiting_conversations
from lms.notify import rules as letters
from lms.notify.models import OutboxMessage
from lms.notify.queries import count_messages, get_message, list_messages
from lms.reporting import forms, queries
from lms.reporting.queries import AssignmentRow
from lms.reporting.rules import FIGURES, LATE, STATE_WORDS, Scope, current_scope
from lms.roster.queries import find_person
from lms.web import context
from lms.web.access import access, current_person
from lms.web.csv_files import Cell, csv_download, csv_text
from lms.web.paging import Address, Order, Page, fit_page, page_number

bp = Blueprint("reporting", __name__, url_prefix="/reporting")

PAGE = 50
FAILURES_SHOWN_FOR = timedelta(days=30)
CONVERSATIONS_SHOWN = 5
CSV_HEADER = (
    "Name",
    "Badge",
    "Rank",
    "Unit",
    "Training",
    "Cycle",
    "State",
    "Opens",
    "Due",
    "Originally due",
    "Days late",
    "Days left",
    "Closed on",
    "Met by other training",
)


def _scope() -> Scope:
    return current_scope(context.today(), context.settings().timezone)


@bp.get("/")
@access("completion:read")
def today() -> str:
    """One screen: where the training stands, who is late, and what waits for the sergeant."""
    scope = _scope()
    waiting = list_waiting_conversations()
    return render_template(
        "reporting/today.html",
        counts=queries.count_states(scope),
        late_states=LATE,
        figures=FIGURES,
        state_words=STATE_WORDS,
        late=queries.list_most_overdue(scope),
        curve=queries.completion_curve(scope.today, context.settings().timezone),
        failed=queries.list_failed_letters(clock.now() - FAILURES_SHOWN_FOR),
        failed_days=FAILURES_SHOWN_FOR.days,
        questions=queries.list_open_questions(scope.today),
        conversations=waiting[:CONVERSATIONS_SHOWN],
        conversation_count=len(waiting),
        reviews=queries.list_reviews_due(scope.today),
        today=scope.today,
    )


@bp.get("/assignments")
@access("completion:read")
def assignments() -> str:
    """The current assignments, filtered, sorted and paged."""
    scope = _scope()
    listing = forms.read_assignment_listing(request.args)
    address = Address("reporting.assignments", listing.query)
    number = page_number()
    rows, total = _page_of(listing, scope, number)
    if not rows and number > 1:
        number = fit_page(number, PAGE, queries.count_assignments(listing.filter, scope))
        rows, total = _page_of(listing, scope, number)
    return render_template(
        "reporting/assignments.html",
        rows=rows,
        listing=listing,
        page_of=Page(number, PAGE, total, address),
        order=Order(listing.sort, listing.descending, address),
        csv_url=Address("reporting.assignments_csv", listing.query).url(),
        state_options=forms.STATE_OPTIONS,
        unit_options=[("", "All units"), *queries.list_unit_names()],
        requirement_options=[("", "All training"), *queries.list_requirement_titles()],
    )


@bp.get("/assignments.csv")
@access("completion:export")
def assignments_csv() -> Response:
    """The same list as a file: same filter, same order, all pages."""
    scope = _scope()
    listing = forms.read_assignment_listing(request.args)
    rows = queries.iter_export(listing.filter, scope, sort=listing.sort, descending=listing.descending)
    return csv_download(f"assignments-{scope.today.isoformat()}.csv", csv_text(CSV_HEADER, _cells(rows)))


@bp.get("/people/<int:person_id>")
@access("completion:read")
def person(person_id: int) -> str:
    """One person's training, with what the sergeant can do about it."""
    day = context.today()
    return render_template(
        "reporting/person.html",
        training=queries.person_training(person_id, day),
        letter_words=forms.LETTER_WORDS,
        letter_state=_letter_state,
        today=day,
    )


@bp.get("/notices")
@access("completion:read")
def notices() -> str:
    """Letters: sent, waiting and failed, with the reason."""
    wanted = forms.read_letter_filter(request.args)
    total = count_messages(wanted)
    number = fit_page(page_number(), PAGE, total)
    return render_template(
        "reporting/notices.html",
        rows=list_messages(wanted, limit=PAGE, offset=(number - 1) * PAGE),
        page_of=Page(number, PAGE, total, Address("reporting.notices", forms.letter_query(wanted))),
        wanted=wanted,
        person=None if wanted.person_id is None else find_person(wanted.person_id),
        letter_options=forms.LETTER_OPTIONS,
        letter_words=forms.LETTER_WORDS,
        letter_state=_letter_state,
        mail_folder=context.settings().mail_folder if context.settings().smtp_url is None else None,
    )


@bp.get("/notices/<int:message_id>")
@access("completion:read")
def notice(message_id: int) -> str:
    """One letter as it was sent; the text of a confidential one is not shown to anybody."""
    message = get_message(message_id)
    settings = context.settings()
    file = settings.mail_folder / f"{message.message_id}.eml"
    return render_template(
        "reporting/notice.html",
        message=message,
        state=_letter_state(message),
        paragraphs=[] if message.confidential else message.body_text.split("\n\n"),
        letter_words=forms.LETTER_WORDS,
        person=None if message.person_id is None else find_person(message.person_id),
        file=file if settings.smtp_url is None and file.is_file() else None,
    )


@bp.get("/team")
@access("team:read_status")
def team() -> str:
    """The status of a supervisor's own people, and nothing else about them."""
    me = current_person()
    return render_template("reporting/team.html", rows=queries.list_team(me.id, _scope()))


def _page_of(listing: forms.AssignmentListing, scope: Scope, number: int) -> tuple[list[AssignmentRow], int]:
    return queries.list_assignments(
        listing.filter,
        scope,
        sort=listing.sort,
        descending=listing.descending,
        limit=PAGE,
        offset=(number - 1) * PAGE,
    )


def _letter_state(message: OutboxMessage) -> letters.State:
    return letters.state_of(
        sent_at=message.sent_at,
        dropped_at=message.dropped_at,
        failed=message.failed,
        claimed_at=message.claimed_at,
        tries=message.tries,
    )


def _cells(rows: Iterator[AssignmentRow]) -> Iterator[tuple[Cell, ...]]:
    zone = context.settings().timezone
    for row in rows:
        yield (
            row.name,
            row.badge,
            row.rank,
            row.unit,
            row.title,
            row.cycle,
            STATE_WORDS[row.state],
            row.opens_on.isoformat(),
            row.due_on.isoformat(),
            row.original_due_on.isoformat(),
            row.days_late,
            row.days_left,
            None if row.closed_at is None else clock.local_date(row.closed_at, zone).isoformat(),
            "yes" if row.satisfied else None,
        )
