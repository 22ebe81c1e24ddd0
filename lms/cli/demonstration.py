"""``lms demo``: prepares the fictitious department, then runs pages and worker until Ctrl-C."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lms.cli.apps import instance_of

if TYPE_CHECKING:
    from lms.demo.accounts import Account

WAIT = 60.0
"""Seconds until the first page must have answered."""


@click.command()
@click.option(
    "--instance",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder of the demonstration. [default: that of lms --instance, or ./instance/demo]",
)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--prepare-only", is_flag=True, help="Prepare the folder and print the sign-ins; start nothing.")
@click.option("--people", default=160, hidden=True, type=click.IntRange(13, 2000))
@click.option("--years", default=3, hidden=True, type=click.IntRange(1, 8))
@click.option("--seed", default=110, hidden=True, type=int)
def demo(*, folder: Path | None, port: int, prepare_only: bool, people: int, years: int, seed: int) -> None:
    """Show a fictitious department with three years of history.

    The first run prepares the folder, which takes about a minute; later runs go on with it. Stop with Ctrl-C.
    """
    from lms.cli.serving import require_free
    from lms.demo.prepare import prepare

    folder = folder or instance_of() or Path("instance") / "demo"
    address = f"http://127.0.0.1:{port}"
    if not prepare_only:
        require_free("127.0.0.1", port)
    prepared = prepare(folder, click.echo, public_url=address, people=people, years=years, seed=seed)
    if not prepared.new:
        click.echo(f"Going on with the demonstration in {prepared.settings.instance}")
    if prepare_only:
        click.echo(sign_ins(None, prepared.accounts))
        return
    raise SystemExit(run(prepared.settings.instance, port, address, prepared.accounts))


def run(folder: Path, port: int, address: str, accounts: Sequence[Account]) -> int:
    """Starts both processes, waits for the first page, prints the sign-ins, and stays until told to stop."""
    from lms.cli.children import Children, lms_command

    own = {"LMS_INSTANCE": str(folder), "LMS_PUBLIC_URL": address}
    children = Children(folder, only=own)
    children.listen()
    children.start("pages", lms_command("serve", "--port", str(port)))
    children.start("worker", lms_command("worker"))
    if not children.wait_for(lambda: answers(address), WAIT):
        code = 0 if children.asked_to_stop else 1
        children.stop()
        if code:
            click.echo("The pages did not start. What went wrong stands above.", err=True)
        return code
    click.echo(sign_ins(address, accounts))
    return children.wait()


def answers(address: str) -> bool:
    """Whether a page comes back; any answer but a server's error counts."""
    try:
        with urllib.request.urlopen(address, timeout=2) as response:  # noqa: S310
            return bool(response.status < 500)
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def sign_ins(address: str | None, accounts: Sequence[Account]) -> str:
    """The table of sign-ins, and what each is good for."""
    rows = [("Who", "Email", "Password", "Shows"), *((a.name, a.email, a.password, a.shows) for a in accounts)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(row, [*widths, 0], strict=True)).rstrip() for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in [*widths, 36]))
    head = [] if address is None else ["", f"Rollcall is at {address}    (Ctrl-C stops it)", passkey_hint(address)]
    return "\n".join([*head, "", *lines, ""])


def passkey_hint(address: str) -> str:
    """Where passkeys can be tried: browsers allow none at an address of numbers."""
    return f"To sign with a passkey, open {address.replace('127.0.0.1', 'localhost')} instead."
