"""Every signature by passkey, verified again from the stored record alone, as anybody with the record could.

The challenge is computed anew from the entry's own core, so an assertion over another record does not hold here. The
public key must be the one that was enrolled, for that person, when the record was appended.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Set
from typing import Any

from lms.attestation.evidence.fields import SIGNED
from lms.auth.evidence import EnrolledKey, enrolled_keys
from lms.auth.passkeys import Assertion, PasskeyError, algorithm_of, belongs, check_assertion
from lms.ledger.models import LedgerEntry
from lms.ledger.opened import Disclosed
from lms.ledger.queries import iter_disclosed
from lms.ledger.rules.entries import WINDOWED_METHOD, challenge_of, parse
from lms.ledger.verify import Fault


def check_signatures() -> Iterator[Fault]:
    """Names each signature whose proof does not hold, or is of another kind than the record says."""
    keys, disposed = enrolled_keys()
    for entry, disclosed in iter_disclosed([SIGNED], strict=False):
        if disclosed.destroyed or disclosed.proof is None:
            continue
        what = _why_not(entry, disclosed, disclosed.proof, keys, disposed)
        if what is not None:
            yield Fault(entry.record_id, entry.position, "proof", what)


def _why_not(
    entry: LedgerEntry,
    disclosed: Disclosed,
    proof: Mapping[str, Any],
    keys: Mapping[str, EnrolledKey],
    disposed: Set[str | None],
) -> str | None:
    if proof.get("method") != disclosed.get("method"):
        return "The record names another way of signing than its proof."
    if proof.get("method") != WINDOWED_METHOD:
        return None
    key = keys.get(str(proof.get("credential_id")))
    if key is None:
        if entry.subject not in disposed:
            return "It was signed with a passkey of which the ledger has no enrolment."
    elif key.subject != entry.subject:
        return f"It was signed with a passkey of {key.subject}."
    elif key.public_key != proof.get("public_key"):
        return "The passkey's public key is not the one that was enrolled."
    elif entry.id < key.since:
        return "It was signed with a passkey that was enrolled later."
    elif key.until is not None and entry.id > key.until:
        return "It was signed with a passkey that had been removed."
    return _why_not_signed(entry, proof)


def _why_not_signed(entry: LedgerEntry, proof: Mapping[str, Any]) -> str | None:
    try:
        public_key = _bytes(proof["public_key"])
        parts = ("credential_id", "client_data", "authenticator_data", "signature")
        assertion = Assertion(*(_bytes(proof[name]) for name in parts))
        rp_id, origin = str(proof["rp_id"]), str(proof["origin"])
        if algorithm_of(public_key) != proof["alg"] or not belongs(rp_id, origin):
            return "The proof contradicts itself: key and algorithm, or site and page, do not belong together."
        check_assertion(assertion, challenge_of(parse(entry.entry)), rp_id=rp_id, origin=origin, public_key=public_key)
    except PasskeyError as error:
        return f"The passkey's signature does not hold for this record: {error}"
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        return f"The proof cannot be read: {error}"
    return None


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
