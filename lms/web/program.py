"""Flask's program, without what this one never needs at each request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer


class Cookies(SecureCookieSessionInterface):
    """Flask's signed cookie. What signs it depends on the secret alone, so it is made once and not at each request."""

    def __init__(self) -> None:
        self._made: tuple[object, URLSafeTimedSerializer | None] | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """As Flask makes it; made anew where the secret is another one."""
        if self._made is None or self._made[0] != app.secret_key:
            self._made = (app.secret_key, super().get_signing_serializer(app))
        return self._made[1]


class Program(Flask):
    """The app. No view and no hook of it is a coroutine."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.session_interface = Cookies()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself: Flask would ask of each hook, at each request, whether it has to be awaited."""
        return func
