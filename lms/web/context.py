"""The settings of the running app, for views."""

from __future__ import annotations

from datetime import date
from typing import cast

from flask import current_app, request

from config import Settings
from lms import clock

EXTENSION = "rollcall.settings"


def settings() -> Settings:
    """The settings that this app was made with."""
    return cast(Settings, current_app.extensions[EXTENSION])


def today() -> date:
    """The department's local date."""
    return clock.today(settings().timezone)


def client_ip() -> str:
    """The address that the request came from, as the server in front reports it."""
    return request.remote_addr or ""


def client_agent() -> str:
    """The browser's name for itself, cut to what is stored."""
    return (request.user_agent.string or "")[:300]
