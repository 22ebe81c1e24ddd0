"""The blueprint of sign-in, and the links of the account menu."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, request, url_for

from lms.web.access import visitor

bp = Blueprint("auth", __name__, url_prefix="/auth")


@dataclass(frozen=True, slots=True)
class AccountLink:
    """One line of the account menu."""

    label: str
    url: str
    current: bool


@bp.app_context_processor
def account_menu() -> dict[str, list[AccountLink]]:
    """What everybody can do with their own account."""
    if not visitor().is_authenticated:
        return {"account_links": []}
    return {
        "account_links": [
            AccountLink(label, url_for(endpoint), request.endpoint == endpoint)
            for label, endpoint in (
                ("Change password", "auth.change_password"),
                ("Ways to sign", "auth.ways_to_sign"),
                ("Where I am signed in", "auth.sessions"),
            )
        ]
    }
