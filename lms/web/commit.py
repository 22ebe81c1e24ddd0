"""One transaction a request: committed once, before the answer leaves, or not at all.

A GET or HEAD never commits. A POST commits where its answer is a success or a redirect; a failed commit is an
error page, never a success. What must run after the commit (sealing a checkpoint, say) is handed to
``after_commit``: it cannot undo the answer, and the worker does it again if it fails here.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog
from flask import Flask, Response, current_app, g, request

from lms.db import db, read_only

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
log = structlog.get_logger(__name__)


def after_commit(work: Callable[[], None]) -> None:
    """Runs ``work`` once the request's transaction is committed; its own failure is logged, never shown."""
    g.setdefault("after_commit", []).append(work)


def init_app(app: Flask) -> None:
    """Registers the one commit."""
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(_forget)


def _begin() -> None:
    read_only.set(request.method in SAFE)


def _forget(_error: BaseException | None) -> None:
    read_only.set(False)


def _end(response: Response) -> Response:
    """Commits or rolls back. Runs a second time, for the error page, where the commit itself failed."""
    if g.get("ended"):
        return response
    g.ended = True
    if request.method in SAFE:
        if current_app.testing and (db.session.new or db.session.dirty or db.session.deleted):
            raise AssertionError(f"{request.method} {request.path} tried to write.")
        return response
    if response.status_code >= 400:
        db.session.rollback()
        return response
    try:
        db.session.commit()
    except Exception:
        db.session.rollback()
        raise
    for work in g.pop("after_commit", []):
        try:
            work()
            db.session.commit()
        except Exception:
            db.session.rollback()
            log.exception("after_commit_failed")
    return response
