"""``lms serve`` and ``lms worker``: the pages and the scheduled jobs, as in production."""

from __future__ import annotations

import gc
import socket
import sys
from typing import Any

import click
from flask import Flask

from config import Settings
from lms.cli.apps import load_ready_settings
from lms.errors import RollcallError

WEB_TIMEOUT = 60
SWITCH_INTERVAL = 0.0005
"""Seconds."""
LONGEST_READ_ADDRESS = 8190
"""The most that gunicorn reads of a request's first line; the application itself refuses less than that."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Web processes.")
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1, 64), help="Threads in each.")
@click.option("--with-worker", is_flag=True, help="Run the scheduled jobs beside the pages.")
def serve(host: str, port: int, workers: int, threads: int, with_worker: bool) -> None:
    """Serve the pages, with the worker beside them if asked."""
    settings = load_ready_settings()
    require_free(host, port)
    if not with_worker:
        run_pages(settings, host, port, workers, threads)
        return
    from lms.cli.children import Children, lms_command

    children = Children(settings.instance)
    children.listen()
    counts = ("--workers", str(workers), "--threads", str(threads))
    children.start("pages", lms_command("serve", "--host", host, "--port", str(port), *counts))
    children.start("worker", lms_command("worker"))
    code = children.wait()
    if code:
        click.echo("The pages or the worker ended, so both were stopped. What went wrong stands above.", err=True)
    raise SystemExit(code)


@click.command()
def worker() -> None:
    """Run the scheduled jobs; a second one waits as a standby."""
    from lms.worker import run

    run(load_ready_settings())


def require_free(host: str, port: int) -> None:
    """Raises RollcallError where something else listens there, or where the address is not this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise RollcallError(f"Port {port} needs more rights than this user has. Choose one above 1023.") from error
        except OSError as error:
            raise RollcallError(
                f"Port {port} on {host} cannot be used ({error.strerror or error}). "
                "Stop what is there, or choose another with --port."
            ) from error


def run_pages(settings: Settings, host: str, port: int, workers: int, threads: int) -> None:
    """Runs gunicorn in this process. The app is made before the fork, so that its content is in memory once."""
    from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

    app = load_app(settings)

    class Pages(BaseApplication):
        """Gunicorn with settings of our own in the place of its files and flags."""

        def load_config(self) -> None:
            for name, value in gunicorn_settings(host, port, workers, threads).items():
                self.cfg.set(name, value)

        def load(self) -> Flask:
            return app

    Pages(prog="lms serve").run()


def gunicorn_settings(host: str, port: int, workers: int, threads: int) -> dict[str, Any]:
    """Threads for the many short waits on the database; the control socket stays off, for nobody here uses it."""
    return {
        "bind": [f"[{host}]:{port}" if ":" in host else f"{host}:{port}"],
        "workers": workers,
        "threads": threads,
        "worker_class": "lms.cli.pages_worker.PagesWorker",
        "limit_request_line": LONGEST_READ_ADDRESS,
        "preload_app": True,
        "control_socket_disable": True,
        "forwarded_allow_ips": "127.0.0.1,::1",
        "timeout": WEB_TIMEOUT,
        "graceful_timeout": 20,
        "keepalive": 75,
        "worker_tmp_dir": _memory_folder(),
        "loglevel": "warning",
    }


def _memory_folder() -> str | None:
    """Where heartbeats cost no disk writes; None lets gunicorn choose."""
    from pathlib import Path

    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108


def load_app(settings: Settings) -> Flask:
    """The app with everything in memory that web processes can share; see ``preload``.

    Raises RollcallError where the database is not at the newest migration.
    """
    from lms import create_app
    from lms.cli.checks import why_not_migrated

    app = create_app(settings)
    with app.app_context():
        reason = why_not_migrated()
    if reason is not None:
        raise RollcallError(reason)
    preload(app)
    return app


def preload(app: Flask) -> None:
    """Reads published content and every page before the fork, and leaves no connection open for a fork to share."""
    from lms.catalog.queries import find_current_version, list_courses, load_content
    from lms.db import db
    from lms.policy.queries import clauses_by_ref

    with app.app_context():
        for course in list_courses():
            version = find_current_version(course.id)
            if version is not None:
                content = load_content(version.id)
                clauses_by_ref(content.policy_version_id)
        db.session.remove()
        db.engine.dispose()
    for name in app.jinja_env.list_templates(extensions=["html"]):
        app.jinja_env.get_template(name)
    prepare_process()


def prepare_process() -> None:
    """Sets this process, and those that are forked from it, up for threads that take turns at one database.

    A thread that comes back from the database may have to wait this long until another one yields (Python's default
    is 5 ms), and on SQLite whoever waits so in the middle of a transaction holds up every other writer. What is in
    memory now stays for good: the collector need not look at it again, which keeps its pages shared between processes.
    """
    sys.setswitchinterval(SWITCH_INTERVAL)
    gc.collect()
    gc.freeze()
