"""The signing keys in the sealer's folder: one a year, private files, encrypted where a passphrase is set.

``key-YYYY.pem`` is a year's key and ``key-YYYY-N.pem`` a further one of that year (PKCS8, mode 0600).
``verifiers.txt`` holds the public half of every key that ever signed, for those who only check. A key that was
revoked moves to ``revoked/`` and never signs again; its public half stays, for what it signed before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from lms.errors import Conflict, IntegrityFault, Invalid, NotFound
from lms.ledger.folder import sync_folder, write_whole
from lms.ledger.rules.notes import Signer, VerifierKey

_NAME = re.compile(r"key-(\d{4})(?:-(\d{1,3}))?\.pem")
_ENCRYPTED = b"BEGIN ENCRYPTED PRIVATE KEY"


@dataclass(frozen=True, slots=True)
class KeyFile:
    """One private key on the disk that still signs."""

    path: Path
    year: int
    number: int
    encrypted: bool


class Keyring:
    """The keys in one folder. ``passphrase`` opens those that are encrypted, and encrypts every new one."""

    def __init__(self, folder: Path, passphrase: bytes | None = None) -> None:
        self.folder = folder
        self._passphrase = passphrase

    def files(self) -> list[KeyFile]:
        """The private keys that may sign, oldest first."""
        found = list[KeyFile]()
        for path in self.folder.glob("key-*.pem"):
            match = _NAME.fullmatch(path.name)
            if match is not None:
                number = int(match[2] or 1)
                found.append(KeyFile(path, int(match[1]), number, _ENCRYPTED in path.read_bytes()))
        return sorted(found, key=lambda file: (file.year, file.number))

    def verifiers(self) -> tuple[VerifierKey, ...]:
        """The public keys that this folder has signed with, oldest first."""
        try:
            lines = (self.folder / "verifiers.txt").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return ()
        return tuple(VerifierKey.parse(line) for line in lines if line)

    def signers(self, origin: str) -> list[Signer]:
        """The newest key and the one before it, newest first. Raises IntegrityFault where there is none."""
        signers = [Signer(origin, self.private(file)) for file in reversed(self.files()[-2:])]
        if not signers:
            raise IntegrityFault(f"There is no signing key in {self.folder}. Bring it back from its backup.")
        return signers

    def private(self, file: KeyFile) -> Ed25519PrivateKey:
        """Opens a key. Raises IntegrityFault where the passphrase is missing or wrong, or the file is no such key."""
        if file.encrypted and self._passphrase is None:
            raise IntegrityFault(
                f"The signing key {file.path} is encrypted, and no passphrase is set. Set LMS_KEY_FILE or "
                "LMS_KEY_PASSPHRASE. Nothing was signed."
            )
        try:
            return _open(file.path.read_bytes(), self._passphrase if file.encrypted else None)
        except (ValueError, TypeError) as error:
            why = "The passphrase is not the one of this key" if file.encrypted else str(error)
            raise IntegrityFault(f"The signing key {file.path} cannot be opened: {why}. Nothing was signed.") from error

    def make(self, year: int) -> None:
        """Makes a key of ``year``, beside those that are there."""
        taken = [file.number for file in self.files() if file.year == year]
        taken += [int(match[2] or 1) for match in self._revoked_names() if int(match[1]) == year]
        number = max(taken, default=0) + 1
        name = f"key-{year:04}.pem" if number == 1 else f"key-{year:04}-{number}.pem"
        self._write(self.folder / name, Ed25519PrivateKey.generate())

    def publish(self, origin: str) -> None:
        """Adds the public halves to ``verifiers.txt``; what stands there stays, for old checkpoints."""
        lines = [str(key) for key in self.verifiers()]
        lines += [text for signer in reversed(self.signers(origin)) if (text := str(signer.verifier)) not in lines]
        write_whole(self.folder / "verifiers.txt", "".join(line + "\n" for line in lines).encode(), 0o644)

    def protect(self) -> list[str]:
        """Encrypts the keys that are not, and gives their file names. Raises Invalid without a passphrase."""
        if self._passphrase is None:
            raise Invalid("Set LMS_KEY_FILE or LMS_KEY_PASSPHRASE first. No key was changed.")
        plain = [file for file in self.files() if not file.encrypted]
        for file in plain:
            self._write(file.path, self.private(file))
        return [file.path.name for file in plain]

    def set_aside(self, origin: str, verifier: VerifierKey) -> None:
        """Moves the key of ``verifier`` to ``revoked/``; repeating it changes nothing.

        Raises NotFound where this folder never signed with it, and Conflict for the only key. A key whose file is
        gone is as good as set aside.
        """
        if verifier not in self.verifiers():
            raise NotFound("There is no such signing key in the folder. Look at: lms keys list")
        files = self.files()
        for file in files:
            if Signer(origin, self.private(file)).verifier == verifier:
                if len(files) == 1:
                    raise Conflict("This is the only signing key. Make another first: lms keys rotate --again")
                target = self.folder / "revoked"
                target.mkdir(mode=0o700, exist_ok=True)
                file.path.replace(target / file.path.name)
                sync_folder(target)
                sync_folder(self.folder)

    def _revoked_names(self) -> list[re.Match[str]]:
        names = (_NAME.fullmatch(path.name) for path in (self.folder / "revoked").glob("key-*.pem"))
        return [match for match in names if match is not None]

    def _write(self, path: Path, key: Ed25519PrivateKey) -> None:
        form: KeySerializationEncryption = NoEncryption()
        if self._passphrase is not None:
            form = BestAvailableEncryption(self._passphrase)
        write_whole(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, form), 0o600)


@lru_cache(maxsize=8)
def _open(pem: bytes, passphrase: bytes | None) -> Ed25519PrivateKey:
    """Opened once a process: deriving the key of an encrypted file is slow on purpose."""
    key = load_pem_private_key(pem, password=passphrase)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError("it is not an Ed25519 key")
    return key
