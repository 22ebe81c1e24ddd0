"""Errors as pages that say what happened, what was kept and what to do, each with a request id."""

from __future__ import annotations

from urllib.parse import urlsplit

import structlog
from flask import Flask, flash, g, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from lms.db import db
from lms.errors import RollcallError
from lms.web.access import visitor

log = structlog.get_logger(__name__)

KEPT = "Everything that was saved before is kept. Nothing from this last step was saved."
WORDS: dict[int, tuple[str, str, str]] = {
    400: ("This request could not be read", KEPT, "Go back, reload the page and try again."),
    403: ("You may not open this page", "", "If you need it for your job, ask an administrator."),
    404: ("There is no such page", "", "Check the address, or start again from the first page."),
    405: ("This page cannot be used that way", "", "Go back and use the buttons on the page."),
    409: ("This cannot be done now", KEPT, "Go back and look at the page again; it may have changed."),
    413: ("That is too much to send at once", KEPT, "Send less, or a smaller file."),
    414: ("This address is too long", "", "Start again from the first page, or search for less at once."),
    422: ("Something is missing or not right", KEPT, "Go back and correct it."),
    429: ("Too many tries", KEPT, "Wait a few minutes, then try again."),
    431: (
        "Your browser sent too much along with the address",
        KEPT,
        "Delete this site's cookies in your browser, then sign in again.",
    ),
    500: (
        "Something went wrong on our side",
        KEPT,
        "Try again. If it happens again, report the number below.",
    ),
    503: ("The system is busy", KEPT, "Wait a few seconds, then try again."),
}


COLLISION = (
    "Your step was not taken, and nothing was lost. " + KEPT,
    "Somebody else changed this at the same moment",
    "Go back, reload the page and try again.",
)


def _page(
    status: int, message: str | None = None, title: str | None = None, what_to_do: str | None = None
) -> tuple[str, int]:
    words = WORDS.get(status, WORDS[500 if status >= 500 else 400])
    body = render_template(
        "errors/error.html",
        status=status,
        title=title or words[0],
        message=message or words[1],
        what_to_do=what_to_do or words[2],
        request_id=g.get("request_id", ""),
    )
    return body, status


def _refusal(error: RollcallError) -> tuple[str, int]:
    db.session.rollback()
    if error.status >= 500:
        log.error("integrity_fault", message=error.message)
    return _page(error.status, error.message)


def _csrf(_error: CSRFError) -> tuple[str, int] | Response:
    db.session.rollback()
    if not visitor().is_authenticated and not (request.endpoint or "").startswith("auth."):
        flash("You are signed out, so this last step was not saved. Sign in and go on where you were.", "info")
        return redirect(url_for("auth.sign_in", next=urlsplit(request.referrer or "").path or None))
    return _page(
        400,
        "The page was open too long, or in a browser that blocks cookies. " + KEPT,
        "This page has expired",
    )


def _http(error: HTTPException) -> tuple[str, int] | Response:
    if error.code is None or error.code < 400:
        return error.get_response()
    # A commit fails after the view is done, where Flask hands on every error inside one of its own.
    original = getattr(error, "original_exception", None)
    if isinstance(original, IntegrityError):
        return _collision(original)
    if isinstance(original, OperationalError):
        return _busy(original)
    db.session.rollback()
    return _page(error.code)


def _collision(error: IntegrityError) -> tuple[str, int]:
    """A constraint that no action turned into words: the database kept two people from doing one thing twice."""
    db.session.rollback()
    # The first line names the constraint; PostgreSQL's second one the values, which no log may hold.
    log.error("constraint_violated", error=str(error.orig).partition("\n")[0])
    return _page(409, *COLLISION)


def _busy(error: OperationalError) -> tuple[str, int]:
    db.session.rollback()
    log.error("database_unavailable", exc_info=error)
    return _page(503)


def _unexpected(_error: Exception) -> tuple[str, int]:
    db.session.rollback()
    log.exception("unexpected_error")
    return _page(500)


def init_app(app: Flask) -> None:
    """Registers the error pages. In tests an unexpected error is raised, so that it is seen."""
    app.register_error_handler(RollcallError, _refusal)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(IntegrityError, _collision)
    if not app.testing:
        app.register_error_handler(OperationalError, _busy)
        app.register_error_handler(Exception, _unexpected)
