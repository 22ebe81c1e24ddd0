"""One transaction a request: committed once, before the answer leaves, or not at all.

A GET or HEAD never commits. A POST commits where its answer is a success or a redirect; a failed commit is an
error page, never a success. What must run after the commit (sealing a checkpoint, say) is handed to
``after_commit``: it cannot undo the answer, and the worker does it again if it fails here.

SQLite has one writer at a time. A view that is asked often and that shows a page after writing is marked with
``reads_first`` and writes inside ``writing()``: then nobody waits while it finds out who asks, or draws the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import structlog
from flask import Flask, Response, current_app, g, request

from lms.db import db, read_only

View = TypeVar("View", bound=Callable[..., Any])
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


def reads_first(view: View) -> View:
    """Marks a POST view whose request only reads until it enters ``writing()``."""
    view.reads_first = True  # type: ignore[attr-defined]
    return view


@contextmanager
def writing() -> Iterator[None]:
    """The one transaction of a view that is marked ``reads_first``: begun here and committed at the end.

    What was read before it is read anew when it is used again; what was read or made inside can be shown
    afterwards, detached, and no longer changed. A failure rolls back and is raised.
    """
    db.session.rollback()
    read_only.set(False)
    try:
        yield
        db.session.flush()
        db.session.expunge_all()
        db.session.commit()
        g.ended = True
    except BaseException:
        db.session.rollback()
        raise
    finally:
        read_only.set(True)


def _begin() -> None:
    view: Any = current_app.view_functions.get(request.endpoint or "")
    read_only.set(request.method in SAFE or hasattr(view, "reads_first"))


def _forget(_error: BaseException | None) -> None:
    read_only.set(False)


def _end(response: Response) -> Response:
    """Commits or rolls back. Runs a second time, for the error page, where the commit itself failed."""
    if not g.get("ended"):
        g.ended = True
        if read_only.get():
            if current_app.testing and (db.session.new or db.session.dirty or db.session.deleted):
                raise AssertionError(f"{request.method} {request.path} tried to write.")
            return response
        _finish(response)
    if response.status_code < 400:
        _run_after_commit()
    return response


def _finish(response: Response) -> None:
    if response.status_code >= 400:
        db.session.rollback()
        return
    try:
        db.session.commit()
    except Exception:
        db.session.rollback()
        raise


def _run_after_commit() -> None:
    for work in g.pop("after_commit", []):
        read_only.set(False)
        db.session.rollback()
        try:
            work()
            db.session.commit()
        except Exception:
            db.session.rollback()
            log.exception("after_commit_failed")
