"""``lms keys``: the keys that sign the ledger's checkpoints."""

from __future__ import annotations

from pathlib import Path

import click

from lms.cli.apps import load_ready_settings, open_app


@click.group()
def keys() -> None:
    """List, rotate, protect and revoke the ledger's signing keys; print their backup sheet."""


@keys.command("list")
def list_keys() -> None:
    """List every key of the log with its fingerprint and state."""
    from lms.ledger.keys import list_keys as listed

    with open_app():
        for key in listed():
            click.echo(f"{key.key_id}  {key.state}")
            click.echo(f"          fingerprint {key.fingerprint}")
            click.echo(f"          verifier    {key.verifier}")


@keys.command()
@click.option("--again", is_flag=True, help="Make one more key, though this year has one already.")
def rotate(again: bool) -> None:
    """Make this year's signing key. It and the key before it both sign from now on."""
    from lms.db import db
    from lms.ledger.actions import seal_checkpoint
    from lms.ledger.operating import rotate_signing_key

    with open_app():
        made = rotate_signing_key(again=again)
        db.session.commit()
        if made is None:
            click.echo("This year's key is in use already. For one more, as before a revocation: --again")
            return
        seal_checkpoint()
        db.session.commit()
        click.echo(f"New key: {made}")
        click.echo("Next: print its backup sheet with “lms keys sheet --out FILE.pdf”, and keep it off this machine.")


@keys.command()
@click.argument("key_id")
@click.option("--reason", required=True, help="Why the key is trusted no more; it goes on record.")
def revoke(key_id: str, reason: str) -> None:
    """Stop trusting the key KEY_ID, because it may be in other hands."""
    from lms.db import db
    from lms.ledger.actions import seal_checkpoint
    from lms.ledger.operating import revoke_signing_key

    with open_app():
        done = revoke_signing_key(key_id, reason)
        db.session.commit()
        seal_checkpoint()
        db.session.commit()
        click.echo(f"Revoked: {done.verifier}")
        click.echo(done.vouched_for)
        click.echo("Tell whoever holds checkpoints (HR, the union, the clerk) that this key is trusted no more.")


@keys.command()
def protect() -> None:
    """Encrypt key files that lie open, with the passphrase that is set."""
    from lms.ledger.operating import protect_signing_keys

    with open_app():
        names = protect_signing_keys()
    click.echo(f"Encrypted: {', '.join(names)}." if names else "Every key is encrypted already.")


@keys.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The PDF to write.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def sheet(out: Path, force: bool) -> None:
    """Write the backup sheet: each key's fingerprint and code, and its encrypted private half, on paper."""
    from lms.ledger.folder import write_whole
    from lms.ledger.keys import backup_sheet

    if out.exists() and not force:
        raise click.UsageError(f"{out} is there already. Choose another name, or give --force.")
    settings = load_ready_settings()
    with open_app(settings):
        made = backup_sheet(settings.department)
    write_whole(out.resolve(), made.pdf, 0o600)
    click.echo(f"{out}: {made.private} private keys, encrypted, and {made.public} public keys.")
    if made.left_out:
        click.echo(
            f"Left out, because they are not encrypted: {', '.join(made.left_out)}. "
            "Set LMS_KEY_FILE, run “lms keys protect”, and make the sheet again."
        )
