"""``lms ledger``: the ledger's own commands, and the audit that holds every feature's rows against it."""

from __future__ import annotations

import os
from pathlib import Path

import click

from lms.cli.apps import load_ready_settings, open_app


@click.group()
def ledger() -> None:
    """Verify the record of evidence, say how far it is anchored, print its checkpoint."""


@ledger.command()
def verify() -> None:
    """Check every record, the tree, the checkpoints, and the rows that the records tell of."""
    with open_app():
        import lms.assessment.evidence
        import lms.attestation.evidence
        import lms.auth.evidence
        import lms.catalog.evidence
        import lms.policy.evidence
        import lms.records.evidence
        import lms.roster.evidence
        import lms.training.evidence
        from lms.ledger.cli import run_verify

        checks = (
            lms.roster.evidence.check_rows,
            lms.auth.evidence.check_rows,
            lms.policy.evidence.check_rows,
            lms.catalog.evidence.check_rows,
            lms.training.evidence.check_rows,
            lms.assessment.evidence.check_rows,
            lms.attestation.evidence.check_rows,
            lms.records.evidence.check_rows,
        )
        code = run_verify(checks)
    raise SystemExit(code)


@ledger.command()
def checkpoint() -> None:
    """Print the newest signed checkpoint."""
    from lms.errors import NotFound
    from lms.ledger.queries import newest_checkpoint

    with open_app():
        newest = newest_checkpoint()
        if newest is None:
            raise NotFound("No checkpoint has been signed yet. The worker signs one each minute.")
        click.echo(newest.note, nl=False)


@ledger.command("continue")
@click.option(
    "--reason", required=True, help="What happened, such as: restored the backup of May 3. It goes on record."
)
@click.option("--origin", help="Name of the new log. [default: the old name with the next number]")
def continue_(reason: str, origin: str | None) -> None:
    """Open a new log after an older backup was restored; its first record cites the old one.

    Stop the pages and the worker first. Only for a log that no longer continues what was signed last.
    """
    from lms.db import db
    from lms.ledger.actions import seal_checkpoint
    from lms.ledger.operating import continue_log, next_origin, open_origin
    from lms.ledger.place import Place, bind

    known = load_ready_settings()
    with open_app(known) as app:
        now_open = open_origin()
        if now_open == known.ledger_origin:
            now_open = continue_log(origin or next_origin(now_open), reason).origin
            db.session.commit()
        bind(app, Place(now_open, known.ledger_folder, known.key_passphrase))
        seal_checkpoint()
        db.session.commit()
        click.echo(f"The log {now_open} is open, and its first record cites the last signed checkpoint of the old one.")
        click.echo(_name_in_settings(known.instance, known.ledger_origin, now_open))


def _name_in_settings(instance: Path, old: str, new: str) -> str:
    """Names the new log in ``settings.env``; says what is left to do."""
    from lms.cli.setup import write_private

    path = instance / "settings.env"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    line = f"LMS_LEDGER_ORIGIN={new}"
    kept = [text for text in lines if text.partition("=")[0].strip() != "LMS_LEDGER_ORIGIN"]
    write_private(path, "\n".join([*kept, line]) + "\n")
    if os.environ.get("LMS_LEDGER_ORIGIN", new) != new:
        return f"The environment still says LMS_LEDGER_ORIGIN={old}. Change it to {new}, then start pages and worker."
    return f"{path} now says {line}. Start pages and worker again."


@ledger.command()
def status() -> None:
    """Say in plain words how much is anchored outside, and what is at risk now."""
    from lms.ledger.anchors.standing import read_standing
    from lms.ledger.cli import print_status

    settings = load_ready_settings()
    with open_app(settings):
        print_status(read_standing(settings.tsa_urls, settings.anchor_mail))


@ledger.command()
@click.option("--from", "old", type=click.IntRange(min=1), required=True, help="Size of the smaller checkpoint.")
@click.option("--to", "new", type=click.IntRange(min=1), required=True, help="Size of the larger one.")
def consistency(old: int, new: int) -> None:
    """Print the proof that the log of size NEW continues that of size OLD, for a bundle's verify.py."""
    from lms.ledger.queries import get_log, prove_consistency
    from lms.records.bundle.proving import consistency_text

    with open_app():
        proof = prove_consistency(old, new)
        click.echo(consistency_text(get_log().origin, old, new, proof.hashes))
