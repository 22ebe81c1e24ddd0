"""Our program as it is served: its content is read before gunicorn forks, so that the processes share it."""

from __future__ import annotations

from flask import Flask

from config import Settings
from lms import create_app
from lms.catalog.queries import current_content, list_courses
from lms.db import db
from lms.policy.queries import clauses_by_ref


def make_app() -> Flask:
    """The app of the instance that the environment names."""
    return preloaded(create_app(Settings.load()))


def preloaded(app: Flask) -> Flask:
    """Reads every course and its policy, and lets go of the connections."""
    with app.app_context():
        for course in list_courses():
            clauses_by_ref(current_content(course.id).policy_version_id)
        db.session.remove()
        db.engine.dispose()
    return app
