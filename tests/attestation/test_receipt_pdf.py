"""The receipt as a PDF: complete, readable, tagged, and the same bytes each time."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pypdf
import pytest

from lms import clock
from lms.attestation import actions, pdf, queries
from lms.attestation.rules import Client
from lms.auth.rules import Reauthentication
from lms.db import db
from lms.ledger.actions import seal_checkpoint
from lms.papers import ZERO_WIDTH_SPACE
from tests.factories.people import make_person
from tests.factories.training import make_ready_to_sign, published_course


def receipt_of(reservation: str) -> queries.Receipt:
    published_course()
    person = make_person(given_name="Alma", family_name="Reyes")
    assignment = make_ready_to_sign(person, path="test_out")
    row = actions.sign_attestation(
        person,
        assignment.id,
        actions.prepare_sheet(assignment).shown,
        on_duty=True,
        reservation=reservation,
        reauthentication=Reauthentication("password", clock.now(), "typed again"),
        idempotency_key="0123456789abcdef0123456789abcdef",
        client=Client("127.0.0.1", "a browser", "test"),
        answer_by=date(2026, 12, 1),
    )
    db.session.commit()
    seal_checkpoint()
    db.session.commit()
    return queries.get_receipt(queries.get_attestation(row.id))


def make(receipt: queries.Receipt) -> bytes:
    return pdf.make_receipt_pdf(
        receipt, department="Portland PD", public_url="http://localhost", zone="America/New_York"
    )


def words_of(made: bytes) -> str:
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages)
    return "".join(text.replace(ZERO_WIDTH_SPACE, "").split())


@pytest.mark.parametrize("reservation", ["", "w" * 600, "Ça va? Ñandú — “yes”"])
def test_everything_that_was_signed_stands_on_the_paper(app: Any, reservation: str) -> None:
    receipt = receipt_of(reservation)
    made = make(receipt)
    words = words_of(made)
    assert "".join(reservation.split()) in words
    assert receipt.attestation.record_id in words
    assert "[U+" not in words
    assert made == make(receipt)


def test_a_sign_that_cannot_be_drawn_is_spelled_out_and_said_so(app: Any) -> None:
    words = words_of(make(receipt_of("我保留 😀")))
    assert "[U+6211]" in words
    assert "cannotdraw" in words


def test_the_proof_for_an_expert_leads_from_the_entry_to_the_signed_checkpoint(app: Any) -> None:
    from lms.ledger.rules.notes import VerifierKey, verify_checkpoint
    from lms.ledger.rules.proofs import parse_proof
    from lms.ledger.rules.tree import leaf_hash, verify_inclusion

    proof = queries.proof_of_receipt(receipt_of("A question?"))
    parsed = parse_proof(proof["inclusion_proof"])
    keys = [VerifierKey.parse(key) for key in proof["verifier_keys"]]
    checkpoint = verify_checkpoint(parsed.checkpoint, keys, "rollcall.test/log")
    leaf = leaf_hash(proof["entry"].encode())
    assert leaf.hex() == proof["leaf_sha256"]
    verify_inclusion(parsed.index, checkpoint.size, leaf, list(parsed.hashes), checkpoint.root)


def test_the_paper_is_tagged_archival_and_repeats_no_column_heads(app: Any) -> None:
    made = make(receipt_of("A question?"))
    assert b"<pdfuaid:part>1</pdfuaid:part>" in made
    assert b"<pdfaid:part>2</pdfaid:part>" in made
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in made
    words = words_of(made)
    assert "Item" not in words
    assert "Recorded" not in words
    assert "NameAlmaReyes" in words
