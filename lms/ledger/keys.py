"""The keys as people see them: their list, and the backup sheet that is kept on paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import select

from lms import clock
from lms.db import db
from lms.ledger.keyring import KeyFile, Keyring
from lms.ledger.models import LedgerSigningKey
from lms.ledger.place import current_place
from lms.ledger.queries import get_log
from lms.ledger.rules.notes import Signer, VerifierKey
from lms.ledger.rules.proofs import fingerprint
from lms.papers import make_pdf, qr_code

LINE = 70
"""Letters of a verifier key on one line of paper. Nothing invisible is put in, because people copy from here."""
SOURCE = Path(__file__).with_name("sheet.typ")


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the application's log. ``fingerprint`` is SHA-256 of the 32 public bytes, in groups of four."""

    key_id: str
    fingerprint: str
    verifier: str
    state: str
    signs: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """The backup sheet: how many keys are on it, and which private ones were left out, for they are not encrypted."""

    pdf: bytes
    public: int
    private: int
    left_out: tuple[str, ...]


def fingerprint_of(key: VerifierKey) -> str:
    """SHA-256 of the public key in groups of four, to be compared by eye or aloud."""
    return fingerprint(sha256(key.public).digest())


def list_keys() -> list[Key]:
    """Every key of the log, oldest first. Raises NotFound before the log was opened."""
    query = select(LedgerSigningKey).where(LedgerSigningKey.log_id == get_log().id).order_by(LedgerSigningKey.id)
    rows = list(db.session.scalars(query))
    in_force = [row for row in rows if row.revoked_at is None]
    signing = {row.verifier for row in in_force[-2:]}
    return [_key(row, row.verifier in signing) for row in rows]


def _key(row: LedgerSigningKey, signs: bool) -> Key:
    key = VerifierKey.parse(row.verifier)
    since = f"made {_day(row.created_at)}"
    if row.revoked_at is not None:
        state = f"{since}, revoked {_day(row.revoked_at)}: trusted no more"
    elif row.retired_at is None:
        state = f"{since}, signs"
    else:
        state = f"{since}, followed by a newer key {_day(row.retired_at)}" + ("; both sign" if signs else "")
    return Key(key.key_id.hex(), fingerprint_of(key), row.verifier, state, signs)


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"


def backup_sheet(department: str) -> Sheet:
    """The sheet for the safe: public keys with fingerprint and code, and private ones where they are encrypted.

    An open private key is never printed: whoever finds the paper could sign in the department's name.
    """
    place = current_place()
    ring = Keyring(place.folder, place.passphrase)
    files = {Signer(place.origin, ring.private(file)).verifier: file for file in ring.files()}
    keys = list_keys()
    parts = [_part(key, files.get(VerifierKey.parse(key.verifier))) for key in keys]
    left_out = tuple(file.path.name for file in files.values() if not file.encrypted)
    now = clock.now()
    data: dict[str, Any] = {"department": department, "origin": place.origin, "keys": parts, "made": _day(now)}
    data |= {"year": now.year, "month": now.month, "day": now.day}
    private = sum(1 for part in parts if part["pem"])
    return Sheet(make_pdf(SOURCE.read_bytes(), data, int(now.timestamp())), len(keys), private, left_out)


def _part(key: Key, file: KeyFile | None) -> dict[str, Any]:
    shown = file is not None and file.encrypted
    pem = file.path.read_text(encoding="ascii") if file is not None and shown else ""
    return {
        "key_id": key.key_id,
        "fingerprint": key.fingerprint,
        "verifier": key.verifier,
        "verifier_lines": [key.verifier[start : start + LINE] for start in range(0, len(key.verifier), LINE)],
        "state": key.state,
        "file": "" if file is None else file.path.name,
        "code": qr_code(key.verifier),
        "pem": pem.splitlines(),
        "pem_code": qr_code(pem) if pem else "",
    }
