"""WebAuthn: for which site a passkey is, what a browser is asked, and whether its answer holds.

Knows no database and no request. Source: Web Authentication Level 3 (W3C), sections 5.4, 5.5, 7.1 and 7.2; the library
``webauthn`` does the checks. User verification is always required, no attestation of the device is asked for, and only
algorithms are taken that ``openssl`` can check, too: ES256, EdDSA, RS256.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from webauthn import (
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, decode_credential_public_key
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

ALGORITHMS = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
TIMEOUT = 120_000
"""Milliseconds that the browser waits for the person."""
LONGEST_ANSWER = 20_000
LONGEST_CREDENTIAL_ID = 1023
"""Bytes (WebAuthn, section 4, credential ID)."""


class PasskeyError(ValueError):
    """A browser's answer does not hold; the sentence says why, for the log."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The site that passkeys are made for: its id (a domain) and the one origin that its pages have."""

    rp_id: str
    origin: str
    name: str


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A passkey that was just made."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a passkey signed, as bytes; enough to check it again at any time."""

    credential_id: bytes
    client_data: bytes
    authenticator_data: bytes
    signature: bytes


def relying_party(public_url: str, name: str) -> RelyingParty | None:
    """The site at the department's public address; None where browsers allow no passkeys there.

    A passkey needs a domain and a secure connection. On this machine alone ``http://localhost`` counts as secure; an
    address of numbers is never a domain, so that of this machine (127.0.0.1) stands for ``localhost`` here.
    """
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        number = None
    if number is not None:
        if not number.is_loopback:
            return None
        host = "localhost"
    if not host or (parts.scheme != "https" and host != "localhost" and not host.endswith(".localhost")):
        return None
    host = host if host.isascii() else host.encode("idna").decode("ascii")
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    return RelyingParty(host, f"{parts.scheme}://{host}{port}", name)


def user_handle(log: str, person_id: int) -> bytes:
    """The person's handle in a passkey, 32 bytes that tell nothing about the person (section 5.4.3)."""
    return hashlib.sha256(f"rollcall:{log}:person:{person_id}".encode()).digest()


def registration_options(  # noqa: PLR0917 - what the browser shows of site and person
    site: RelyingParty, challenge: bytes, handle: bytes, email: str, full_name: str, known: Iterable[bytes]
) -> str:
    """JSON for ``navigator.credentials.create``; ``known`` are the passkeys that the person has already."""
    options = generate_registration_options(
        rp_id=site.rp_id,
        rp_name=site.name,
        user_id=handle,
        user_name=email,
        user_display_name=full_name,
        challenge=challenge,
        timeout=TIMEOUT,
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=credential_id) for credential_id in known],
        supported_pub_key_algs=ALGORITHMS,
    )
    return options_to_json(options)


def request_options(site: RelyingParty, challenge: bytes, known: Iterable[bytes]) -> dict[str, Any]:
    """What ``navigator.credentials.get`` is asked, as JSON data."""
    return {
        "challenge": bytes_to_base64url(challenge),
        "rpId": site.rp_id,
        "timeout": TIMEOUT,
        "userVerification": "required",
        "allowCredentials": [{"type": "public-key", "id": bytes_to_base64url(known_id)} for known_id in known],
    }


def check_registration(answer: str, site: RelyingParty, challenge: bytes) -> NewPasskey:
    """The passkey that the browser made. Raises PasskeyError."""
    try:
        made = verify_registration_response(
            credential=_read(answer),
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            require_user_verification=True,
            supported_pub_key_algs=ALGORITHMS,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError) as error:
        raise PasskeyError(str(error)) from error
    if not 0 < len(made.credential_id) <= LONGEST_CREDENTIAL_ID:
        raise PasskeyError("The passkey's id is longer than WebAuthn allows.")
    return NewPasskey(made.credential_id, made.credential_public_key, made.sign_count)


def read_assertion(answer: str) -> Assertion:
    """The parts of a browser's answer (JSON). Raises PasskeyError."""
    data = _read(answer)
    try:
        parts = data["response"]
        texts = (data["rawId"], parts["clientDataJSON"], parts["authenticatorData"], parts["signature"])
        return Assertion(*(base64url_to_bytes(text) for text in texts))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PasskeyError(f"The answer does not have the parts of a signature: {error}") from error


def check_assertion(
    assertion: Assertion, challenge: bytes, *, rp_id: str, origin: str, public_key: bytes, sign_count: int = 0
) -> int:
    """Verifies a signature over ``challenge``; gives the device's new count of signatures (0: it keeps none).

    The count must grow unless it is and stays 0: one that does not tells of a copied key. Raises PasskeyError.
    """
    credential_id = bytes_to_base64url(assertion.credential_id)
    answer = {
        "id": credential_id,
        "rawId": credential_id,
        "type": "public-key",
        "response": {
            "clientDataJSON": bytes_to_base64url(assertion.client_data),
            "authenticatorData": bytes_to_base64url(assertion.authenticator_data),
            "signature": bytes_to_base64url(assertion.signature),
        },
    }
    try:
        if json.loads(assertion.client_data).get("crossOrigin") is True:
            raise PasskeyError("The signature was made inside a page of another site.")
        return verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=rp_id,
            expected_origin=origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        ).new_sign_count
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError) as error:
        raise PasskeyError(str(error)) from error


def algorithm_of(public_key: bytes) -> int:
    """The COSE number of the key's algorithm (-7 ES256, -8 EdDSA, -257 RS256). Raises PasskeyError."""
    try:
        return int(decode_credential_public_key(public_key).alg)
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError) as error:
        raise PasskeyError("The public key cannot be read.") from error


def belongs(rp_id: str, origin: str) -> bool:
    """Whether pages of ``origin`` may use passkeys of ``rp_id``."""
    host = urlsplit(origin).hostname or ""
    return bool(rp_id) and (host == rp_id or host.endswith("." + rp_id))


def _read(answer: str) -> dict[str, Any]:
    if len(answer) > LONGEST_ANSWER:
        raise PasskeyError("The browser's answer is longer than one can be.")
    try:
        data = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise PasskeyError("The browser's answer is not JSON.") from error
    if not isinstance(data, dict):
        raise PasskeyError("The browser's answer is not an object.")
    return data
