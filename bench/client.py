"""A browser's part of the work, as cheap as possible: keep-alive, gzip, one cookie jar, redirects followed."""

from __future__ import annotations

import gzip
import html
import http.client
import re
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

_FIELD = re.compile(r"<input\b[^>]*>")
_ATTRIBUTE = re.compile(r'\b(name|value|type)="([^"]*)"')
_NEXT = re.compile(r'btn-next" href="([^"]+)"')
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 5
PART = {"X-Rollcall-Part": "answer"}


class Unexpected(AssertionError):
    """A page that is not the one that the flow leads to."""


@dataclass(frozen=True, slots=True)
class Page:
    """What came back in the end. ``path`` is the address after the redirects, without its host."""

    status: int
    path: str
    body: bytes
    hops: tuple[int, ...] = ()
    """The statuses of the redirects that led here."""

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    def expect(self, status: int = 200, *, path: str = "", has: str = "") -> Page:
        """This page, where it is the one that was wanted. Raises Unexpected."""
        if self.status != status or path not in self.path or (has and has not in self.text):
            raise Unexpected(f"wanted {status} at …{path}… with {has!r}; got {self.status} at {self.path}")
        return self

    def hidden(self) -> dict[str, str]:
        """The hidden fields of the page's forms; a name that comes twice is taken once."""
        return hidden_in(self.text)

    def next_link(self) -> str:
        """Where the page's one large button leads. Raises Unexpected."""
        return next_in(self.text)


def hidden_in(text: str) -> dict[str, str]:
    """The hidden fields in a page, or in a part of one."""
    fields = (dict(_ATTRIBUTE.findall(tag)) for tag in _FIELD.findall(text))
    found = {tag["name"]: tag.get("value", "") for tag in fields if tag.get("type") == "hidden" and "name" in tag}
    return {name: html.unescape(value) for name, value in found.items()}


def next_in(text: str) -> str:
    """Where the large button leads. Raises Unexpected."""
    found = _NEXT.search(text)
    if found is None:
        raise Unexpected("This has no next step.")
    return html.unescape(found[1])


@dataclass(slots=True)
class Browser:
    """One browser with one connection. ``requests`` counts what was sent, redirects included."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    requests: int = 0
    timeout: float = 30
    _connection: http.client.HTTPConnection | None = None

    def get(self, path: str) -> Page:
        """Opens a page."""
        return self._follow("GET", path, None)

    def post(self, path: str, form: dict[str, str]) -> Page:
        """Sends a form and follows the redirect."""
        return self._follow("POST", path, form)

    def post_part(self, path: str, form: dict[str, str]) -> Page:
        """Sends an answer as the page's own script does; the reply is JSON."""
        return self.send("POST", path, form, part=True)[0]

    def send(
        self, method: str, path: str, form: dict[str, str] | None = None, *, part: bool = False
    ) -> tuple[Page, str]:
        """One request and no more: the answer, and where it redirects to."""
        connection = self._connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        self._connection = connection
        headers = {"Accept-Encoding": "gzip", "User-Agent": "rollcall-bench"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers |= PART if part else {}
        body = None
        if form is not None:
            body = urlencode(form).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.requests += 1
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        if answer.headers.get("Content-Encoding") == "gzip":
            content = gzip.decompress(content)
        if answer.will_close:
            self.close()
        return Page(answer.status, path, content), answer.headers.get("Location") or ""

    def close(self) -> None:
        """Hangs up; the next request dials again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _follow(self, method: str, path: str, form: dict[str, str] | None) -> Page:
        page, target = self.send(method, path, form)
        hops: list[int] = []
        while page.status in REDIRECTS and len(hops) < MOST_REDIRECTS:
            hops.append(page.status)
            parts = urlsplit(target)
            page, target = self.send("GET", f"{parts.path}?{parts.query}" if parts.query else parts.path)
        return Page(page.status, page.path, page.body, tuple(hops))
