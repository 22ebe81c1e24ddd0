"""Our program as ``lms serve`` makes it: its content is read before gunicorn forks, so that the processes share it."""

from __future__ import annotations

from flask import Flask

from config import Settings
from lms.cli.serving import load_app


def make_app() -> Flask:
    """The app of the instance that the environment names."""
    return load_app(Settings.load())
