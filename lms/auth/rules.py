"""Pure decisions of sign-in: how long a name is locked, which addresses are safe, what a browser is called."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

FREE_FAILURES = 5
"""The failure with this number is the first that locks."""
FIRST_LOCK = timedelta(minutes=15)
LONGEST_LOCK = timedelta(hours=1)
FORGIVEN_AFTER = timedelta(hours=24)
"""Failures are forgotten this long after the last one."""
FORGOTTEN_LINK = timedelta(hours=24)
INVITATION_LINK = timedelta(days=14)
PAUSE_BETWEEN_LINKS = timedelta(minutes=5)
"""Nobody can fill an officer's mailbox by asking again and again."""

LINK_TOPIC = "password_link"
"""The outbox topic of letters with a one-time link."""


LONGEST_LABEL = 80
ENROLMENT_LASTS = timedelta(minutes=10)
"""How long a new passkey or a new secret waits to be confirmed."""
CREDENTIAL_TOPIC = "credential"
"""The outbox topic of letters that tell a person of a change of their ways to sign."""


@dataclass(frozen=True, slots=True)
class Reauthentication:
    """A fresh proof, for one signature, that the person who signed in is still the one at the keyboard."""

    method: str
    at: datetime
    says: str
    """What the proof can and cannot show, in the words that go into the record."""
    shows: Mapping[str, str | int] = field(default_factory=dict)
    """What else goes into the record's proof: for a passkey, all that the signature can be checked with."""


METHOD_SAYS = {
    "password": (
        "The signer entered his or her password again for this act, and the server checked it against an "
        "argon2id hash. This is the weaker mode: somebody who controls the server could have impersonated the signer."
    ),
    "password_totp": (
        "The signer entered his or her password again for this act, and a one-time code from an app that was set up "
        "before. The server checked both. That is one factor more than a password. It is still the weaker mode: "
        "somebody who controls the server knows what the codes are made of and could have impersonated the signer."
    ),
    "passkey": (
        "The signer's passkey signed this very record. The private key is in the signer's device, or in the keychain "
        "that the device's maker keeps for him or her; this server does not have it and cannot make such a signature. "
        "The device said that it verified its user, by fingerprint, face or PIN. That does not show who held the "
        "device. The device does not show the text that it signs, and whose passkey it is rests on its enrolment, "
        "which is a record, too."
    ),
}
"""What each way to sign proves and cannot prove, in the words of the record, the receipt and HR's page."""


def digest(text: str) -> str:
    """The SHA-256 of a token or a name, as it is stored instead of the text."""
    return hashlib.sha256(text.encode()).hexdigest()


def sign_in_name(email: str) -> str:
    """The lock's name for guesses at the sign-in page; unknown addresses have one too."""
    return digest(f"sign-in:{email.strip().lower()}")


def reauthentication_name(person_id: int) -> str:
    """The lock's name for guesses of somebody who is signed in.

    Not the sign-in page's name: a stranger who guesses there cannot keep an officer from signing.
    """
    return digest(f"again:{person_id}")


def code_name(person_id: int) -> str:
    """The lock's name for guesses of one-time codes: a right password must not forgive them."""
    return digest(f"code:{person_id}")


def asking_name(email: str) -> str:
    """The lock's name for asking for letters; it bounds how many one mailbox gets in a day."""
    return digest(f"forgotten:{email.strip().lower()}")


def failures_now(failures: int, last_failed_at: datetime, now: datetime) -> int:
    """How many earlier failures still count."""
    return 0 if now - last_failed_at >= FORGIVEN_AFTER else failures


def lock_after(failures: int) -> timedelta | None:
    """How long failure number ``failures`` locks the name: 15 minutes at the fifth, then 30, then an hour."""
    if failures < FREE_FAILURES:
        return None
    doublings = min(failures - FREE_FAILURES, 8)
    return min(FIRST_LOCK * (1 << doublings), LONGEST_LOCK)


def minutes_left(until: datetime, now: datetime) -> int:
    """Whole minutes until a lock ends, rounded up, so that waiting that long is always enough."""
    return max(1, -int((until - now).total_seconds() // -60))


def safe_next(target: str | None) -> str | None:
    """``target`` where it is a path on this site, else None, so that sign-in cannot send people elsewhere.

    Browsers read ``//host`` and ``/\\host`` as another site and drop control characters (WHATWG URL, 4.4).
    """
    if not target or not target.startswith("/") or target.startswith("//") or len(target) > 2000:
        return None
    if "\\" in target or any(ord(char) <= 32 or ord(char) == 127 for char in target):
        return None
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    return None if parts.scheme or parts.netloc else target


_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def device_name(user_agent: str) -> str:
    """A browser as people know it ("Chrome on Windows"); a hint for the list of sessions, never evidence."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "Another browser")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), None)
    return browser if system is None else f"{browser} on {system}"
