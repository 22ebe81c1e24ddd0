"""The pages on a test's own database, for ``python -m gunicorn``."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask
from jinja2 import FileSystemBytecodeCache

from bench.ours import preloaded
from lms import create_app
from tests.support.databases import test_settings as settings_for

FOLDER, DATABASE = "CRASH_INSTANCE", "CRASH_DATABASE"


def make_app() -> Flask:
    """The app with content and pages in memory before the fork, so that a new web process works at once."""
    app = preloaded(create_app(settings_for(Path(os.environ[FOLDER]), os.environ[DATABASE])))
    compiled = Path(os.environ[FOLDER]) / "compiled"
    compiled.mkdir(parents=True, exist_ok=True)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(compiled))
    for name in app.jinja_env.list_templates(extensions=["html"]):
        app.jinja_env.get_template(name)
    return app
