"""The front door, and the two addresses that a supervisor of processes asks."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, send_from_directory, url_for
from flask_login import current_user
from sqlalchemy import text
from werkzeug.wrappers import Response

from lms.db import db
from lms.web.access import public
from lms.web.nav import home_endpoint

bp = Blueprint("web", __name__)


@bp.get("/")
@public
def home() -> Response:
    """Leads to where the visitor's work is, or to the sign-in page."""
    return redirect(url_for(home_endpoint() if current_user.is_authenticated else "auth.sign_in"))


@bp.get("/favicon.ico")
@public
def favicon() -> Response:
    """The icon, for browsers that ask for it without reading the page's link to it."""
    return send_from_directory(current_app.static_folder or "", "favicon.ico", mimetype="image/x-icon")


@bp.get("/alive")
@public
def alive() -> tuple[str, int, dict[str, str]]:
    """Says that this process answers and reaches its database. Shows nothing else."""
    db.session.execute(text("SELECT 1"))
    return "ok\n", 200, {"Content-Type": "text/plain"}
