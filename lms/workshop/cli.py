"""``lms content serve``: the preview on this machine."""

from __future__ import annotations

import logging
import os
import socket
from pathlib import Path

import click
from werkzeug.serving import make_server

from lms.errors import RollcallError

HERE = ("127.0.0.1", "localhost", "::1")


@click.command()
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--port", default=8010, show_default=True, type=click.IntRange(1, 65535))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
def serve(path: Path, port: int, host: str) -> None:
    """Preview the course in PATH; pages reload when a file is saved, and faults are shown where they are."""
    from lms.workshop.app import make_app

    only_here = host in HERE
    listening = _listen(host, port)
    # One line a request and a second would bury what matters.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    app = make_app(path, only_here=only_here)
    server = make_server(host, port, app, threaded=True, fd=listening.fileno())
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"Preview of {path.as_posix()}: http://{shown}:{port}/   (Ctrl+C stops it)")
    if not only_here:
        click.echo("Everybody who can reach this machine can read the course.", err=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        click.echo("Stopped.")
    finally:
        server.server_close()
        listening.close()


def _listen(host: str, port: int) -> socket.socket:
    """Raises RollcallError where something else listens there, or where the address is not this machine's."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise RollcallError(
            f"Port {port} on {host} cannot be used ({os.strerror(error.errno or 0)}). "
            "Stop what is there, or choose another with --port."
        ) from error
