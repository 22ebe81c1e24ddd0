"""``lms ledger``: the ledger's own commands, and the audit that holds every feature's rows against it."""

from __future__ import annotations

import click

from lms.cli.apps import open_app


@click.group()
def ledger() -> None:
    """Verify the record of evidence, print its checkpoint."""


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
