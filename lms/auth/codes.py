"""One-time codes (TOTP, RFC 6238): the secret and how it is kept, the code to scan, which step a code is of.

The secret is encrypted under a key that is derived from the instance's secret key (HKDF-SHA256), with the person bound
in. So a copy of the database alone gives nobody a code. Whoever controls the server has both; the record of a signature
says so.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import cast

import pyotp
import segno
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask, current_app
from pyotp.utils import strings_equal

from config import Settings

EXTENSION = "rollcall.codes"
STEP = 30
"""Seconds."""
DRIFT = 1
"""A phone's clock may be this many steps early or late."""
DIGITS = 6
NONCE = 12


class CodeBox:
    """Seals and opens secrets with the key of one instance."""

    def __init__(self, secret_key: str) -> None:
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"rollcall one-time codes v1")
        self._cipher = AESGCM(derived.derive(secret_key.encode()))

    def seal(self, person_id: int, secret: str) -> bytes:
        """Nonce and encrypted secret."""
        nonce = secrets.token_bytes(NONCE)
        return nonce + self._cipher.encrypt(nonce, secret.encode("ascii"), _bound(person_id))

    def open(self, person_id: int, sealed: bytes) -> str | None:
        """The secret; None where it is another person's, was altered, or the instance's secret key is another one."""
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], _bound(person_id)).decode("ascii")
        except (InvalidTag, ValueError):
            return None


def _bound(person_id: int) -> bytes:
    return f"person:{person_id}".encode("ascii")


def bind(app: Flask, settings: Settings) -> None:
    """Gives the app its key; called once when it is assembled."""
    app.extensions[EXTENSION] = CodeBox(settings.secret_key)


def box() -> CodeBox:
    """The box of the running app."""
    return cast(CodeBox, current_app.extensions[EXTENSION])


def new_secret() -> str:
    """A new secret: 160 random bits in base32, as apps expect it (RFC 4226, section 4)."""
    return pyotp.random_base32(32)


def address_of(secret: str, email: str, department: str) -> str:
    """The ``otpauth:`` address that an app scans."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP).provisioning_uri(name=email, issuer_name=department)


def picture_of(address: str) -> str:
    """The address as a QR code: an SVG picture in a ``data:`` address, dark on light in every appearance."""
    made = segno.make(address, error="m", micro=False)
    return str(made.svg_data_uri(scale=5, border=4, dark="#000", light="#fff"))


def grouped(secret: str) -> str:
    """The secret in groups of four, to type."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def step_of(secret: str, code: str, now: datetime, last_step: int) -> int | None:
    """The time step that ``code`` is of; None where it is wrong, too old, or of a step used before."""
    typed = "".join(code.split())
    if len(typed) != DIGITS or not (typed.isascii() and typed.isdigit()):
        return None
    totp = pyotp.TOTP(secret, digits=DIGITS, interval=STEP)
    present = int(now.timestamp()) // STEP
    for step in range(present - DRIFT, present + DRIFT + 1):
        if step > last_step and strings_equal(totp.generate_otp(step), typed):
            return step
    return None
