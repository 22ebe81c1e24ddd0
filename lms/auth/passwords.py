"""Passwords: hashing with argon2id and advice on strength. The one room of sign-in that asks which app runs.

The costs come from the settings; a hash made with others is renewed at the next sign-in. Source: RFC 9106,
and NIST SP 800-63B (length over rules of composition, no forced change, a check against known passwords).
"""

from __future__ import annotations

import base64
import secrets
import unicodedata
from collections.abc import Iterable
from threading import Lock
from typing import cast

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Flask, current_app
from zxcvbn import zxcvbn

from config import Settings

EXTENSION = "rollcall.passwords"
SHORTEST = 12
LONGEST = 256
"""Longer input is refused: it is no password, and hashing it only costs time."""
ENOUGH = 3
"""zxcvbn's score of 0 to 4 that is asked for: "safely unguessable", more than 10^8 guesses."""
_ESTIMATED = 72
"""zxcvbn refuses longer texts; what follows can only make the password harder to guess."""
_estimating = Lock()
"""zxcvbn keeps the words of the person in a global table while it works."""


class Hashing:
    """Argon2id with one app's costs."""

    def __init__(self, *, time_cost: int, memory_kib: int) -> None:
        self._hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=1)
        costs = f"m={memory_kib},t={time_cost},p=1"
        # A hash that no password is known for, so that an unknown address takes the same work from the first on.
        self._nobody = f"$argon2id$v=19${costs}${_random_text(16)}${_random_text(32)}"

    def hash(self, password: str) -> str:
        """The encoded hash to store."""
        return self._hasher.hash(normal(password))

    def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password is right. Without a stored hash the same work is done; the answer is no."""
        try:
            right = self._hasher.verify(stored or self._nobody, normal(password)[:LONGEST])
        except (VerificationError, InvalidHashError):
            return False
        return right and stored is not None

    def outdated(self, stored: str) -> bool:
        """Whether the hash was made with other costs than the settings now ask for."""
        return self._hasher.check_needs_rehash(stored)


def _random_text(size: int) -> str:
    return base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=")


def bind(app: Flask, settings: Settings) -> None:
    """Gives the app its costs; called once when it is assembled."""
    app.extensions[EXTENSION] = Hashing(time_cost=settings.password_time_cost, memory_kib=settings.password_memory_kib)


def hashing() -> Hashing:
    """The hashing of the running app."""
    return cast(Hashing, current_app.extensions[EXTENSION])


def normal(password: str) -> str:
    """NFKC, so that a letter typed on another keyboard is the same letter (NIST SP 800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def advice(password: str, about: Iterable[str]) -> str | None:
    """What to do about a password that is too easy to guess; None where it is good.

    ``about`` are words that a guesser would try first: names, badge, address, department.
    """
    password = normal(password)
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters. Four words that do not belong together are easy to keep."
    if len(password) > LONGEST:
        return f"Use at most {LONGEST} characters."
    words = [part.lower() for text in about for part in (text, *text.replace("@", " ").replace(".", " ").split())]
    with _estimating:
        found = zxcvbn(password[:_ESTIMATED], user_inputs=[word for word in words if len(word) > 2])
    if found["score"] >= ENOUGH:
        return None
    return " ".join(("This password is too easy to guess.", *_reasons(found["feedback"])))


def _reasons(feedback: dict[str, object]) -> list[str]:
    """zxcvbn's own words, as whole sentences."""
    warning = str(feedback.get("warning") or "")
    suggestions = cast(list[str], feedback.get("suggestions") or [])
    sentences = [text if text.endswith(".") else f"{text}." for text in (warning, *suggestions) if text]
    return sentences or ["Add another word or two that do not belong together."]
