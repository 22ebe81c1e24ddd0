"""What stands in the bar and in the rail of each desk: one table of places and the permission each needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request, url_for

from lms.web.access import can, visitor
from lms.web.context import settings


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the navigation. ``belongs`` are endpoint prefixes that count as being there."""

    label: str
    endpoint: str
    permission: str
    belongs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A place, as a page shows it."""

    label: str
    url: str
    current: bool
    count: int | None = None


OFFICER: tuple[Place, ...] = (
    Place(
        "My training",
        "training.my_training",
        "training:take",
        ("assessment.", "training.", "attestation.sign", "attestation.changes"),
    ),
    Place("My record", "records.mine", "record:read_own", ("attestation.receipt",)),
    Place("Policy", "policy.policies", "policy:read", ("policy.",)),
)
DESKS: dict[str, tuple[str, tuple[Place, ...]]] = {
    "training": (
        "Training desk",
        (
            Place("Today", "reporting.today", "completion:read"),
            Place("Assignments", "reporting.assignments", "completion:read", ("reporting.person",)),
            Place("Questions", "attestation.questions", "question:answer"),
            Place("Notices", "reporting.notices", "completion:read"),
        ),
    ),
    "team": ("My team", (Place("My team", "reporting.team", "team:read_status"),)),
    "hr": (
        "HR records",
        (
            Place(
                "Find a person",
                "records.search",
                "record:read",
                (
                    "records.person",
                    "records.look",
                    "records.attestation",
                    "records.status",
                    "records.change_status",
                    "records.as_of",
                    "records.record",
                ),
            ),
            Place("Export", "records.export", "record:export"),
            Place("Bundles", "records.bundles", "record:export"),
            Place("Evidence", "records.evidence", "evidence:read"),
        ),
    ),
    "admin": (
        "Administration",
        (
            Place("Accounts", "auth.accounts", "account:manage", ("auth.account", "auth.new_account")),
            Place("Health", "jobs.health", "system:read"),
            Place("Evidence", "records.evidence", "system:read"),
        ),
    ),
}

HomeNotice = Callable[[], tuple[str, str, str] | None]
NOTICES = "rollcall.home_notices"
MADE = "rollcall.links"
"""The navigation already made, by what the visitor may do and where they are; small, and never changed."""


def _link(place: Place) -> Link:
    endpoint = request.endpoint or ""
    here = endpoint == place.endpoint or any(endpoint.startswith(prefix) for prefix in place.belongs)
    return Link(place.label, url_for(place.endpoint), here)


def _known(place: Place) -> bool:
    return place.endpoint in current_app.view_functions and can(place.permission)


def officer_links() -> list[Link]:
    """The bar of an officer's page."""
    return [_link(place) for place in OFFICER if _known(place)]


def desk_links() -> list[Link]:
    """The desks that the visitor may open, each with its first place. One is at one desk, also at a place of two."""
    desks: list[Link] = []
    for label, places in DESKS.values():
        links = [_link(place) for place in places if _known(place)]
        if links:
            elsewhere = any(desk.current for desk in desks)
            desks.append(Link(label, links[0].url, not elsewhere and any(link.current for link in links)))
    return desks


def rail_links() -> list[Link]:
    """The rail of the desk that the visitor is at; of the first one that they may open where it is none."""
    found: list[Link] = []
    for _label, places in DESKS.values():
        links = [_link(place) for place in places if _known(place)]
        if any(link.current for link in links):
            return links
        found = found or links
    return found


def home_endpoint() -> str:
    """Where somebody lands after signing in: the desk that is their job, or their own training."""
    for endpoint, permission in (
        ("reporting.today", "completion:read"),
        ("records.search", "record:read"),
        ("auth.accounts", "account:manage"),
    ):
        if can(permission):
            return endpoint
    return "training.my_training"


def add_home_notice(app: Flask, notice: HomeNotice) -> None:
    """Lets a higher feature put one line on *My training*: (text, link label, address), or None."""
    app.extensions.setdefault(NOTICES, []).append(notice)


def home_notices() -> list[tuple[str, str, str]]:
    """The lines that higher features have for the signed-in person now."""
    lines = (notice() for notice in current_app.extensions.get(NOTICES, []))
    return [line for line in lines if line is not None]


def _links() -> dict[str, list[Link]]:
    """The bar, the desks and the rail: the same for everybody who may do the same, at the same place."""
    who = visitor()
    if not who.is_authenticated:
        return {"nav": [], "desks": [], "rail": []}
    made: dict[Any, dict[str, list[Link]]] = current_app.extensions.setdefault(MADE, {})
    key = (who.permissions, request.endpoint, request.script_root)
    if key not in made:
        made[key] = {"nav": officer_links(), "desks": desk_links(), "rail": rail_links()}
    return made[key]


def _context() -> dict[str, Any]:
    return {
        "settings": settings(),
        "can": can,
        "current_user": visitor(),
        **_links(),
        "home_notices": home_notices,
    }


def init_app(app: Flask) -> None:
    """Gives every page its navigation."""
    app.context_processor(_context)
