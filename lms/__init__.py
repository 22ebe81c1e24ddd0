"""Rollcall: policy training a department can prove.

``create_app`` is the one place where the features are put together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from config import Settings, SettingsError

if TYPE_CHECKING:
    from flask import Flask

__version__ = "0.2.0"


def create_app(settings: Settings | None = None) -> Flask:
    """Makes the app for one department.

    Raises SettingsError where ``lms init`` has not yet made the instance's secret.
    """
    # Imported here, not above: whoever imports one feature (a command, a test, a rule) must not load them all.
    from flask_bootstrap import Bootstrap5
    from flask_migrate import Migrate
    from flask_wtf import CSRFProtect
    from jinja2 import StrictUndefined

    import lms.auth.session
    import lms.ledger.place
    from lms import resources
    from lms.db import db
    from lms.web import access, commit, context, errors, filters, headers, kit, limits, logs, nav
    from lms.web.addresses import RowNumber
    from lms.web.program import Program

    settings = settings or Settings.load()
    if not settings.secret_key:
        raise SettingsError(f"{settings.instance} is not set up yet. Run: lms init")
    logs.configure(quiet=settings.testing)
    app = Program("lms", template_folder=str(resources.folder("templates")), static_folder="static")
    app.config.update(flask_config(settings))
    app.url_map.converters["int"] = RowNumber
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions[context.EXTENSION] = settings
    app.extensions["rollcall.version"] = __version__

    trust_proxies(app, settings.proxies)
    db.init_app(app)
    Migrate(app, db, directory=str(resources.folder("migrations")), render_as_batch=True)
    Bootstrap5(app)
    headers.compress(app)
    for part in (headers, limits, commit):
        part.init_app(app)
    CSRFProtect(app)
    lms.auth.session.init_app(app)
    place = lms.ledger.place.Place(settings.ledger_origin, settings.ledger_folder, settings.key_passphrase)
    lms.ledger.place.bind(app, place)
    for part in (errors, filters, kit, nav):
        part.init_app(app)
    register_views(app)
    access.require_declared(app)
    return app


def trust_proxies(app: Flask, hops: int) -> None:
    """Believes the address and scheme that this many proxies in front report; none where there is no proxy."""
    from werkzeug.middleware.proxy_fix import ProxyFix

    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def register_views(app: Flask) -> None:
    """Registers every feature's pages. Nothing else imports views."""
    import lms.assessment.views
    import lms.attestation.views
    import lms.auth.views
    import lms.jobs.views
    import lms.policy.views
    import lms.records.views
    import lms.reporting.views
    import lms.schedule.views
    import lms.training.views
    import lms.web.nav
    import lms.web.views

    for blueprint in (
        lms.web.views.bp,
        lms.auth.views.bp,
        lms.policy.views.bp,
        lms.training.views.bp,
        lms.assessment.views.bp,
        lms.attestation.views.bp,
        lms.schedule.views.bp,
        lms.reporting.views.bp,
        lms.records.views.bp,
        lms.jobs.views.bp,
    ):
        app.register_blueprint(blueprint)
    lms.web.nav.add_home_notice(app, lms.attestation.views.witnessing.home_notice)


def flask_config(settings: Settings) -> dict[str, object]:
    """Flask's own configuration, from ours."""
    return {
        "SECRET_KEY": settings.secret_key,
        "TESTING": settings.testing,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(settings.database_url),
        "BOOTSTRAP_SERVE_LOCAL": True,
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_NAME": "rollcall",
        "WTF_CSRF_TIME_LIMIT": settings.session_hours * 3600,
        "MAX_CONTENT_LENGTH": 2 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
        "SEND_FILE_MAX_AGE_DEFAULT": 86400,
        "COMPRESS_ALGORITHM": ["gzip"],
        "COMPRESS_LEVEL": 4,
        "COMPRESS_STREAMS": False,
    }


def engine_options(database_url: str) -> dict[str, object]:
    """A pool for a few threads a process; connections are checked before use on a server that may restart.

    A fault of the database never carries what was to be written: it may be a letter with a one-time link.
    """
    if database_url.startswith("sqlite"):
        return {"pool_size": 8, "max_overflow": 8, "hide_parameters": True}
    return {
        "pool_size": 5,
        "max_overflow": 5,
        "pool_pre_ping": True,
        "pool_recycle": 1800,
        "hide_parameters": True,
    }
