"""How long an address may be. What is longer gets the page that every error gets, also where the server in front of
the application already refused to read on and says so in the request's environment."""

from __future__ import annotations

from flask import Flask, abort, request

LONGEST_ADDRESS = 4000
"""Characters of path and query. The longest that the application makes itself are a few hundred."""
REFUSED = "rollcall.refused"
"""Environment key: the status with which the server in front refused. No browser can set it."""


def _check() -> None:
    refused = request.environ.get(REFUSED)
    if refused is not None:
        abort(int(refused))
    if len(request.environ.get("RAW_URI") or request.full_path) > LONGEST_ADDRESS:
        abort(414)


def init_app(app: Flask) -> None:
    """Registers the check before every request."""
    app.before_request(_check)
