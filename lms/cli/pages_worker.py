"""Gunicorn's web process of threads, with our own page where a request is too long to be read.

Gunicorn answers such a request before the application sees it, with a page of its own that no visitor could read.
"""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from typing import Any

from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]
from werkzeug.test import create_environ, run_wsgi_app

from lms.web.limits import REFUSED

STATUS = {LimitRequestLine: 414, LimitRequestHeaders: 431}
MOST_READ, LONGEST_READ = 256 * 1024, 2.0
"""Bytes and seconds for which the rest of a refused request is still taken in."""


class PagesWorker(ThreadWorker):
    """Asks the application for its page, and writes it to the line."""

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Answers a request that gunicorn could not read."""
        status = STATUS.get(type(exc))
        if status is None:
            super().handle_error(req, client, addr, exc)
            return
        self.log.warning("A request was refused with %s: %s", status, type(exc).__name__)
        with suppress(OSError):
            client.settimeout(LONGEST_READ)
            client.sendall(refusal(self.wsgi, status))
            _read_rest(client)


def refusal(app: Any, status: int) -> bytes:
    """The whole HTTP answer with the application's page for ``status``, after which the line is closed."""
    body, said, headers = run_wsgi_app(app, create_environ("/", environ_overrides={REFUSED: status}), buffered=True)
    headers["Connection"] = "close"
    lines = [f"HTTP/1.1 {said}", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + b"".join(body)


def _read_rest(client: socket.socket) -> None:
    """Closing a line with bytes unread resets it, and a browser then shows nothing of the answer."""
    client.shutdown(socket.SHUT_WR)
    left, until = MOST_READ, time.monotonic() + LONGEST_READ
    while left > 0 and time.monotonic() < until and (taken := client.recv(65536)):
        left -= len(taken)
