"""The roots on file for time-stamping authorities: PEM files in ``authorities/`` of the sealer's folder.

A file named like the authority's host (``time.example.org.pem``) says that this authority's stamps must lead to a
root on file; without one, a stamp that leads to no root is kept and said to be not verifiable here. Any root in
the folder may confirm any stamp.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.x509 import Certificate, load_pem_x509_certificates

from lms.ledger.place import current_place
from lms.ledger.rules.stamps import StampError, Token, Worth, verify_token

FOLDER = "authorities"


@dataclass(frozen=True, slots=True)
class Authorities:
    """The certificates on file, the names that have a file, and the files that cannot be read."""

    folder: Path
    roots: tuple[Certificate, ...] = ()
    names: frozenset[str] = frozenset()
    unreadable: tuple[str, ...] = field(default=())

    def must_verify(self, authority: str) -> bool:
        """Whether this authority has a root on file under its own name."""
        return host_of(authority) in self.names

    def file_for(self, authority: str) -> Path:
        """Where this authority's root belongs."""
        return self.folder / f"{host_of(authority)}.pem"

    def verify(self, answer: bytes, note: str, authority: str) -> tuple[Token, Worth]:
        """The token, and what it is worth here. Raises StampError where it does not hold."""
        token, worth = verify_token(answer, note, self.roots)
        if worth is Worth.NO_ROOT and self.must_verify(authority):
            raise StampError(f"The time stamp does not lead to the root certificate in {self.file_for(authority)}.")
        return token, worth


def host_of(authority: str) -> str:
    """The host name in an authority's address, in small letters."""
    return (urlsplit(authority).hostname or "unknown").lower()


def load_authorities() -> Authorities:
    """The roots on file for the running application's ledger; a file that cannot be read is named, not fatal."""
    folder = current_place().folder / FOLDER
    roots, names, unreadable = list[Certificate](), set[str](), list[str]()
    for path in sorted(folder.glob("*.pem")):
        try:
            found = load_pem_x509_certificates(path.read_bytes())
        except (OSError, ValueError):
            unreadable.append(path.name)
            continue
        roots += [certificate for certificate in found if certificate not in roots]
        names.add(path.stem.lower())
    return Authorities(folder, tuple(roots), frozenset(names), tuple(unreadable))
