"""Every component and layout on sample pages, to look at and to test. No database, no feature, no network.

Run it with ``python -m tests.pages.gallery.app`` and open http://127.0.0.1:5055/. All people and events are fictitious.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import segno
from flask import Flask, abort, flash, render_template, request
from flask_bootstrap import Bootstrap5
from flask_wtf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from lms.web import kit
from tests.pages.gallery import sample
from tests.pages.gallery.forms import SampleForm, SignInForm

ROOT = Path(__file__).resolve().parents[3]
HERE = Path(__file__).resolve().parent
POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; object-src 'none'; base-uri 'none'"
)

OFFICER = (("My training", "/training"), ("My record", "/receipt"), ("Policy", "/redline"))
RAIL = (
    ("Today", "/today", None),
    ("Assignments", "/assignments", None),
    ("Questions", "/empty", 3),
    ("Notices", "/notices", None),
)
DESKS = (("Training desk", "/today"), ("HR records", "/as-of"), ("Administration", "/health"))
PAGES = {
    "components": "components",
    "training": "training",
    "module": "module",
    "scenario": "scenario",
    "question": "question",
    "answered": "answered",
    "sign": "sign",
    "receipt": "receipt",
    "redline": "redline",
    "today": "today",
    "assignments": "assignments",
    "empty": "empty",
    "as-of": "as_of",
    "print": "print",
    "sign-in": "sign_in",
    "sign-in-refused": "sign_in",
    "error": "error",
    "not-found": "error",
}


@dataclass(frozen=True)
class Link:
    """An entry of a navigation."""

    label: str
    url: str
    current: bool
    count: int | None = None


def make_app() -> Flask:
    """The gallery as an app, as strict as the real one."""
    app = Flask("gallery", static_folder=str(ROOT / "lms" / "static"), root_path=str(HERE))
    app.config.update(SECRET_KEY="gallery", BOOTSTRAP_SERVE_LOCAL=True, TESTING=True)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_loader = ChoiceLoader([FileSystemLoader(HERE / "templates"), FileSystemLoader(ROOT / "templates")])  # type: ignore[assignment]
    Bootstrap5(app)
    CSRFProtect(app)
    kit.init_app(app)
    app.context_processor(context)
    app.after_request(secure)
    app.add_url_rule("/", view_func=lambda: show("components"), endpoint="home")
    app.add_url_rule("/<name>", view_func=show, endpoint="show", methods=["GET", "POST"])
    return app


def secure(response: Any) -> Any:
    """The real app's content security policy, so that a page that breaks it breaks here first."""
    response.headers["Content-Security-Policy"] = POLICY
    return response


def context() -> dict[str, Any]:
    """What the real app's context processor gives."""
    path = request.path
    return {
        "settings": SimpleNamespace(department="Portland Police Department"),
        "current_user": SimpleNamespace(is_authenticated=True, full_name="Sgt. Dana Whitcomb", badge="4127"),
        "nav": [Link(label, url, path == url) for label, url in OFFICER],
        "rail": [Link(label, url, path == url, count) for label, url, count in RAIL],
        "desks": [
            Link(label, url, (path == "/as-of") == (url == "/as-of") and url != "/health") for label, url in DESKS
        ],
        "can": lambda _permission: True,
        "sign_out_url": "/sign-in",
        "limits_url": "/print",
        "request_id": "7f3c2a91e05b",
    }


def show(name: str) -> str:
    """One sample page."""
    if name not in PAGES:
        abort(404)
    if name == "today":
        flash("Reminders were queued for 9 officers.", "success")
    if name == "components":
        for category, text in sample.FLASHES:
            flash(text, category)
    form = SampleForm()
    sign_in = SignInForm()
    if request.method == "GET" and name in {"components", "sign-in-refused"}:
        form.fill_with_errors()
        if name == "sign-in-refused":
            sign_in.refuse()
    return render_template(f"gallery/{PAGES[name]}.html", name=name, form=form, sign_in=sign_in, qr=qr(), s=sample)


def qr() -> Markup:
    """A QR code as inline SVG."""
    code = segno.make("https://training.example.gov/verify/0193-7c2e", error="m")
    return Markup(
        code.svg_inline(
            scale=4, border=2, dark="#000", svgclass=None, lineclass=None, title="Address that checks this receipt"
        )
    )


if __name__ == "__main__":
    make_app().run(port=5055, debug=False)
