"""The sealer: signs checkpoints, and remembers outside the database what it signed last.

Its folder holds ``key-YYYY.pem`` (private, PKCS8, mode 0600), ``verifiers.txt`` (the public halves, for those
who only check), and ``sealed.json`` (the last signed state). It knows no database: it is told origin, size
and root, and asks back for a consistency proof. It refuses whatever does not continue what it signed last,
because a log that was truncated, forked or restored from an old backup would otherwise get a signature that
hides it.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from lms.errors import IntegrityFault
from lms.ledger.rules.notes import (
    Checkpoint,
    NoteError,
    Signer,
    VerifierKey,
    checkpoint_body,
    sign_note,
    verify_checkpoint,
)
from lms.ledger.rules.tree import EMPTY_ROOT, ProofError, verify_consistency

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

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

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def state(self) -> Sealed | None:
        """What was signed last, or None before a log was begun; IntegrityFault where the file was altered."""
        path = self.folder / "sealed.json"
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
        try:
            lines = (self.folder / "verifiers.txt").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return ()
        return tuple(VerifierKey.parse(line) for line in lines if line)

    def begin(self, origin: str, year: int, continues: str | None = None) -> Sealed:
        """Signs the empty log ``origin``, making the first key where there is none.

        A folder that sealed another log before begins a new one only if ``continues`` is that log's last
        signed note. Repeating the call before anything was sealed changes nothing.
        """
        with self._locked():
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
                mark = sha256(last.origin.encode()).hexdigest()[:8]
                self._write(f"sealed-{mark}.json", (self.folder / "sealed.json").read_bytes(), 0o600)
            if not self._key_files():
                self._make_key(year)
            self._publish(origin)
            return self._sign(Checkpoint(origin, 0, EMPTY_ROOT))

    def seal(self, origin: str, size: int, root: bytes, prove: Prove) -> Sealed:
        """The signed checkpoint of this size and root; the same note again where it was signed before.

        Raises IntegrityFault, and signs nothing, where the log does not continue what was signed last.
        """
        with self._locked():
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

    def rotate(self, origin: str, year: int) -> VerifierKey:
        """Makes the key of ``year`` if there is none yet. From then on it and the key before it both sign."""
        with self._locked():
            if f"key-{year:04}.pem" not in [path.name for path in self._key_files()]:
                self._make_key(year)
            self._publish(origin)
            return self._signers(origin)[0].verifier

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
        note = sign_note(checkpoint_body(checkpoint), self._signers(checkpoint.origin))
        sealed = Sealed(checkpoint.origin, checkpoint.size, checkpoint.root, note)
        root = base64.b64encode(sealed.root).decode()
        data = {"origin": sealed.origin, "size": sealed.size, "root": root, "note": note}
        self._write("sealed.json", json.dumps(data, ensure_ascii=False, indent=1).encode(), 0o600)
        return sealed

    def _key_files(self) -> list[Path]:
        return sorted(self.folder.glob("key-[0-9][0-9][0-9][0-9].pem"))

    def _make_key(self, year: int) -> None:
        pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self._write(f"key-{year:04}.pem", pem, 0o600)

    def _signers(self, origin: str) -> list[Signer]:
        """The newest key and the one before it, newest first."""
        signers = list[Signer]()
        for path in reversed(self._key_files()[-2:]):
            key = load_pem_private_key(path.read_bytes(), password=None)
            if not isinstance(key, Ed25519PrivateKey):
                raise IntegrityFault(f"{path} is not an Ed25519 key.")
            signers.append(Signer(origin, key))
        if not signers:
            raise IntegrityFault(f"There is no signing key in {self.folder}. Bring it back from its backup.")
        return signers

    def _publish(self, origin: str) -> None:
        """Adds the public halves to ``verifiers.txt``; what stands there stays, for old checkpoints."""
        lines = [str(key) for key in self.verifiers()]
        lines += [text for signer in reversed(self._signers(origin)) if (text := str(signer.verifier)) not in lines]
        self._write("verifiers.txt", "".join(line + "\n" for line in lines).encode(), 0o644)

    def _write(self, name: str, data: bytes, mode: int) -> None:
        """Replaces a file so that a crash leaves the old one or the new one, whole and on the disk."""
        temporary = self.folder / f".{name}.{os.getpid()}.tmp"
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.folder / name)
        if sys.platform != "win32":
            folder = os.open(self.folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Only one process or thread signs at a time."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / "lock").open("a+b") as file:
            if sys.platform == "win32":
                msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
            else:
                fcntl.flock(file, fcntl.LOCK_EX)
            yield
            if sys.platform == "win32":
                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)


def verify_with(folder: Path, note: str, origin: str) -> Checkpoint:
    """The checkpoint in ``note`` once the sealer's own public keys confirm it; NoteError otherwise."""
    try:
        return verify_checkpoint(note, Sealer(folder).verifiers(), origin)
    except OSError as error:
        raise NoteError(f"The sealer's public keys cannot be read: {error}") from error
