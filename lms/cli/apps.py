"""The instance that a command works on: its settings, and its application where one is needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from flask import Flask

from config import Settings, SettingsError


def instance_of(ctx: click.Context | None = None) -> Path | None:
    """The folder given with ``--instance``; None leaves it to ``LMS_INSTANCE``."""
    return (ctx or click.get_current_context()).find_object(Path)


def load_settings(**overrides: Any) -> Settings:
    """The settings of the instance that this command is for. Raises SettingsError."""
    return Settings.load(instance=instance_of(), **overrides)


def load_ready_settings() -> Settings:
    """As ``load_settings``, of an instance that ``lms init`` has made. Raises SettingsError."""
    settings = load_settings()
    if not settings.secret_key:
        raise SettingsError(f"{settings.instance} is not set up yet. Run: lms init")
    return settings


@contextmanager
def open_app(settings: Settings | None = None, *, quiet: bool = True) -> Iterator[Flask]:
    """The application with its context; what the command has not committed is rolled back at the end.

    ``quiet`` keeps the log's lines of information out of what the command prints.
    """
    from lms import create_app
    from lms.db import db
    from lms.web import logs

    app = create_app(settings or load_ready_settings())
    if quiet:
        logs.configure(quiet=True)
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()
