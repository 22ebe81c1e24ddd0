"""The receipt as a PDF: tagged for screen readers, archival, and the same bytes for the same receipt."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from lms.attestation.queries import Receipt
from lms.attestation.rules import METHOD_NAMES
from lms.papers import make_pdf, qr_code

SOURCE = Path(__file__).with_name("receipt.typ")
LIMITS = (
    "It proves that this text was signed, or declined, in the named person's account at the time given, and that the "
    "record has not been changed since: any change would no longer match the fingerprint above.",
    "It does not prove that the person read or understood the policy, or who held the device. A signature by password, "
    "also with a one-time code, could have been made by somebody who controls the server. One by passkey needs the "
    "passkey itself; whose passkey it is rests on its enrolment, which is a record, too.",
)


def verify_url(public_url: str, receipt: Receipt) -> str:
    """The address behind the code: record number and fingerprint, nothing personal."""
    return f"{public_url}/verify/{receipt.attestation.record_id}?leaf={receipt.leaf.hex()}"


def written(moment: datetime, zone: str) -> str:
    """A time as the receipt writes it: local, with zone, and to the second."""
    local = moment.astimezone(ZoneInfo(zone))
    half = "a.m." if local.hour < 12 else "p.m."
    return f"{local:%B} {local.day}, {local.year}, {local.hour % 12 or 12}:{local:%M:%S} {half} {local:%Z}"


def receipt_facts(receipt: Receipt, zone: str) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """The facts of a receipt in groups of (term, value, is it a code); the page and the PDF show the same."""
    row = receipt.attestation
    policy, course = row.policy_version, row.course_version
    signed = row.outcome == "signed"
    who = [
        ("Name", row.printed_name, False),
        ("Badge", row.badge, False),
        ("Signed" if signed else "Declined", written(row.attested_at, zone), False),
        ("How identified", METHOD_NAMES[row.method], False),
    ]
    if receipt.says:
        who.append(("What that shows", receipt.says, False))
    if receipt.passkey:
        who.append(("Passkey", receipt.passkey, True))
    who.append(("Training done", "on duty" if row.on_duty else "off duty", False))
    if row.reservation:
        who.append(("Question or reservation" if signed else "Reason given", row.reservation, False))
    if receipt.purpose:
        who.append(("Why the department asks, as shown", receipt.purpose, False))
    who += _witness_lines(receipt, zone)
    what = [
        ("Capstone score", f"{row.score} of {row.score_total}", False),
        ("Policy", f"revised {policy.revised_on:%m/%d/%Y}, version {policy.number}", False),
        ("Policy text (SHA-256)", _grouped(policy.sha256), True),
        ("Course", f"{course.title}, version {course.number}", False),
        ("Course content (SHA-256)", _grouped(course.sha256), True),
    ]
    where = [
        ("Record number", row.record_id, True),
        ("Place in the log", f"record {receipt.position + 1:,}", False),
        ("Fingerprint", receipt.fingerprint, True),
    ]
    if receipt.proof is not None:
        where.append(("Signed checkpoint", f"covers the first {receipt.proof.size:,} records", False))
    return [
        ("Who and when" if signed else "Who declined, and when", who),
        ("What was completed", what),
        ("Where it is kept", where),
    ]


def _witness_lines(receipt: Receipt, zone: str) -> list[tuple[str, str, bool]]:
    """Each witness named at a decline, and what that witness said."""
    lines = []
    for number, witness in enumerate(receipt.witnesses, start=1):
        stands = "has not answered yet"
        if witness.confirmed_at is not None:
            stands = f"confirmed {written(witness.confirmed_at, zone)}"
        elif witness.refused_at is not None:
            stands = f"did not see it, {written(witness.refused_at, zone)}"
        lines.append(
            (f"Witness {number}", f"{witness.person.full_name}, badge {witness.person.badge}: {stands}", False)
        )
    return lines


def _grouped(sha256: str) -> str:
    return " ".join(sha256[start : start + 8] for start in range(0, len(sha256), 8))


def title_of(receipt: Receipt) -> str:
    """The heading of a receipt."""
    if receipt.attestation.outcome == "signed":
        return "Receipt of a signed attestation"
    return "Record of a training completed, unsigned"


def summary_of(receipt: Receipt) -> str:
    """One sentence under the heading."""
    row = receipt.attestation
    if row.outcome == "signed":
        return f"{row.printed_name} signed the statement below after completing the training named under it."
    tail = "" if receipt.state == "declined" else " The two witnesses have not both confirmed yet."
    return f"{row.printed_name} completed the training named below and declined to sign the statement.{tail}"


def make_receipt_pdf(receipt: Receipt, *, department: str, public_url: str, zone: str) -> bytes:
    """The PDF of a receipt (PDF/UA-1 and PDF/A-2a); deterministic for one state of the record."""
    url = verify_url(public_url, receipt)
    local = receipt.attestation.attested_at.astimezone(ZoneInfo(zone))
    data: dict[str, Any] = {
        "title": title_of(receipt),
        "summary": summary_of(receipt),
        "department": department,
        "record_label": f"Record {receipt.attestation.record_id}",
        "year": local.year,
        "month": local.month,
        "day": local.day,
        "statement_heading": "The statement"
        if receipt.attestation.outcome == "signed"
        else "The statement, not signed",
        "statement": receipt.attestation.statement,
        "training_named": receipt.attestation.training_named,
        "parts": [
            {"heading": heading, "rows": [list(row) for row in rows]} for heading, rows in receipt_facts(receipt, zone)
        ],
        "qr": qr_code(url),
        "qr_alt": f"Code that opens {url}",
        "verify_url": url,
        "check_text": "Scan the code, or open the address. The page says whether this record is in the department's "
        "log, at the place and with the fingerprint given here. It shows nothing about the person.",
        "limits": list(LIMITS),
    }
    return make_pdf(SOURCE.read_bytes(), data, int(receipt.attestation.attested_at.timestamp()))
