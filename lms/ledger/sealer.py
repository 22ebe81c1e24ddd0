"""The sealer: signs checkpoints, and remembers outside the database what it signed last.

Its folder holds the keys (see ``keyring``) and ``sealed.json`` (the last signed state). It knows no database: it is
told origin, size and root, and asks back for a consistency proof. It refuses whatever does not continue what it
signed last, because a log that was truncated, forked or restored from an old backup would otherwise get a
signature that hides it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from lms.errors import IntegrityFault
from lms.ledger.folder import locked, write_whole
from lms.ledger.keyring import Keyring
from lms.ledger.rules.notes import (
    Checkpoint,
    NoteError,
    VerifierKey,
    checkpoint_body,
    sign_note,
    verify_checkpoint,
)
from lms.ledger.rules.tree import EMPTY_ROOT, ProofError, verify_consistency

Prove = Callable[[int], Sequence[bytes]]
"""Gives the consistency proof from an older size to the size being sealed."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """The last signed state."""

    origin: str
    size: int
    root: bytes
    note: str


class Sealer:
    """The keys and the memory in one folder."""

    def __init__(self, folder: Path, passphrase: bytes | None = None) -> None:
        self.folder = folder
        self.keys = Keyring(folder, passphrase)

    def state(self) -> Sealed | None:
        """What was signed last, or None before a log was begun; IntegrityFault where the file was altered."""
        return self._read(self.folder / "sealed.json")

    def earlier(self, origin: str) -> Sealed | None:
        """What was signed last of a log that another one continues now."""
        return self._read(self.folder / _set_aside(origin))

    def _read(self, path: Path) -> Sealed | None:
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            sealed = Sealed(data["origin"], data["size"], base64.b64decode(data["root"], validate=True), data["note"])
            signed = verify_checkpoint(sealed.note, self.verifiers(), sealed.origin)
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise IntegrityFault(f"The sealer's memory {path} is damaged or was altered: {error}") from error
        if (signed.size, signed.root) != (sealed.size, sealed.root):
            raise IntegrityFault(f"The sealer's memory {path} was altered: its note says another size or root.")
        return sealed

    def verifiers(self) -> tuple[VerifierKey, ...]:
        """The public keys that this sealer has signed with, oldest first."""
        return self.keys.verifiers()

    def begin(self, origin: str, year: int, continues: str | None = None) -> Sealed:
        """Signs the empty log ``origin``, making the first key where there is none.

        A folder that sealed another log before begins a new one only if ``continues`` is that log's last
        signed note. Repeating the call before anything was sealed changes nothing.
        """
        with locked(self.folder):
            last = self.state()
            if last is not None and last.origin == origin:
                if last.size:
                    raise IntegrityFault(
                        f"The sealer has already signed {last.size} records of {origin}, and the database "
                        "has no such log. Bring the database back, or open a log of another name that "
                        "continues this one."
                    )
                return last
            if last is not None:
                if continues != last.note:
                    raise IntegrityFault(
                        f"This sealer belongs to the log {last.origin}. A new log must cite its last checkpoint."
                    )
                memory = (self.folder / "sealed.json").read_bytes()
                write_whole(self.folder / _set_aside(last.origin), memory, 0o600)
            if not self.keys.files():
                self.keys.make(year)
            self.keys.publish(origin)
            return self._sign(Checkpoint(origin, 0, EMPTY_ROOT))

    def seal(self, origin: str, size: int, root: bytes, prove: Prove) -> Sealed:
        """The signed checkpoint of this size and root; the same note again where it was signed before.

        Raises IntegrityFault, and signs nothing, where the log does not continue what was signed last.
        """
        with locked(self.folder):
            last = self.state()
            if last is None:
                raise IntegrityFault(
                    f"The sealer's memory {self.folder / 'sealed.json'} is missing, so nothing can be "
                    "signed. Bring it back from its own backup."
                )
            if last.origin != origin:
                raise IntegrityFault(f"This sealer belongs to the log {last.origin}, not to {origin}.")
            self._require_continuation(last, size, root, prove)
            return last if size == last.size else self._sign(Checkpoint(origin, size, root))

    def rotate(self, origin: str, year: int, *, again: bool = False) -> VerifierKey:
        """Makes the key of ``year`` if there is none yet, or, with ``again``, one more.

        From then on it and the key before it both sign.
        """
        with locked(self.folder):
            if again or year not in [file.year for file in self.keys.files()]:
                self.keys.make(year)
            self.keys.publish(origin)
            return self.keys.signers(origin)[0].verifier

    def revoke(self, origin: str, verifier: VerifierKey) -> None:
        """Sets a key aside for good. Raises NotFound where it is not here, Conflict where it is the only one."""
        with locked(self.folder):
            self.keys.set_aside(origin, verifier)

    def protect(self) -> list[str]:
        """Encrypts the keys that lie open, and gives their file names; see ``Keyring.protect``."""
        with locked(self.folder):
            return self.keys.protect()

    def _require_continuation(self, last: Sealed, size: int, root: bytes, prove: Prove) -> None:
        if size < last.size:
            raise IntegrityFault(
                f"The log has {size} records, but {last.size} were signed before: records are missing, or "
                "an old backup was restored. Nothing was signed."
            )
        if size == last.size and root != last.root:
            raise IntegrityFault(
                f"The log of {size} records is not the one that was signed before: its root differs. "
                "Nothing was signed."
            )
        if last.size in {0, size}:
            return
        try:
            verify_consistency(last.size, size, last.root, root, prove(last.size))
        except ProofError as error:
            raise IntegrityFault(
                f"The log of {size} records does not continue the {last.size} that were signed before: "
                f"{error} Nothing was signed."
            ) from error

    def _sign(self, checkpoint: Checkpoint) -> Sealed:
        """Signs, and remembers before anyone sees the signature."""
        note = sign_note(checkpoint_body(checkpoint), self.keys.signers(checkpoint.origin))
        sealed = Sealed(checkpoint.origin, checkpoint.size, checkpoint.root, note)
        root = base64.b64encode(sealed.root).decode()
        data = {"origin": sealed.origin, "size": sealed.size, "root": root, "note": note}
        memory = json.dumps(data, ensure_ascii=False, indent=1).encode()
        write_whole(self.folder / "sealed.json", memory, 0o600)
        return sealed


def _set_aside(origin: str) -> str:
    """The file that keeps the memory of a log that is closed."""
    return f"sealed-{sha256(origin.encode()).hexdigest()[:8]}.json"


def verify_with(folder: Path, note: str, origin: str) -> Checkpoint:
    """The checkpoint in ``note`` once the sealer's own public keys confirm it; NoteError otherwise."""
    try:
        return verify_checkpoint(note, Sealer(folder).verifiers(), origin)
    except OSError as error:
        raise NoteError(f"The sealer's public keys cannot be read: {error}") from error
