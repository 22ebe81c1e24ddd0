"""What every answer carries, and the icon."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask

from lms.web.context import EXTENSION
from tests.support.checked_client import CheckedClient


def test_browsers_are_bound_to_https_only_where_cookies_are(app: Flask, client: CheckedClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/auth/sign-in").headers
    app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], secure_cookies=True)
    assert client.get("/auth/sign-in").headers["Strict-Transport-Security"] == "max-age=31536000"


def test_the_icon_answers_and_is_an_icon(client: CheckedClient) -> None:
    answer = client.get("/favicon.ico", buffered=True)
    assert (answer.status_code, answer.mimetype) == (200, "image/x-icon")
    assert answer.data.startswith(b"\x00\x00\x01\x00")
    assert "max-age" in answer.headers["Cache-Control"]
