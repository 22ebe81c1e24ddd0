"""How an attestation is written as a line of the export."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from lms.attestation.models import Witness
from lms.ledger.rules.disclosures import timestamp
from lms.records.queries import ExportRow

CSV_HEADER = (
    "Record",
    "Fingerprint",
    "Outcome",
    "Printed name",
    "Badge",
    "Training",
    "Cycle",
    "Date",
    "Time (UTC)",
    "Score",
    "Questions",
    "Done on duty",
    "Method",
    "Course version",
    "Course SHA-256",
    "Policy revised",
    "Policy SHA-256",
    "Capstone record",
    "Question, reservation or reason",
    "Witnesses",
)
OUTCOMES = {"signed": "Signed", "declined": "Declined to sign"}


def export_cells(row: ExportRow, zone: str) -> tuple[str | int, ...]:
    """The cells in the order of CSV_HEADER. The date is the department's, the time UTC as on the ledger."""
    item = row.attestation
    return (
        item.record_id,
        row.fingerprint,
        OUTCOMES[item.outcome],
        item.printed_name,
        item.badge,
        item.training_named,
        item.assignment.cycle,
        item.attested_at.astimezone(ZoneInfo(zone)).date().isoformat(),
        timestamp(item.attested_at),
        item.score,
        item.score_total,
        "Yes" if item.on_duty else "No",
        item.method,
        item.course_version.number,
        item.course_version.sha256,
        item.policy_version.revised_on.isoformat(),
        item.policy_version.sha256,
        item.capstone_record_id,
        item.reservation,
        "; ".join(_witness(witness) for witness in row.witnesses),
    )


def _witness(witness: Witness) -> str:
    name = f"{witness.person.full_name} ({witness.person.badge})"
    if witness.confirmed_at is not None:
        return f"{name} confirmed"
    return f"{name} refused" if witness.refused_at is not None else f"{name} not yet"
