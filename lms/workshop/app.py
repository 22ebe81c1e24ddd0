"""The preview's own app: the pages of the workshop, put together without a database, a session or settings."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask, Response, render_template, request, url_for
from flask_bootstrap import Bootstrap5
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException, SecurityError

from lms import resources
from lms.web import filters, kit
from lms.web.headers import HEADERS
from lms.workshop import views
from lms.workshop.watch import Bench

LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]


def make_app(root: Path, *, only_here: bool = True) -> Flask:
    """The preview of the course in ``root``.

    ``only_here`` answers to this machine's own names alone, so that no page on the web can read an unpublished
    course through the author's browser (DNS rebinding).
    """
    app = Flask("lms", template_folder=str(resources.folder("templates")), static_folder="static")
    app.config.update(BOOTSTRAP_SERVE_LOCAL=True, TRUSTED_HOSTS=LOOPBACK if only_here else None)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions[views.EXTENSION] = Bench(root)
    Bootstrap5(app)
    filters.init_app(app)
    kit.init_app(app)
    app.register_blueprint(views.bp)
    # The shared pages link a clause to its place in the policy under this name.
    app.add_url_rule("/policy/<slug>", "policy.read_policy", views.policy)
    app.context_processor(_context)
    app.after_request(_secure)
    app.register_error_handler(SecurityError, _stranger)
    app.register_error_handler(HTTPException, _error)
    return app


def _context() -> dict[str, Any]:
    """What the layouts ask for: nobody is signed in, and the bar leads to the course and its policy."""
    places = [("Course", url_for("workshop.course")), ("Policy", url_for("workshop.policy"))]
    at_policy = (request.endpoint or "").endswith("policy")
    return {
        "settings": SimpleNamespace(department="Content preview"),
        "current_user": SimpleNamespace(is_authenticated=False),
        "nav": [
            SimpleNamespace(label=label, url=url, current=(label == "Policy") == at_policy) for label, url in places
        ],
        "desks": [],
        "request_id": "",
    }


def _secure(response: Response) -> Response:
    for name, value in HEADERS:
        response.headers.setdefault(name, value)
    response.headers["Cache-Control"] = "no-store"
    return response


def _stranger(_error: SecurityError) -> Response:
    """A request under another name has no address to make links with, so it gets a sentence and no page."""
    return Response("This preview answers on this machine alone.\n", 400, mimetype="text/plain")


def _error(error: HTTPException) -> tuple[str, int] | Response:
    if error.code is None or error.code < 400:
        return Response(error.get_body(), error.code or 500, error.get_headers())
    title = "There is no such page" if error.code == 404 else "Something went wrong"
    body = render_template(
        "errors/error.html",
        status=error.code,
        title=title,
        message="It may have been renamed in the files." if error.code == 404 else "The terminal says more.",
        what_was_kept="",
        what_to_do="Start again from the course.",
        request_id="",
    )
    return body, error.code
