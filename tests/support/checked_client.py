"""A client that reads each page as strictly as a browser and a screen reader would."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree as ET

import html5lib
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lms.db import db

_TOKEN = re.compile(r'(?<= name="csrf_token" value=")[^"<>]+(?=">)')
NS = "{http://www.w3.org/1999/xhtml}"
LABELLED = {"input", "select", "textarea"}
NEEDS_NO_LABEL = {"hidden", "submit", "button", "image", "reset"}


class CheckedClient(FlaskClient):
    """Fails on a page without a title, with a doubled id, an unlabelled field, or HTML that does not parse."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Makes the request and checks the page that came back."""
        # A request has a context and a session of its own, as on a server; what the test has pending goes first.
        db.session.commit()
        with self.application.app_context():
            response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.data and response.status_code not in {301, 302, 303, 308}:
            _check_once(_TOKEN.sub("", response.get_data(as_text=True)))
        return response

    def token(self, path: str) -> str:
        """The CSRF token of the page at ``path``."""
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get(path).get_data(as_text=True))
        assert found, f"no form at {path}"
        return found[1]

    def submit(self, path: str, data: dict[str, Any] | None = None, *, form_at: str | None = None) -> TestResponse:
        """Posts a form with the token of the page that shows it."""
        return self.post(path, data={**(data or {}), "csrf_token": self.token(form_at or path)})


@lru_cache(maxsize=512)
def _check_once(html: str) -> None:
    """Checks a page once a run that is the same but for its tokens, as the sign-in page is that most tests open."""
    check_page(html)


def check_page(html: str) -> ET.Element:
    """Parses a page and fails with everything that is wrong on it."""
    parser = html5lib.HTMLParser(strict=False)
    root = parser.parse(html)
    faults = [f"HTML: {code} at {place}" for place, code, _ in parser.errors]
    titles = root.findall(f".//{NS}head/{NS}title")
    if len(titles) != 1 or not (titles[0].text or "").strip():
        faults.append("the page has no title")
    ids = [element.get("id") for element in root.iter() if isinstance(element.tag, str) and element.get("id")]
    faults += [f"id {name!r} is used twice" for name in sorted({name for name in ids if ids.count(name) > 1})]
    parents = {child: parent for parent in root.iter() for child in parent}
    labels = {label.get("for") for label in root.iter(f"{NS}label")}
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        name = element.tag.removeprefix(NS)
        labelled = element.get("id") in labels or element.get("aria-label") or _inside_label(element, parents)
        if name in LABELLED and element.get("type") not in NEEDS_NO_LABEL and not labelled:
            faults.append(f"<{name} name={element.get('name')!r}> has no label")
        if element.get("style") or (name == "script" and not element.get("src")):
            faults.append(f"<{name}> has inline style or script, which the security policy forbids")
        described = (element.get("aria-describedby") or "").split()
        faults += [
            f"aria-describedby names {target!r}, which is not there" for target in described if target not in ids
        ]
    assert not faults, "\n".join(faults)
    return root


def _inside_label(element: ET.Element, parents: dict[ET.Element, ET.Element]) -> bool:
    while element in parents:
        element = parents[element]
        if element.tag == f"{NS}label":
            return True
    return False
