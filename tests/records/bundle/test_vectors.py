"""The verifier's own tree against the published vectors, and against the definition of RFC 6962."""

from __future__ import annotations

import base64
import json
from hashlib import sha256

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from lms.ledger.rules import notes
from tests.ledger.test_tree import vectors
from tests.records.bundle import naive
from tests.records.bundle.conftest import verify

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


def raw(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def test_every_published_inclusion_vector() -> None:
    count = 0
    for path in vectors("inclusion"):
        case = json.loads(path.read_text())
        proof = [raw(value) for value in case["proof"] or []]
        given_ = (case["leafIdx"], case["treeSize"], raw(case["leafHash"]), proof, raw(case["root"]))
        refused = False
        try:
            verify.verify_inclusion(*given_)
        except verify.Wrong:
            refused = True
        assert refused == case["wantErr"], path
        count += 1
    assert count > 90


def test_every_published_consistency_vector() -> None:
    count = 0
    for path in vectors("consistency"):
        case = json.loads(path.read_text())
        if case["size1"] == 0:
            continue  # From an empty log there is nothing to prove, and no bundle holds such a checkpoint.
        proof = [raw(value) for value in case["proof"] or []]
        refused = False
        try:
            verify.verify_consistency(case["size1"], case["size2"], raw(case["root1"]), raw(case["root2"]), proof)
        except verify.Wrong:
            refused = True
        assert refused == case["wantErr"], path
        count += 1
    assert count > 85


@given(st.integers(1, 70), st.data())
def test_the_definition_of_the_rfc(size: int, data: st.DataObject) -> None:
    leaves = [sha256(b"\x00" + str(number).encode()).digest() for number in range(size)]
    place = data.draw(st.integers(0, size - 1))
    verify.verify_inclusion(place, size, leaves[place], naive.path(place, leaves), naive.root(leaves))
    old = data.draw(st.integers(1, size))
    proof = naive.proof(old, leaves)
    verify.verify_consistency(old, size, naive.root(leaves[:old]), naive.root(leaves), proof)
    wrong = sha256(b"other").digest()
    with pytest.raises(verify.Wrong):
        verify.verify_inclusion(place, size, wrong, naive.path(place, leaves), naive.root(leaves))
    with pytest.raises(verify.Wrong):
        verify.verify_consistency(old, size, wrong, naive.root(leaves), proof)


@given(VALUES)
def test_canonical_json_is_that_of_another_library(value: object) -> None:
    try:
        expected = rfc8785.dumps(value)  # type: ignore[arg-type]
    except rfc8785.CanonicalizationError:
        return
    assert verify.canonical(value).encode() == expected


def test_notes_of_the_application_and_notes_by_hand_are_read_alike() -> None:
    signer = notes.Signer("police.example/log", KEY)
    leaves = [sha256(bytes([number])).digest() for number in range(5)]
    ours = notes.sign_note(notes.checkpoint_body(notes.Checkpoint(signer.name, 5, naive.root(leaves))), [signer])
    assert ours == naive.note(signer.name, leaves, KEY)
    read = verify.read_note(ours)
    assert (read.origin, read.size, read.root) == (signer.name, 5, naive.root(leaves))
    assert verify.read_key(str(signer.verifier)).public == KEY.public_key().public_bytes_raw()
    assert str(signer.verifier) == naive.verifier_key(signer.name, KEY)
