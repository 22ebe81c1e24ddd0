"""The pages on a test's own database, for ``python -m gunicorn``."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask
from jinja2 import FileSystemBytecodeCache

from lms import create_app
from lms.cli.serving import preload
from tests.support.databases import test_settings as settings_for

FOLDER, DATABASE = "CRASH_INSTANCE", "CRASH_DATABASE"


def make_app() -> Flask:
    """The app with content and pages in memory before the fork, so that a new web process works at once."""
    app = create_app(settings_for(Path(os.environ[FOLDER]), os.environ[DATABASE]))
    compiled = Path(os.environ[FOLDER]) / "compiled"
    compiled.mkdir(parents=True, exist_ok=True)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(compiled))
    preload(app)
    return app
