"""Security headers, a request id, and one structured log line a request."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

import structlog
from flask import Flask, Response, g, request
from flask_compress import Compress

from config import Settings
from lms.web.context import EXTENSION

log = structlog.get_logger("lms.request")

POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = [
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
]
"""A view may set a stricter Referrer-Policy of its own; nothing else sets these."""
HTTPS_ONLY = "max-age=31536000"
"""For a year a browser asks this host by HTTPS alone (RFC 6797). Other hosts of the city are not ours to bind."""
_GIVEN = re.compile(r"[A-Za-z0-9-]{8,64}")


def _before() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _GIVEN.fullmatch(given) else uuid4().hex[:16]
    g.began = time.perf_counter()


class Secured:
    """The program in front of which every answer gets the security headers, pages of errors as well."""

    def __init__(self, app: Flask) -> None:
        self._app, self._program = app, app.wsgi_app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """One request, as PEP 3333 has it."""

        def start(status: str, given: list[tuple[str, str]], *fault: Any) -> Any:
            named = dict(given)
            added = [pair for pair in HEADERS if pair[0] not in named]
            settings: Settings = self._app.extensions[EXTENSION]
            if settings.secure_cookies:
                added.append(("Strict-Transport-Security", HTTPS_ONLY))
            return start_response(status, given + added, *fault)

        return self._program(environ, start)


def _after(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.get("request_id", "")
    if request.endpoint and not request.endpoint.endswith("static"):
        response.headers.setdefault("Cache-Control", "no-store")
        log.info(
            "request",
            request_id=g.get("request_id"),
            method=request.method,
            endpoint=request.endpoint,
            status=response.status_code,
            ms=round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1),
        )
    return response


def whole_static(response: Response) -> Response:
    """Reads a style sheet or script as a whole, so that it can be compressed; browsers keep it for a day."""
    kind = response.mimetype or ""
    text = kind.startswith("text/") or kind.endswith(("javascript", "svg+xml"))
    if text and (request.endpoint or "").endswith("static") and response.status_code == 200:
        response.direct_passthrough = False
        response.set_data(response.get_data())
    return response


def compress(app: Flask) -> None:
    """Sends pages, style sheets and scripts compressed where the browser takes that."""
    Compress(app)
    app.after_request(whole_static)


def init_app(app: Flask) -> None:
    """Registers the headers and the log line."""
    app.wsgi_app = Secured(app)  # type: ignore[method-assign]
    app.before_request(_before)
    app.after_request(_after)
