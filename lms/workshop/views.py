"""The pages of the preview. Each is drawn from the files as they are now; nothing is recorded."""

from __future__ import annotations

import base64
import hashlib
from typing import cast

from flask import Blueprint, Response, abort, current_app, render_template, request

from lms.catalog.content.draft import Draft, DraftModule, Entry, Read
from lms.catalog.content.faults import ContentFault
from lms.catalog.maps import RATINGS, STYLE, draw_scenario
from lms.catalog.maps.plan import plan_of
from lms.policy.rules import outline
from lms.workshop.rules import can_be_played, play, shown
from lms.workshop.watch import Bench

EXTENSION = "rollcall.workshop"
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode("utf-8")).digest()).decode("ascii")

bp = Blueprint("workshop", __name__)


def _bench() -> Bench:
    return cast(Bench, current_app.extensions[EXTENSION])


def _page(template: str, here: list[ContentFault], **values: object) -> str:
    """One page: ``here`` are the faults that belong on it, the others are only counted."""
    mark, draft = _bench().draft()
    return render_template(
        f"workshop/{template}.html", draft=draft, mark=mark, here=here, shown=shown(draft.policy), **values
    )


def _draft() -> Draft:
    return _bench().draft()[1]


def _module(name: str) -> DraftModule:
    found = next((module for module in _draft().modules if module.name == name), None)
    return found if found is not None else abort(404)


def _entry(entries: tuple[Entry[Read], ...], ref: str) -> Entry[Read]:
    found = next((entry for entry in entries if entry.ref == ref), None)
    return found if found is not None else abort(404)


@bp.get("/")
def course() -> str:
    """The whole course: every fault on top, then the modules."""
    return _page("course", _draft().faults, folder=_bench().root.as_posix())


@bp.get("/fingerprint")
def fingerprint() -> Response:
    """What the pages compare once a second; it changes when a file does."""
    return Response(_bench().fingerprint(), mimetype="text/plain")


@bp.get("/policy")
def policy(slug: str = "") -> str:  # noqa: ARG001 - there is one policy, whatever a link calls it
    """The policy, word for word."""
    draft = _draft()
    name = draft.shape.policy if draft.shape else "policy.md"
    here = [fault for fault in draft.faults if fault.file == name]
    return _page("policy", here, sections=outline(draft.policy) if draft.policy else ())


@bp.get("/modules/<name>")
def module(name: str) -> str:
    """One module: its lesson, scenarios and questions."""
    found = _module(name)
    return _page("module", found.faults(_draft().faults), module=found)


@bp.get("/modules/<name>/lesson")
def lesson(name: str) -> str:
    """The lesson beside its clauses."""
    found = _module(name)
    return _page("lesson", found.faults(_draft().faults, "lesson.md"), module=found)


@bp.get("/modules/<name>/scenarios/<ref>")
def scenario(name: str, ref: str) -> str:
    """The story along ``?path=``, as an officer plays it."""
    found = _module(name)
    entry = _entry(found.scenarios, ref)
    story, whole = None, True
    if entry.content is not None and can_be_played(entry.content):
        story, whole = play(entry.content, request.args.get("path", ""))
    return _page(
        "scenario", entry.faults(_draft().faults), module=found, entry=entry, scenario=entry.content,
        story=story, whole=whole,
    )  # fmt: skip


@bp.get("/modules/<name>/scenarios/<ref>/map")
def scenario_map(name: str, ref: str) -> str:
    """The map of a scenario, and the same in words."""
    found = _module(name)
    entry = _entry(found.scenarios, ref)
    rooms = plan_of(entry.content).rooms if entry.content else ()
    return _page(
        "map", entry.faults(_draft().faults), module=found, entry=entry, scenario=entry.content,
        rooms=rooms, ratings=RATINGS,
    )  # fmt: skip


@bp.get("/modules/<name>/scenarios/<ref>/map.svg")
def drawing(name: str, ref: str) -> Response:
    """The map alone. Its one style sheet is let through by its hash; nothing else in it may run or load."""
    content = _entry(_module(name).scenarios, ref).content
    if content is None:
        abort(404)
    response = Response(draw_scenario(content), mimetype="image/svg+xml")
    response.headers["Content-Security-Policy"] = f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'"
    return response


@bp.get("/modules/<name>/questions")
def questions(name: str) -> str:
    """The bank of a module."""
    found = _module(name)
    return _page("questions", found.faults(_draft().faults, "bank.yaml"), module=found)


@bp.get("/modules/<name>/questions/<ref>")
def question(name: str, ref: str) -> str:
    """One item: to answer, and once ``?option=`` names an answer, with its feedback."""
    found = _module(name)
    entry = _entry(found.items, ref)
    place = found.items.index(entry)
    item = entry.content
    chosen = request.args.get("option", "")
    known = item is not None and any(option.ref == chosen for option in item.options)
    right = next((option for option in item.options if option.correct), None) if item else None
    return _page(
        "question", entry.faults(_draft().faults), module=found, entry=entry, item=item,
        chosen=item.option(chosen) if item and known else None, right=right, place=place + 1,
        after=found.items[place + 1] if place + 1 < len(found.items) else None,
    )  # fmt: skip
