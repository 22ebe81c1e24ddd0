"""What does not depend on the clock: statements a page, rows and flushes a flow, and the weight of a page."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urljoin

from sqlalchemy import Engine, create_engine, event, inspect, text

from bench.client import Browser
from bench.flows import OurFlows
from bench.seed import COURSE, MODULE, Department

_LINKED = re.compile(r'(?:href|src)="(/(?:static|bootstrap)[^"#]*)')
_IN_STYLE = re.compile(r"""url\(["']?(?!data:)([^"')#]+)""")
_PACKED = (".woff2", ".png", ".jpg")
WRITES = frozenset({"INSERT", "UPDATE", "DELETE"})


@dataclass(slots=True)
class Counted:
    """What one request, or one flow, did to the database."""

    statements: int = 0
    updated: int = 0
    flushes: int = 0
    """Transactions that wrote: each is one wait for the disk."""
    _writing: set[int] = field(default_factory=set)


@contextmanager
def counted() -> Iterator[Counted]:
    """Counts what this process sends to any database."""
    seen = Counted()

    def note(connection: Any, cursor: Any, statement: str, *_rest: object) -> None:
        verb = statement.lstrip()[:6].upper()
        if verb not in WRITES | {"SELECT"}:
            return
        seen.statements += 1
        if verb in WRITES:
            seen._writing.add(id(connection))
        if verb == "UPDATE":
            seen.updated += max(cursor.rowcount, 0)

    def committed(connection: Any) -> None:
        if id(connection) in seen._writing:
            seen.flushes += 1
            seen._writing.discard(id(connection))

    event.listen(Engine, "after_cursor_execute", note)
    event.listen(Engine, "commit", committed)
    try:
        yield seen
    finally:
        event.remove(Engine, "after_cursor_execute", note)
        event.remove(Engine, "commit", committed)


def statements_of_pages(environment: dict[str, str], department: Department) -> dict[str, int]:
    """Statements of each page, once its content is in memory; asks the app in this process."""
    from config import Settings
    from lms import create_app

    app = create_app(Settings.load(environment))
    app.logger.disabled = True
    officer, attempt = department.attempts[-1]
    signer, to_sign = department.signatures[-1]
    pages = {
        "My training": (department.homes[-1], "/training/"),
        "one training": (officer, f"/training/{attempt}"),
        "start of the questions": (officer, f"/assessment/{attempt}/{MODULE}/questions"),
        "policy": (officer, f"/policy/{COURSE}"),
        "sign": (signer, f"/attestation/{to_sign}/sign"),
        "own record": (officer, "/records/mine"),
        "overview": (department.sergeant, "/reporting/"),
        "report": (department.sergeant, "/reporting/assignments"),
        "report CSV": (department.sergeant, "/reporting/assignments.csv"),
    }
    found: dict[str, int] = {}
    for name, (cookie, path) in pages.items():
        for _ in range(2):
            client = app.test_client()
            client.set_cookie("rollcall", cookie)
            with counted() as seen:
                answer = client.get(path)
                _ = answer.data
            if answer.status_code != 200:
                raise RuntimeError(f"{path} gave {answer.status_code}")
            found[name] = seen.statements
    with app.app_context():
        from lms.db import db

        db.engine.dispose()
    return found


class InProcessBrowser(Browser):
    """A browser whose requests never leave this process; the statements of each are noted in ``log``."""

    def __init__(self, app: Any, cookie: str) -> None:
        super().__init__(0, {})
        self._client = app.test_client()
        self._client.set_cookie("rollcall", cookie)
        self.log: list[tuple[str, str, int]] = []

    def send(self, method: str, path: str, form: dict[str, str] | None = None, *, part: bool = False) -> Any:
        """As over the network."""
        from bench.client import PART, Page

        self.requests += 1
        with counted() as seen:
            answer = self._client.open(path, method=method, data=form, headers=PART if part else {})
            body = answer.data
        self.log.append((method, path, seen.statements))
        return Page(answer.status_code, path, body), answer.headers.get("Location", "")


@dataclass(frozen=True, slots=True)
class Flowed:
    """One whole flow, counted."""

    requests: int
    gets: int
    statements: int
    inserted: int
    updated: int
    flushes: int
    most_statements: int
    log: list[tuple[str, str, int]]


def count_flow(environment: dict[str, str], department: Department, name: str) -> Flowed:
    """One attempt or one signature, in this process."""
    from config import Settings
    from lms import create_app

    app = create_app(Settings.load(environment))
    flows = OurFlows(0, department)
    cookie, assignment_id = (department.attempts if name == "attempt" else department.signatures).pop()
    browser = InProcessBrowser(app, cookie)
    before = _rows(environment["LMS_DATABASE_URL"])
    with counted() as seen:
        (flows.take_attempt if name == "attempt" else flows.sign_once)(browser, assignment_id)
    inserted = _rows(environment["LMS_DATABASE_URL"]) - before
    with app.app_context():
        from lms.db import db

        db.engine.dispose()
    gets = sum(method == "GET" for method, _, _ in browser.log)
    most = max(statements for _, _, statements in browser.log)
    return Flowed(browser.requests, gets, seen.statements, inserted, seen.updated, seen.flushes, most, browser.log)


def _rows(url: str) -> int:
    from config import normal_database_url

    engine = create_engine(normal_database_url(url))
    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        total = sum(connection.scalar(text(f'SELECT count(*) FROM "{name}"')) or 0 for name in tables)
        connection.rollback()
    engine.dispose()
    return total


@dataclass(frozen=True, slots=True)
class Weight:
    """Kilobytes over the wire with gzip: the page alone, and with everything that it links the first time."""

    page: float
    first: float


def weigh(port: int, path: str, cookie: str = "") -> Weight:
    """Weighs a page with its styles, scripts, pictures and fonts.

    Where the program does not compress, the server in front does; level 6 is taken for it.
    """
    browser = Browser(port, {"rollcall": cookie} if cookie else {})
    page = browser.get(path).expect()
    own = len(gzip.compress(page.body, 6))
    wanted = [urljoin(path, link) for link in dict.fromkeys(_LINKED.findall(page.text))]
    total, seen = own, set[str]()
    while wanted:
        link = wanted.pop().partition("?")[0]
        if link in seen:
            continue
        seen.add(link)
        body = _fetch(port, link)
        total += len(body) if link.endswith(_PACKED) else len(gzip.compress(body, 6))
        if link.endswith(".css"):
            wanted += [urljoin(link, found) for found in _IN_STYLE.findall(body.decode("utf-8", "replace"))]
        if link.endswith(".js"):
            imports = re.findall(r"""(?:from|import)\s*["'](\.[^"']+)""", body.decode("utf-8", "replace"))
            wanted += [urljoin(link, found) for found in imports]
    browser.close()
    return Weight(own / 1000, total / 1000)


def _fetch(port: int, path: str) -> bytes:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        if answer.status != 200:
            raise RuntimeError(f"{path} gave {answer.status}")
        return answer.read()
    finally:
        connection.close()
