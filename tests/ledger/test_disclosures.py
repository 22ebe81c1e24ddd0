"""Disclosures, envelopes and entries: known answers, and what is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from lms.ledger.rules import disclosures, entries, envelope
from lms.ledger.rules.disclosures import DisclosureError, b64url, decode, disclose, timestamp
from lms.ledger.rules.entries import Entry, EntryError
from lms.ledger.rules.envelope import EnvelopeError
from lms.ledger.rules.tree import leaf_hash

SALT = bytes(range(16))
AT = datetime(2026, 3, 1, 14, 5, 6, 78, tzinfo=UTC)
RECORD = "0b0e5d5e-8f5b-4a59-9a3f-6f3f7b1f2c11"

WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)
JSON = st.recursive(
    st.none() | st.booleans() | WHOLE | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def test_the_digest_of_the_rfc_9901_example() -> None:
    encoded = "WyI2cU1RdlJMNWhhaiIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    read = decode(encoded)
    assert read.digest == "uutlBuYeMDyjLLTpf6Jxi7yNkEF35jdyWMn9U7b_RYY"
    assert (read.name, read.value) == ("family_name", "Möbius")


def test_a_disclosure_is_exactly_this_text() -> None:
    made = disclose("badge", "117", SALT)
    assert made.encoded == b64url(b'["AAECAwQFBgcICQoLDA0ODw","badge","117"]')
    assert made.digest == b64url(sha256(made.encoded.encode()).digest())


@given(JSON)
def test_what_is_disclosed_is_read_back(value: Any) -> None:
    try:
        made = disclose("field", value, SALT)
    except DisclosureError as error:
        assert "twice" in str(error)  # noqa: PT017 - two names may become one in NFC
        return
    assert decode(made.encoded) == made


def test_text_is_brought_to_nfc_in_values_and_names() -> None:
    made = disclose("x", {"Mo\u0308bius": ["e\u0301"]}, SALT)
    assert made.value == {"Möbius": ["é"]}
    with pytest.raises(DisclosureError, match="twice"):
        disclose("x", {"Mo\u0308": 1, "Mö": 2}, SALT)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (1.5, "fraction"),
        ([{"deep": 0.0}], r"x\[0\].deep is a fraction"),
        (2**53, "beyond 2"),
        (-(2**53), "beyond 2"),
        (b"bytes", "bytes"),
        (AT, "datetime"),
        ({1: 2}, "not text"),
        ("half \ud800", "half of a character"),
    ],
)
def test_what_json_cannot_carry_safely_is_refused_with_its_place(value: Any, says: str) -> None:
    with pytest.raises(DisclosureError, match=says):
        disclose("x", value, SALT)


def test_the_largest_whole_number_and_truth_survive() -> None:
    assert decode(disclose("x", [2**53 - 1, True, False, None], SALT).encoded).value == [2**53 - 1, True, False, None]


@pytest.mark.parametrize("name", ["", "_sd", "..."])
def test_reserved_names_are_refused(name: str) -> None:
    with pytest.raises(DisclosureError):
        disclose(name, 1, SALT)


def test_a_short_salt_is_refused() -> None:
    with pytest.raises(DisclosureError):
        disclose("x", 1, b"short")


@pytest.mark.parametrize(
    "text",
    [
        '["s","x",1.5]',
        '["s","x",1e3]',
        '["s","x",NaN]',
        '["s","x",9007199254740992]',
        '["s","x",123456789012345678901234567890]',
        '["s","x",{"a":1,"a":2}]',
        '["s","x"]',
        '["s","x",1,2]',
        '[1,"x",1]',
        '["s","_sd",1]',
        '{"s":1}',
        "no json",
        "[" * 100_000,
    ],
)
def test_a_text_that_is_no_disclosure_is_refused(text: str) -> None:
    with pytest.raises(DisclosureError):
        decode(b64url(text.encode()))


def test_base64url_in_another_form_is_refused() -> None:
    good = disclose("x", "ab", SALT).encoded
    for bad in (good + "=", good[:-1] + "!", good + "\n", "A", ""):
        with pytest.raises(DisclosureError):
            decode(bad)


def test_jcs_known_vector_of_rfc_8785() -> None:
    # RFC 8785, section 3.2.3: names are sorted by UTF-16 code units.
    data = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    assert list(json.loads(rfc8785.dumps(data)).values()) == [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ]
    assert (
        rfc8785.dumps({"string": '\u20ac$\u000f\nA\'B"\\\\"/'})
        == '{"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'.encode()
    )


def test_times_have_one_text() -> None:
    assert timestamp(AT) == "2026-03-01T14:05:06.000078Z"
    assert timestamp(AT.astimezone(timezone(timedelta(hours=-5)))) == timestamp(AT)
    assert entries.read_timestamp(timestamp(AT)) == AT
    assert timestamp(AT.replace(microsecond=0)).endswith("06.000000Z")
    with pytest.raises(DisclosureError):
        timestamp(AT.replace(tzinfo=None))
    for bad in ("2026-03-01T14:05:06Z", "2026-13-01T14:05:06.000000Z", "2026-03-01T14:05:06.000000+00:00"):
        with pytest.raises(EntryError):
            entries.read_timestamp(bad)


def example() -> Entry:
    digests = (disclose("b", 1, SALT).digest, disclose("a", 2, SALT).digest)
    return Entry("police.example/log", RECORD, 1, "training.completed", AT, digests, disclose("proof", {}, SALT).digest)


def test_the_canonical_entry_is_exactly_this_text() -> None:
    entry = example()
    sd = sorted(entry.digests)
    expected = (
        f'{{"core":{{"at":"2026-03-01T14:05:06.000078Z","id":"{RECORD}","kind":"training.completed",'
        f'"log":"police.example/log","schema":1,"sd":["{sd[0]}","{sd[1]}"],"v":1}},"proof_d":"{entry.proof_digest}"}}'
    )
    assert entries.canonical(entry).decode() == expected
    assert entries.leaf_of(expected) == leaf_hash(expected.encode())
    core = expected[len('{"core":') : expected.index(',"proof_d"')]
    assert entries.challenge_of(entry) == sha256(core.encode()).digest()
    read = entries.parse(expected)
    assert (read.at, set(read.digests), read.kind) == (AT, set(entry.digests), entry.kind)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('"v":1', '"v":2'),
        lambda text: text.replace('"v":1', '"v":true'),
        lambda text: text.replace('"schema":1', '"schema":"1"'),
        lambda text: text.replace('"schema":1', '"schema":1.0'),
        lambda text: text.replace("training.completed", "Training Completed"),
        lambda text: text.replace(RECORD, RECORD.upper()),
        lambda text: text.replace(".000078Z", "Z"),
        lambda text: text.replace('{"core"', '{ "core"'),
        lambda text: text.replace('"v":1}', '"v":1,"w":1}'),
        lambda text: text[:-1] + ',"extra":1}',
        lambda text: text.replace('"v":1}', '"v":1,"v":1}'),
        lambda text: text + "\n",
        lambda text: "[]",
        lambda text: "no json",
    ],
)
def test_an_entry_in_another_form_is_refused(change: Any) -> None:
    text = entries.canonical(example()).decode()
    assert change(text) != text
    with pytest.raises(EntryError):
        entries.parse(change(text))


def test_unsorted_or_repeated_digests_are_refused() -> None:
    text = entries.canonical(example()).decode()
    first, second = sorted(example().digests)
    for bad in (f'["{second}","{first}"]', f'["{first}","{first}"]', '["short"]', "[1]"):
        with pytest.raises(EntryError):
            entries.parse(text.replace(f'["{first}","{second}"]', bad))


def test_disclosures_must_be_the_ones_committed_to() -> None:
    fields = [disclose(name, name, SALT) for name in ("a", "b", "c")]
    signer = disclose("proof", {"method": "none"}, SALT)
    entry = Entry("l", RECORD, 1, "k", AT, tuple(item.digest for item in fields), signer.digest)
    assert entries.require_disclosed(entry, fields, signer) == 0
    assert entries.require_disclosed(entry, fields[:1], None) == 2
    with pytest.raises(EntryError, match="'a'"):
        entries.require_disclosed(entry, [disclose("a", "changed", SALT)], signer)
    with pytest.raises(EntryError):
        entries.require_disclosed(entry, [fields[0], fields[0]], signer)
    with pytest.raises(EntryError, match="proof"):
        entries.require_disclosed(entry, fields, disclose("proof", {"method": "password"}, SALT))
    twins = [disclose("a", 1, SALT), disclose("a", 2, SALT)]
    both = Entry("l", RECORD, 1, "k", AT, tuple(item.digest for item in twins), signer.digest)
    with pytest.raises(EntryError, match="twice"):
        entries.require_disclosed(both, twins, signer)


def test_an_envelope_opens_only_for_its_own_record_and_key() -> None:
    key, nonce = b"k" * 32, b"n" * 12
    field, signer = disclose("a", "x", SALT), disclose("proof", {}, SALT)
    sealed = envelope.close(RECORD, key, nonce, [field.encoded], signer.encoded)
    content = envelope.open_envelope(RECORD, key, nonce, sealed)
    assert (content.fields, content.proof) == ((field,), signer)
    assert field.encoded.encode() not in sealed
    other = RECORD.replace("0b0e", "0b0f")
    for arguments in (
        (other, key, nonce, sealed),
        (RECORD, b"j" * 32, nonce, sealed),
        (RECORD, key, b"m" * 12, sealed),
        (RECORD, key, nonce, bytes([sealed[0] ^ 1]) + sealed[1:]),
        (RECORD, key, nonce, sealed[:-1]),
        (RECORD, key, nonce, b""),
        (RECORD, b"short", nonce, sealed),
    ):
        with pytest.raises(EnvelopeError):
            envelope.open_envelope(*arguments)


def test_names_of_kinds_and_records() -> None:
    for kind in ("attestation.signed", "a", "roster.leave_ended"):
        entries.require_kind(kind)
    for kind in ("", "Signed", "a b", "x" * 61, "1a"):
        with pytest.raises(EntryError):
            entries.require_kind(kind)
    with pytest.raises(EntryError):
        entries.require_record_id(RECORD.replace("-", ""))
    assert disclosures.SALT_BYTES == 16
