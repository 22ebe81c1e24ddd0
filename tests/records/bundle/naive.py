"""A second implementation of tree and notes, written down from RFC 6962, section 2.1, and the C2SP texts as they stand.

It shares no code with the application or with the verifier, and knows no shortcut.
"""

from __future__ import annotations

import base64
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def root(leaves: list[bytes]) -> bytes:
    """MTH over leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return sha256(b"\x01" + root(leaves[:k]) + root(leaves[k:])).digest()


def split(n: int) -> int:
    """The largest power of two smaller than n."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH(m, D[n]), section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), root(leaves[k:])]
    return [*path(m - k, leaves[k:]), root(leaves[:k])]


def proof(m: int, leaves: list[bytes]) -> list[bytes]:
    """PROOF(m, D[n]), section 2.1.2."""
    return subproof(m, leaves, True)


def subproof(m: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF(m, D[n], b), section 2.1.2."""
    if m == len(leaves):
        return [] if whole else [root(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], whole), root(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), root(leaves[:k])]


def verifier_key(origin: str, key: Ed25519PrivateKey) -> str:
    """``name+hash+base64``, C2SP signed-note."""
    public = b"\x01" + key.public_key().public_bytes_raw()
    key_id = sha256(origin.encode() + b"\n" + public).digest()[:4]
    return f"{origin}+{key_id.hex()}+{base64.b64encode(public).decode()}"


def note(origin: str, leaves: list[bytes], key: Ed25519PrivateKey) -> str:
    """A signed checkpoint over these leaves."""
    body = f"{origin}\n{len(leaves)}\n{base64.b64encode(root(leaves)).decode()}\n"
    public = b"\x01" + key.public_key().public_bytes_raw()
    key_id = sha256(origin.encode() + b"\n" + public).digest()[:4]
    signed = base64.b64encode(key_id + key.sign(body.encode())).decode()
    return f"{body}\n\u2014 {origin} {signed}\n"
