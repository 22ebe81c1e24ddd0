#!/usr/bin/env python3
"""Checks a Rollcall evidence bundle without Rollcall: this file, Python 3.8 or newer, and openssl 3.0 or newer.

    python3 verify.py BUNDLE --checkpoint FILE [--checkpoint FILE] [--consistency FILE]
                             [--key VERIFIER] [--authority-ca PEM]

BUNDLE is the zip file, or the folder that it was unpacked to. What you trust comes from outside: a signed
checkpoint that HR, the union, the clerk or the officer holds (a note, a .tlog-proof file, or a receipt's JSON).

Exit codes: 0 everything holds and is proved against what you gave; 1 something is wrong, and the record and the
field are named; 2 wrong usage; 3 nothing is wrong inside, but not all of it is proved against anything from outside.

It reads no network and writes nothing but temporary files for openssl.
Forms used: RFC 8785 (canonical JSON), RFC 6962 and RFC 9162 (tree and proofs), RFC 9901 (disclosures), C2SP
signed-note, tlog-checkpoint and tlog-proof, RFC 3161 (time stamps), W3C WebAuthn and RFC 9052 (passkeys).
"""

from __future__ import annotations

import argparse
import base64
import calendar
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile
from hashlib import sha256
from typing import Any, Dict, Iterator, List, NamedTuple, NoReturn, Optional, Sequence, Set, Tuple

SKEW = 5 * 60 * 10**6
"""Microseconds by which a record's time and an outside stamp may differ."""
SIGNING_WINDOW = 5 * 60 * 10**6
"""Microseconds for which a signature by passkey may be prepared before it is appended."""
MOST_FILES = 4_000_000
LARGEST_FILE = 1 << 30
LARGEST_RATIO = 100
SLACK = 10 * 1024 * 1024
LARGEST_INTEGER = 2**53 - 1
MOST_PRINTED = 25
ED25519_SPKI = bytes.fromhex("302a300506032b6570032100")
CORE_NAMES = {"v", "log", "id", "schema", "kind", "at", "sd"}
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DIGEST = re.compile(r"[A-Za-z0-9_-]{43}")
HEX = re.compile(r"[0-9a-f]{64}")
RECORD_PATH = re.compile(r"records/([0-9]{9,})-(%s)\.json" % UUID.pattern)
SAFE_PATH = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{6})Z")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
STAMPED = re.compile(r"Time stamp: (\w{3}) +(\d+) (\d\d):(\d\d):(\d\d)(?:\.(\d+))? (\d{4}) GMT")


class Wrong(ValueError):
    """Something is not as it must be; ``field`` names the field of the record."""

    def __init__(self, what: str, field: str = "") -> None:
        super().__init__(what)
        self.field = field


BROKEN = (ValueError, KeyError, IndexError, TypeError, AttributeError)
"""What reading a file may raise that was changed to another form; Wrong is a ValueError."""


class Usage(Exception):
    """The command cannot be run as it was given."""


# ---------------------------------------------------------------------------------------- what was found


class Report:
    """The checks in their order, each with what it counted and what is wrong."""

    def __init__(self) -> None:
        self.names: List[str] = []
        self.told: Dict[str, str] = {}
        self.faults: List[Tuple[str, str]] = []
        self.open: List[Tuple[str, str]] = []

    def begin(self, name: str) -> None:
        """A check is made, even if it finds nothing to say."""
        if name not in self.told:
            self.names.append(name)
            self.told[name] = ""

    def tell(self, name: str, text: str) -> None:
        """What a check counted."""
        self.begin(name)
        self.told[name] = text

    def fault(self, name: str, where: str, what: object) -> None:
        """Something is wrong."""
        self.begin(name)
        if isinstance(what, Exception) and not isinstance(what, Wrong):
            what = "has another form than a bundle's file (%r)" % what
        self.faults.append((name, "%s: %s" % (where, what) if where else str(what)))

    def unproved(self, name: str, what: str) -> None:
        """Nothing is wrong, but nothing from outside proves it."""
        self.begin(name)
        self.open.append((name, what))

    @property
    def code(self) -> int:
        """The exit code."""
        return 1 if self.faults else 3 if self.open else 0

    def lines(self) -> Iterator[str]:
        """The table, then every fault and every open point, then the result."""
        bad = [name for name, _ in self.faults]
        unsure = {name for name, _ in self.open}
        width = max(len(name) for name in self.names)
        for name in self.names:
            mark = "WRONG " if name in bad else "OPEN  " if name in unsure else "ok    "
            told = "%d faults, named below" % bad.count(name) if name in bad else self.told[name]
            yield (mark + " " + name.ljust(width) + "  " + told).rstrip()
        yield ""
        for title, found in (("WRONG", self.faults), ("NOT PROVED", self.open)):
            for name, what in found[:MOST_PRINTED]:
                yield "%s  %s: %s" % (title, name, what)
            if len(found) > MOST_PRINTED:
                yield "%s  and %d more" % (title, len(found) - MOST_PRINTED)
        yield {
            0: "RESULT: everything holds, and is proved against what you gave from outside.",
            1: "RESULT: this bundle is NOT what it claims to be. See above.",
            3: "RESULT: nothing is wrong inside, but NOT all of it is proved against anything from outside.",
        }[self.code]


# ---------------------------------------------------------------------------------------- JSON and base64


def _refuse_number(text: str) -> NoReturn:
    raise Wrong("holds the number %s; only whole numbers below 2^53 are allowed" % text[:40])


def _whole(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > LARGEST_INTEGER:
        _refuse_number(text)
    return int(text)


def _unique(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise Wrong("an object has the same name twice")
    return value


def read_json(text: str) -> Any:
    """JSON without fractions, large numbers and repeated names."""
    try:
        return json.loads(
            text,
            parse_float=_refuse_number,
            parse_int=_whole,
            parse_constant=_refuse_number,
            object_pairs_hook=_unique,
        )
    except Wrong:
        raise
    except (ValueError, RecursionError) as error:
        raise Wrong("is not JSON (%s)" % error) from error


def canonical(value: Any) -> str:
    """RFC 8785 text of strings, whole numbers, true, false, null, lists and objects."""
    if value is None or isinstance(value, (bool, int)):
        return json.dumps(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ",".join(canonical(item) for item in value) + "]"
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(canonical(name) + ":" + canonical(value[name]) for name in names) + "}"
    raise Wrong("holds a value that has no canonical form")


def unbase64(text: str) -> bytes:
    """Base64 in its one right form."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Wrong("%r is not base64" % text[:60]) from error
    if base64.b64encode(raw).decode() != text:
        raise Wrong("%r is not in the one right form of base64" % text[:60])
    return raw


def b64url(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64url(text: Any, name: str = "") -> bytes:
    """Base64url without padding, in its one right form."""
    if not isinstance(text, str):
        raise Wrong("%s must be base64url text" % name)
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise Wrong("%s is not base64url" % name) from error
    if b64url(raw) != text:
        raise Wrong("%s is not in the one right form of base64url" % name)
    return raw


def read_time(text: Any) -> int:
    """Microseconds since 1970 of a recorded time."""
    match = TIME.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise Wrong("%r is not a time with microseconds in UTC" % (text,), "at")
    year, month, day, hour, minute, second, micro = (int(part) for part in match.groups())
    if not (1 <= month <= 12 and 1 <= day <= calendar.monthrange(year or 1, month)[1] and hour < 24):
        raise Wrong("%r is not a time" % text, "at")
    return calendar.timegm((year, month, day, hour, minute, second)) * 10**6 + micro


# ---------------------------------------------------------------------------------------- the tree


def leaf_hash(entry: bytes) -> bytes:
    """RFC 6962, section 2.1."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962, section 2.1."""
    return sha256(b"\x01" + left + right).digest()


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """RFC 9162, section 2.1.3.2."""
    if not 0 <= index < size:
        raise Wrong("position %d is not in a log of %d records" % (index, size))
    if any(len(value) != 32 for value in [leaf, root, *proof]):
        raise Wrong("a hash in the proof does not have 32 bytes")
    here, last, value = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise Wrong("the inclusion proof is too long")
        if here & 1 or here == last:
            value = node_hash(sibling, value)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            value = node_hash(value, sibling)
        here, last = here >> 1, last >> 1
    if last != 0:
        raise Wrong("the inclusion proof is too short")
    if value != root:
        raise Wrong("the record is not the one under the checkpoint: its inclusion proof leads to another root")


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """RFC 9162, section 2.1.4.2."""
    if not 0 < old <= new:
        raise Wrong("there is no consistency proof from size %d to size %d" % (old, new))
    if old == new:
        if proof or old_root != new_root:
            raise Wrong("two logs of one size are not the same")
        return
    if not proof:
        raise Wrong("the consistency proof is empty")
    if any(len(value) != 32 for value in [old_root, new_root, *proof]):
        raise Wrong("a hash in the proof does not have 32 bytes")
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    here, last = old - 1, new - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise Wrong("the consistency proof is too long")
        if here & 1 or here == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        here, last = here >> 1, last >> 1
    if last != 0:
        raise Wrong("the consistency proof is too short")
    if (first, second) != (old_root, new_root):
        raise Wrong("the larger log does not continue the smaller one")


# ---------------------------------------------------------------------------------------- notes and openssl


class Checkpoint(NamedTuple):
    """What a signed note says, and who is said to have signed it."""

    origin: str
    size: int
    root: bytes
    body: bytes
    signatures: Tuple[Tuple[str, bytes, bytes], ...]
    note: str


class Key(NamedTuple):
    """The public half of a signing key."""

    name: str
    public: bytes
    text: str

    @property
    def key_id(self) -> bytes:
        """The four bytes by which a signature line names it."""
        return sha256(self.name.encode() + b"\n\x01" + self.public).digest()[:4]


def read_key(text: str) -> Key:
    """A C2SP verifier key, ``name+hash+base64``."""
    name, _, rest = text.partition("+")
    claimed, _, encoded = rest.partition("+")
    raw = unbase64(encoded)
    if not name or raw[:1] != b"\x01" or len(raw) != 33:
        raise Wrong("%r is not an Ed25519 key" % text[:80])
    key = Key(name, raw[1:], text)
    if key.key_id.hex() != claimed:
        raise Wrong("the hash in %r does not belong to its name and key" % text[:80])
    return key


def read_note(note: str) -> Checkpoint:
    """A C2SP checkpoint in a signed note: three lines, an empty one, the signatures."""
    if not note.endswith("\n") or any(ord(letter) < 0x20 and letter != "\n" for letter in note):
        raise Wrong("is not a signed note")
    body, separator, block = note.partition("\n\n")
    lines, signed = body.split("\n"), block.split("\n")[:-1]
    if not separator or len(lines) != 3 or not signed or len(signed) > 64:
        raise Wrong("is not a checkpoint: it must have three lines, an empty one, and signatures")
    origin, size, root = lines
    if not origin or "+" in origin or any(letter.isspace() for letter in origin):
        raise Wrong("%r cannot name a log" % origin[:60])
    if not re.fullmatch(r"0|[1-9][0-9]{0,18}", size) or len(unbase64(root)) != 32:
        raise Wrong("does not name the size and the root of a log")
    signatures = []
    for line in signed:
        match = re.fullmatch("\u2014 (\\S+) (\\S+)", line)
        if match is None:
            raise Wrong("has a signature line that is not well formed")
        raw = unbase64(match.group(2))
        signatures.append((match.group(1), raw[:4], raw[4:]))
    return Checkpoint(origin, int(size), unbase64(root), (body + "\n").encode(), tuple(signatures), note)


class OpenSSL:
    """Calls the openssl program on temporary files."""

    def __init__(self, folder: str) -> None:
        found = shutil.which("openssl")
        if found is None:
            raise Usage("The program openssl is needed (version 3.0 or newer), and was not found.")
        self.program, self.folder, self.number = found, folder, 0

    def file(self, data: bytes) -> str:
        """A temporary file that holds the data."""
        self.number += 1
        path = os.path.join(self.folder, "%d.bin" % self.number)
        with open(path, "wb") as out:
            out.write(data)
        return path

    def run(self, *arguments: str) -> Tuple[bool, str]:
        """Whether openssl was content, and what it said."""
        done = subprocess.run([self.program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return done.returncode == 0, done.stdout.decode("utf-8", "replace")

    def verify(self, spki: bytes, signature: bytes, data: bytes, how: str) -> bool:
        """Whether a signature is right. ``how`` is ``raw`` for Ed25519, ``sha256`` for ECDSA and RSA."""
        key, sig, text = self.file(spki), self.file(signature), self.file(data)
        try:
            common = ["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", key, "-sigfile", sig, "-rawin"]
            return self.run(*common, "-in", text, *([] if how == "raw" else ["-digest", how]))[0]
        finally:
            for path in (key, sig, text):
                os.unlink(path)


# ---------------------------------------------------------------------------------------- the files


class Files:
    """The files of a bundle, in a zip file or in a folder; refuses whatever could do harm."""

    def __init__(self, path: str) -> None:
        self.zip: Optional[zipfile.ZipFile] = None
        self.sizes: Dict[str, int] = {}
        self.folder = path
        if os.path.isdir(path):
            self._walk(path)
        else:
            self._open(path)
        if len({name.lower() for name in self.sizes}) != len(self.sizes):
            raise Wrong("two files differ only in capital letters")

    def _take(self, name: str, size: int) -> None:
        if not SAFE_PATH.fullmatch(name):
            raise Wrong("a file is named %r, which no bundle has" % name[:100])
        if name in self.sizes:
            raise Wrong("the file %s stands in it twice" % name)
        if size > LARGEST_FILE or len(self.sizes) >= MOST_FILES:
            raise Wrong("the file %s is too large, or there are too many" % name)
        self.sizes[name] = size

    def _walk(self, root: str) -> None:
        for folder, folders, files in os.walk(root):
            for name in folders + files:
                full = os.path.join(folder, name)
                mode = os.lstat(full).st_mode
                if stat.S_ISLNK(mode) or not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
                    raise Wrong("%s is a link or no plain file" % os.path.relpath(full, root))
                if stat.S_ISREG(mode):
                    self._take(os.path.relpath(full, root).replace(os.sep, "/"), os.lstat(full).st_size)

    def _open(self, path: str) -> None:
        try:
            self.zip = zipfile.ZipFile(path)
            members = self.zip.infolist()
        except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise Wrong("cannot be read as a zip file (%s)" % error) from error
        whole = os.path.getsize(path)
        for member in members:
            kind = stat.S_IFMT(member.external_attr >> 16)
            if kind not in (0, stat.S_IFREG) or member.is_dir():
                raise Wrong("%r is a link or no plain file" % member.filename[:100])
            if member.flag_bits & 0x1 or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise Wrong("%r is packed in a way that no bundle uses" % member.filename[:100])
            self._take(member.orig_filename, member.file_size)
        packed = sum(member.compress_size for member in members)
        if packed > whole or sum(self.sizes.values()) > LARGEST_RATIO * whole + SLACK:
            raise Wrong("it would unpack to far more than it holds; it was made to do harm")

    def read(self, name: str) -> bytes:
        """The bytes of one file."""
        if name not in self.sizes:
            raise Wrong("the file is missing")
        try:
            if self.zip is None:
                with open(os.path.join(self.folder, *name.split("/")), "rb") as plain:
                    return plain.read(LARGEST_FILE + 1)
            with self.zip.open(name) as member:
                data = member.read(self.sizes[name] + 1)
        except Exception as error:  # zlib and zipfile raise many kinds
            raise Wrong("cannot be read (%s)" % error) from error
        if len(data) != self.sizes[name]:
            raise Wrong("does not have the size that the zip file says")
        return data

    def text(self, name: str) -> str:
        """One file as UTF-8 text."""
        try:
            return self.read(name).decode("utf-8")
        except UnicodeDecodeError as error:
            raise Wrong("is not UTF-8 text") from error

    def json(self, name: str, kind: type) -> Any:
        """One file as JSON of this kind."""
        value = read_json(self.text(name))
        if not isinstance(value, kind):
            raise Wrong("does not have the form of a bundle's file")
        return value

    def under(self, folder: str, ending: str) -> List[str]:
        """The files of a folder."""
        return sorted(name for name in self.sizes if name.startswith(folder) and name.endswith(ending))


# ---------------------------------------------------------------------------------------- passkeys


def read_cbor(data: bytes, at: int = 0, depth: int = 0) -> Tuple[Any, int]:
    """The few kinds of CBOR (RFC 8949) that a COSE key is made of: integers, bytes, text, maps."""
    if at >= len(data) or depth > 4:
        raise Wrong("the public key is cut off")
    major, low = data[at] >> 5, data[at] & 31
    at += 1
    if low > 26 or major not in (0, 1, 2, 3, 5):
        raise Wrong("the public key is not in the form of a COSE key")
    width = {24: 1, 25: 2, 26: 4}.get(low, 0)
    number = int.from_bytes(data[at : at + width], "big") if width else low
    at += width
    if major in (0, 1):
        return (number if major == 0 else -1 - number), at
    if major in (2, 3):
        if at + number > len(data):
            raise Wrong("the public key is cut off")
        return bytes(data[at : at + number]), at + number
    found: Dict[Any, Any] = {}
    for _ in range(min(number, 64)):
        name, at = read_cbor(data, at, depth + 1)
        found[name], at = read_cbor(data, at, depth + 1)
    return found, at


def _der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def _der_integer(raw: bytes) -> bytes:
    raw = raw.lstrip(b"\x00") or b"\x00"
    return _der(2, (b"\x00" if raw[0] & 0x80 else b"") + raw)


def spki_of_cose(raw: bytes) -> Tuple[bytes, int]:
    """SubjectPublicKeyInfo (DER) and algorithm of a COSE key (RFC 9053): ES256, EdDSA or RS256."""
    key, end = read_cbor(raw)
    if not isinstance(key, dict) or end != len(raw):
        raise Wrong("the public key is not in the form of a COSE key")
    kind, algorithm = key.get(1), key.get(3)
    x, y = key.get(-2), key.get(-3)
    point = x + y if isinstance(x, bytes) and isinstance(y, bytes) and len(x) == len(y) == 32 else b""
    if (kind, algorithm, key.get(-1)) == (2, -7, 1) and point:
        name = _der(0x30, bytes.fromhex("06072a8648ce3d020106082a8648ce3d030107"))
        return _der(0x30, name, _der(3, b"\x00\x04" + point)), -7
    if (kind, algorithm, key.get(-1)) == (1, -8, 6) and isinstance(x, bytes) and len(x) == 32:
        return ED25519_SPKI + x, -8
    modulus, exponent = key.get(-1), key.get(-2)
    if (kind, algorithm) == (3, -257) and isinstance(modulus, bytes) and isinstance(exponent, bytes):
        name = _der(0x30, bytes.fromhex("06092a864886f70d0101010500"))
        numbers = _der(0x30, _der_integer(modulus), _der_integer(exponent))
        return _der(0x30, name, _der(3, b"\x00" + numbers)), -257
    raise Wrong("the public key is of a kind that is not known here")


def verify_passkey(proof: Dict[str, Any], core: Dict[str, Any], openssl: OpenSSL) -> None:
    """That a passkey signed this record's own core, with the user verified (WebAuthn, section 7.2)."""
    client, authenticator = (unb64url(proof.get(name), name) for name in ("client_data", "authenticator_data"))
    try:
        said = read_json(client.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Wrong("what the browser signed is not text") from error
    if not isinstance(said, dict) or said.get("type") != "webauthn.get":
        raise Wrong("what the browser signed is not an assertion")
    if said.get("challenge") != b64url(sha256(canonical(core).encode()).digest()):
        raise Wrong("the passkey signed another record than this one")
    if said.get("origin") != proof.get("origin") or said.get("crossOrigin") is True:
        raise Wrong("the passkey was used on another site than the record says")
    if authenticator[:32] != sha256(str(proof.get("rp_id")).encode()).digest() or len(authenticator) < 37:
        raise Wrong("the passkey belongs to another site than the record says")
    if authenticator[32] & 0x05 != 0x05:
        raise Wrong("the passkey did not verify the user")
    spki, algorithm = spki_of_cose(unb64url(proof.get("public_key"), "public_key"))
    if proof.get("alg") != algorithm:
        raise Wrong("the record names another algorithm than the public key")
    signed = authenticator + sha256(client).digest()
    how = "raw" if algorithm == -8 else "sha256"
    if not openssl.verify(spki, unb64url(proof.get("signature"), "signature"), signed, how):
        raise Wrong("the passkey's signature is not right")


# ---------------------------------------------------------------------------------------- one record


class Record:
    """One record, read strictly; what is wrong is raised with its field."""

    def __init__(self, position: int, name: str, data: Dict[str, Any]) -> None:
        self.position, self.id = position, name
        if not {"entry", "disclosures", "proof", "withheld"} <= set(data) <= {
            "entry", "disclosures", "proof", "withheld", "destroyed_at",
        }:  # fmt: skip
            raise Wrong("the file does not have the names that a record's file has")
        self.text: str = data["entry"]
        self._read_entry()
        self.leaf = leaf_hash(self.text.encode("utf-8"))
        self.destroyed = data.get("destroyed_at") is not None
        self.withheld: List[Dict[str, Any]] = data["withheld"]
        self.fields: Dict[str, Any] = {}
        self.proof: Optional[Dict[str, Any]] = None
        self._read_fields(data)

    def _read_entry(self) -> None:
        if not isinstance(self.text, str):
            raise Wrong("must be text", "entry")
        try:
            entry = read_json(self.text)
        except Wrong as error:
            raise Wrong(str(error), "entry") from error
        if not isinstance(entry, dict) or set(entry) != {"core", "proof_d"} or not isinstance(entry["core"], dict):
            raise Wrong("must have core and proof_d, and nothing else", "entry")
        self.core: Dict[str, Any] = entry["core"]
        if set(self.core) != CORE_NAMES or canonical(entry) != self.text:
            raise Wrong("is not in the one canonical form (RFC 8785)", "entry")
        core = self.core
        if core["v"] is True or core["v"] != 1 or not isinstance(core["schema"], int):
            raise Wrong("has a version that is not known here", "v")
        if not isinstance(core["kind"], str) or not isinstance(core["log"], str):
            raise Wrong("must be text", "kind")
        if core["id"] != self.id:
            raise Wrong("is of the record %s" % core["id"], "id")
        self.at = read_time(core["at"])
        self.kind, self.log, self.proof_digest = core["kind"], core["log"], entry["proof_d"]
        listed = core["sd"]
        if not isinstance(listed, list) or not all(isinstance(d, str) and DIGEST.fullmatch(d) for d in listed):
            raise Wrong("must be a list of digests", "sd")
        if sorted(set(listed)) != listed or not isinstance(self.proof_digest, str):
            raise Wrong("must be sorted and without repetition", "sd")
        self.digests: Set[str] = set(listed)

    def _read_fields(self, data: Dict[str, Any]) -> None:
        if not isinstance(data["disclosures"], list) or not isinstance(self.withheld, list):
            raise Wrong("must be lists", "disclosures")
        left = set(self.digests)
        for encoded in data["disclosures"]:
            name, value = read_disclosure(encoded)
            digest = b64url(sha256(encoded.encode("ascii")).digest())
            if name in self.fields:
                raise Wrong("is disclosed twice", name)
            if digest not in left:
                raise Wrong("is not what the record committed to: the field was altered or is of another record", name)
            left.discard(digest)
            self.fields[name] = value
        if data["proof"] is not None:
            name, value = read_disclosure(data["proof"])
            if name != "proof" or b64url(sha256(data["proof"].encode("ascii")).digest()) != self.proof_digest:
                raise Wrong("is not what the record committed to: it was altered or is of another record", "proof")
            self.proof = value if isinstance(value, dict) else {}
        self._read_withheld(left)

    def _read_withheld(self, left: Set[str]) -> None:
        for line in self.withheld:
            if not isinstance(line, dict) or set(line) != {"name", "digest", "exemption"}:
                raise Wrong("a withheld field must have a name, a digest and an exemption", "withheld")
            if not all(isinstance(value, str) and value for value in line.values()):
                raise Wrong("a withheld field must have a name, a digest and an exemption", "withheld")
            if line["name"] == "proof" and line["digest"] == self.proof_digest and self.proof is None:
                continue
            if line["digest"] not in left:
                raise Wrong("is listed as withheld, but the record committed to no such field", line["name"])
            left.discard(line["digest"])
        if self.destroyed:
            if self.fields or self.proof is not None or self.withheld:
                raise Wrong("is given, though the content is said to be destroyed", "disclosures")
            return
        if left:
            raise Wrong("%d fields are missing and are not listed as withheld" % len(left), "disclosures")
        if self.proof is None and not any(line["name"] == "proof" for line in self.withheld):
            raise Wrong("is missing and is not listed as withheld", "proof")

    @property
    def window(self) -> int:
        """How far before the record in front of it this one may be dated."""
        return SIGNING_WINDOW if self.proof is None or self.proof.get("method") == "passkey" else 0

    @property
    def name(self) -> str:
        """How a fault names it."""
        return "record %s" % self.id


def read_disclosure(encoded: Any) -> Tuple[str, Any]:
    """Name and value of a disclosure (RFC 9901, section 4.2)."""
    raw = unb64url(encoded, "a disclosure")
    try:
        parts = read_json(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Wrong("a disclosure is not text", "disclosures") from error
    if not isinstance(parts, list) or len(parts) != 3 or not all(isinstance(part, str) for part in parts[:2]):
        raise Wrong("a disclosure must be a list of salt, name and value", "disclosures")
    return parts[1], parts[2]


# ---------------------------------------------------------------------------------------- the whole bundle

FILES, RECORDS, PROOFS, CHECKPOINTS = "files", "records", "places in the log", "checkpoints"
CONSISTENCY, CHAINS, ORDER, SIGNED = "continuity of the log", "chains of persons", "order in time", "signatures"
CONTENT, REDACTED, STAMPS, KEYS, HELD = "texts named", "withheld fields", "outside time stamps", "keys", "held outside"
COMPLETE = "nothing left out"


class Stamp(NamedTuple):
    """An outside time stamp over a checkpoint: moment in microseconds, and whether a trusted authority made it."""

    size: int
    at: int
    trusted: bool
    file: str


class Link(NamedTuple):
    """One record of a chain."""

    position: int
    record_id: str
    leaf: bytes
    kind: str


class Summary(NamedTuple):
    """What is kept of a record after it was checked."""

    id: str
    position: int
    at: int
    window: int
    leaf: bytes
    kind: str
    subject: Any
    number: Any
    previous: Any
    destroyed: bool


class Verifier:
    """Makes every check, one after the other, whatever the ones before found."""

    def __init__(self, files: Files, openssl: OpenSSL, report: Report, keys: List[Key], ca: Optional[str]) -> None:
        self.files, self.openssl, self.report, self.outside_keys, self.ca = files, openssl, report, keys, ca
        self.manifest: Dict[str, Any] = {}
        self.logs: Dict[str, Tuple[int, bytes]] = {}
        self.keys: List[Key] = []
        self.revoked: Set[str] = set()
        self.checkpoints: Dict[str, Dict[int, Checkpoint]] = {}
        self.paths: Dict[Tuple[str, int], str] = {}
        self.records: Dict[str, Dict[int, Summary]] = {}
        self.ids: Dict[str, str] = {}
        self.signed: Dict[str, List[str]] = {}
        self.redactions: List[Dict[str, Any]] = []
        self.named: Dict[str, str] = {}
        self.key_events: List[Tuple[str, Set[str], bool]] = []
        self.published: Dict[str, Dict[str, Any]] = {}
        self.passkeys: Dict[Tuple[Any, Any], Any] = {}
        self.hidden_passkeys = False
        self.stamps: Dict[str, List[Stamp]] = {}
        self.cited: List[Tuple[Record, Checkpoint]] = []
        self.kept: List[Tuple[Record, Any, Any, Any]] = []
        self.methods: Dict[str, int] = {}

    def run(self, held: List[Tuple[str, Checkpoint]], further: List[Dict[str, Any]]) -> None:
        """All checks. ``held`` are the checkpoints from outside with the names of their files."""
        self.check_files()
        for check, name in (
            (self.check_keys, KEYS),
            (self.check_checkpoints, CHECKPOINTS),
            (self.check_consistency, CONSISTENCY),
            (self.check_records, RECORDS),
            (self.check_key_events, KEYS),
            (self.check_order, ORDER),
            (self.check_chains, CHAINS),
            (self.check_selection, COMPLETE),
            (self.check_content, CONTENT),
            (self.check_redactions, REDACTED),
            (self.check_stamps, STAMPS),
        ):
            self.report.begin(name)
            try:
                check()
            except BROKEN as error:
                self.report.fault(name, "", error)
        self.check_held(held, further)

    # ------------------------------------------------------------------ files

    def check_files(self) -> None:
        """The manifest names every file with its hash, and there is no other."""
        self.report.begin(FILES)
        manifest = self.files.json("manifest.json", dict)
        digest = sha256(self.files.read("manifest.json")).hexdigest()
        if self.files.text("manifest.sha256") != "%s  manifest.json\n" % digest:
            self.report.fault(FILES, "manifest.json", "is not the file whose hash stands in manifest.sha256")
        if manifest.get("format") != "rollcall-bundle@v1" or not isinstance(manifest.get("files"), list):
            raise Wrong("manifest.json is not that of a bundle of the form rollcall-bundle@v1")
        self.manifest = manifest
        listed = {"manifest.json", "manifest.sha256"}
        for line in manifest["files"]:
            path = line["path"]
            if path in listed:
                self.report.fault(FILES, path, "is listed twice")
            listed.add(path)
            try:
                data = self.files.read(path)
                if len(data) != line["bytes"] or sha256(data).hexdigest() != line["sha256"]:
                    raise Wrong("was altered: its hash is not the one in the manifest")
            except BROKEN as error:
                self.report.fault(FILES, path, error)
        for path in sorted(set(self.files.sizes) - listed):
            self.report.fault(FILES, path, "is not listed in the manifest")
        for line in [*manifest["earlier_logs"], manifest]:
            self.logs[line["log"]] = (line["size"], unbase64(line["root"]))
        self.report.tell(FILES, "%d files, each as the manifest says" % len(listed))

    # ------------------------------------------------------------------ keys and checkpoints

    def check_keys(self) -> None:
        """The public keys, those from outside before those of the bundle."""
        for line in self.files.json("keys/history.json", list):
            key = read_key(line["verifier"])
            self.keys.append(key)
            if line["log"] != key.name:
                self.report.fault(KEYS, key.text, "is listed for another log than it names")
            if line["revoked_at"] is not None:
                self.revoked.add(key.text)
        known = {key.text for key in self.keys}
        for key in self.outside_keys:
            if key.text not in known:
                self.report.fault(KEYS, key.text, "the key that you gave is not among the keys of this log")
        told = "the %d that you gave" % len(self.outside_keys) if self.outside_keys else "those of the bundle"
        self.report.tell(KEYS, "%d known; signatures are checked with %s" % (len(self.keys), told))

    def check_signatures(self, checkpoint: Checkpoint, *, whole: bool) -> None:
        """At least one trusted key signed it, and no signature of a known key is wrong."""
        trusted = [key for key in (self.outside_keys or self.keys) if key.name == checkpoint.origin]
        good = 0
        for name, key_id, signature in checkpoint.signatures:
            for key in trusted:
                if (key.name, key.key_id) != (name, key_id):
                    continue
                if not self.openssl.verify(ED25519_SPKI + key.public, signature, checkpoint.body, "raw"):
                    raise Wrong("a signature does not fit its text")
                good += 0 if whole and key.text in self.revoked else 1
        if not good:
            raise Wrong("is not signed by any key of this log that can be trusted")

    def check_checkpoints(self) -> None:
        """Every checkpoint is signed, and no two of one size differ."""
        count = 0
        for path in self.files.under("checkpoints/", ".txt"):
            try:
                checkpoint = read_note(self.files.text(path))
                if checkpoint.origin not in self.logs:
                    raise Wrong("is of the log %s, which this bundle is not about" % checkpoint.origin)
                size, root = self.logs[checkpoint.origin]
                self.check_signatures(checkpoint, whole=checkpoint.size == size)
                if checkpoint.size > size or (checkpoint.size == size and checkpoint.root != root):
                    raise Wrong("does not fit the size and the root that the manifest says")
                if os.path.basename(path) != "%d.txt" % checkpoint.size:
                    raise Wrong("is of size %d" % checkpoint.size)
                own = self.checkpoints.setdefault(checkpoint.origin, {})
                if checkpoint.size in own:
                    raise Wrong("is a second checkpoint of its size")
                own[checkpoint.size] = checkpoint
                self.paths[checkpoint.origin, checkpoint.size] = path
                count += 1
            except BROKEN as error:
                self.report.fault(CHECKPOINTS, path, error)
        for origin, (size, _) in self.logs.items():
            if size not in self.checkpoints.get(origin, {}):
                self.report.fault(CHECKPOINTS, origin, "the checkpoint of size %d is missing" % size)
        self.report.tell(CHECKPOINTS, "%d, each signed" % count)

    def check_consistency(self) -> None:
        """Every included checkpoint continues the smaller one before it."""
        proofs = {}
        for line in self.files.json("checkpoints/consistency.json", list):
            proofs[line["log"], line["from"], line["to"]] = [unbase64(text) for text in line["hashes"]]
        for origin, own in self.checkpoints.items():
            sizes = sorted(own)
            for old, new in zip(sizes, sizes[1:]):
                try:
                    if (origin, old, new) not in proofs:
                        raise Wrong("the proof is missing")
                    verify_consistency(old, new, own[old].root, own[new].root, proofs.pop((origin, old, new)))
                except BROKEN as error:
                    self.report.fault(CONSISTENCY, "checkpoints %d and %d of %s" % (old, new, origin), error)
        for origin, old, new in proofs:
            self.report.fault(CONSISTENCY, origin, "a proof from %s to %s fits no checkpoints" % (old, new))
        self.report.tell(CONSISTENCY, "each checkpoint continues the one before it")

    # ------------------------------------------------------------------ records

    def check_records(self) -> None:
        """Each record: its text, its fields, its place under the newest checkpoint, its signature."""
        self.report.begin(PROOFS)
        self.report.begin(SIGNED)
        proofs = set(self.files.under("proofs/", ".tlog-proof"))
        paths = self.files.under("records/", "")
        for path in paths:
            match = RECORD_PATH.fullmatch(path)
            if match is None:
                self.report.fault(RECORDS, path, "is not named as a record's file is")
                continue
            name = match.group(2)
            proofs.discard("proofs/%s.tlog-proof" % name)
            try:
                record = Record(int(match.group(1)), name, self.files.json(path, dict))
                self.take(record)
            except BROKEN as error:
                field = ", field %s" % error.field if isinstance(error, Wrong) and error.field else ""
                self.report.fault(RECORDS, "record %s%s" % (name, field), error)
                continue
            self.check_place(record)
            self.check_signer(record)
        for path in sorted(proofs):
            self.report.fault(PROOFS, path, "there is no record to this proof")
        count = sum(len(own) for own in self.records.values())
        if count != self.manifest["records"] or len(paths) != count:
            self.report.fault(
                RECORDS, "", "%d records are sound, the manifest says %s" % (count, self.manifest["records"])
            )
        gone = sum(1 for own in self.records.values() for record in own.values() if record.destroyed)
        told = ", the content of %d was disposed of" % gone if gone else ""
        self.report.tell(
            RECORDS, "%d, each as its hash says, with every field shown or listed as withheld%s" % (count, told)
        )
        self.report.tell(PROOFS, "%d records proved under the newest checkpoint of their log" % count)
        methods = ", ".join("%s %d" % pair for pair in sorted(self.methods.items()))
        self.report.tell(SIGNED, methods or "none shown")

    def take(self, record: Record) -> None:
        """Remembers what later checks need of a record."""
        if record.log not in self.logs:
            raise Wrong("is of the log %s, which this bundle is not about" % record.log, "log")
        if record.id in self.ids:
            raise Wrong("stands in the bundle twice", "id")
        own = self.records.setdefault(record.log, {})
        if record.position in own:
            raise Wrong("stands at the place of the record %s" % own[record.position].id, "position")
        self.ids[record.id] = record.log
        fields = record.fields
        subject, number = fields.get("subject"), fields.get("subject_seq")
        own[record.position] = Summary(
            record.id, record.position, record.at, record.window, record.leaf, record.kind,
            subject, number, fields.get("prev_subject_leaf"), record.destroyed,
        )  # fmt: skip
        for line in record.withheld:
            told = {"record_id": record.id, "position": record.position, "log": record.log, "kind": record.kind}
            self.redactions.append({**told, **line})
        for name in ("policy_sha256", "course_sha256", "policy", "course"):
            value = fields.get(name)
            value = value.get("sha256") if isinstance(value, dict) else value
            if isinstance(value, str) and HEX.fullmatch(value):
                self.named.setdefault(value, "record %s, field %s" % (record.id, name))
        if record.kind in ("policy.version_published", "catalog.course_published"):
            self.published[record.id] = fields
        if record.kind.startswith("ledger."):
            self.take_key_event(record)
        self.take_passkey(record)

    def take_passkey(self, record: Record) -> None:
        """Which passkeys a person has from here on; ``hidden_passkeys`` is set where that is not shown."""
        whose = (record.fields.get("subject"), record.fields.get("credential_id"))
        if record.kind == "credential.passkey_enrolled":
            self.passkeys[whose] = record.fields.get("public_key")
            self.hidden_passkeys |= None in (*whose, self.passkeys[whose])
        elif record.kind == "credential.passkey_removed":
            self.passkeys.pop(whose, None)

    def take_key_event(self, record: Record) -> None:
        """What a record says of the log's keys, and of the log that it continues."""
        told = set()  # type: Set[str]
        for name in ("verifiers", "new", "verifier"):
            value = record.fields.get(name)
            told.update([value] if isinstance(value, str) else value if isinstance(value, list) else [])
        whole = not record.destroyed and not record.withheld
        if record.kind in ("ledger.opened", "ledger.key_rotated", "ledger.continued"):
            self.key_events.append((record.log, told, whole))
        kept = (record.fields.get("continued_log"), record.fields.get("kept_size"), record.fields.get("kept_root"))
        if all(kept):
            self.kept.append((record, *kept))
        cited = record.fields.get("continues")
        if isinstance(cited, str):
            self.cited.append((record, read_note(cited)))

    def check_place(self, record: Record) -> None:
        """The record's own inclusion proof, to the newest checkpoint of its log."""
        path = "proofs/%s.tlog-proof" % record.id
        try:
            head, separator, note = self.files.text(path).partition("\n\n")
            lines = head.split("\n")
            if not separator or lines[0] != "c2sp.org/tlog-proof@v1" or len(lines) < 2 or len(lines) > 66:
                raise Wrong("its proof is not in the form c2sp.org/tlog-proof@v1")
            if lines[1] != "index %d" % record.position:
                raise Wrong("its proof is for another place than %d" % record.position)
            checkpoint = read_note(note)
            size, root = self.logs[record.log]
            own = self.checkpoints.get(record.log, {}).get(size)
            if checkpoint.origin != record.log:
                raise Wrong("its proof is of the log %s: it was taken from elsewhere" % checkpoint.origin)
            if own is None or checkpoint.note != own.note:
                raise Wrong("its proof does not end at the newest checkpoint of the bundle")
            verify_inclusion(record.position, size, record.leaf, [unbase64(line) for line in lines[2:]], root)
        except BROKEN as error:
            self.report.fault(PROOFS, record.name, error)

    def check_signer(self, record: Record) -> None:
        """How the signer proved himself; a passkey's signature is checked."""
        if record.proof is None:
            return
        method = str(record.proof.get("method"))
        self.methods[method] = self.methods.get(method, 0) + 1
        if method != "passkey":
            return
        try:
            verify_passkey(record.proof, record.core, self.openssl)
            subject = record.fields.get("subject")
            enrolled = self.passkeys.get((subject, record.proof.get("credential_id")))
            if enrolled is not None and enrolled != record.proof.get("public_key"):
                raise Wrong("the passkey has another public key than the one that was enrolled")
            whole = self.manifest["selection"].get("subject") == subject and not self.hidden_passkeys
            if enrolled is None and whole and subject is not None:
                raise Wrong("no record says that this person had this passkey at that time")
        except BROKEN as error:
            self.report.fault(SIGNED, record.name + ", field proof", error)

    # ------------------------------------------------------------------ what records say together

    def check_key_events(self) -> None:
        """Every key of the bundle is named by a record of its log."""
        for key in self.keys:
            events = [event for event in self.key_events if event[0] == key.name]
            if not any(key.text in told for _, told, _ in events) and all(whole for _, _, whole in events):
                self.report.fault(KEYS, key.text, "no record of the log names this key")

    def check_order(self) -> None:
        """No record is dated before one in front of it, but for the time in which a signature may be prepared."""
        for own in self.records.values():
            latest = None  # type: Optional[Summary]
            for position in sorted(own):
                record = own[position]
                if latest is not None and record.at < latest.at - record.window:
                    what = "is dated before the record %s, which stands in front of it" % latest.id
                    self.report.fault(ORDER, "record %s, field at" % record.id, what)
                if latest is None or record.at > latest.at:
                    latest = record
        self.report.tell(ORDER, "no record is dated before one in front of it")

    def check_chains(self) -> None:
        """Every person's records are numbered without a gap, and each names the one before it."""
        chains: Dict[Tuple[str, str], List[Link]] = {}
        for path in self.files.under("chains/", ".json"):
            try:
                chain = self.files.json(path, dict)
                links = self.read_links(chain["links"])
                if (chain["log"], chain["subject"]) in chains:
                    raise Wrong("is a second chain of the same person")
                chains[chain["log"], chain["subject"]] = links
                for place, link in enumerate(links, start=1):
                    self.check_link(chain["log"], chain["subject"], place, link)
            except BROKEN as error:
                self.report.fault(CHAINS, path, error)
        for log, own in self.records.items():
            for record in own.values():
                if record.subject is not None:
                    self.check_in_chain(record, chains.get((log, record.subject), []))
        self.report.tell(CHAINS, "%d, %d records" % (len(chains), sum(len(links) for links in chains.values())))
        self.chains = chains

    def read_links(self, lines: List[Dict[str, Any]]) -> List[Link]:
        """The links, which must be numbered from 1 and stand in the order of the log."""
        links: List[Link] = []
        for number, line in enumerate(lines, start=1):
            if line["subject_seq"] != number:
                raise Wrong("number %d is missing: the chain goes on with number %s" % (number, line["subject_seq"]))
            if links and line["position"] <= links[-1].position:
                raise Wrong("number %d does not stand behind number %d in the log" % (number, number - 1))
            links.append(Link(line["position"], line["record_id"], bytes.fromhex(line["leaf"]), line["kind"]))
        return links

    def check_link(self, log: str, subject: str, number: int, link: Link) -> None:
        """A link whose record is in the bundle must be that record."""
        record = self.records.get(log, {}).get(link.position)
        if record is None:
            return
        if (record.id, record.leaf, record.kind) != (link.record_id, link.leaf, link.kind):
            raise Wrong("number %d is not the record %s that stands at its place" % (number, record.id))
        if not record.destroyed and (record.subject, record.number) != (subject, number):
            raise Wrong("the record %s does not say that it is number %d of %s" % (record.id, number, subject))

    def check_in_chain(self, record: Summary, links: List[Link]) -> None:
        """A record that names a person must stand in his chain and name the one before it."""
        where = "record %s, field " % record.id
        number = record.number
        if not isinstance(number, int) or not 1 <= number <= len(links) or links[number - 1].record_id != record.id:
            self.report.fault(
                CHAINS, where + "subject_seq", "the record is missing in the chain of %s" % record.subject
            )
            return
        before = links[number - 2].leaf.hex() if number > 1 else None
        if record.previous != before:
            what = "does not name the record before it of %s: a record was removed or put in" % record.subject
            self.report.fault(CHAINS, where + "prev_subject_leaf", what)

    def check_selection(self) -> None:
        """All records of the person are here, or all of the period."""
        asked = self.manifest["selection"]
        count = 0
        if "subject" in asked:
            for (log, subject), links in getattr(self, "chains", {}).items():
                for number, link in enumerate(links, start=1) if subject == asked["subject"] else ():
                    count += 1
                    if link.position not in self.records.get(log, {}):
                        what = "number %d of %s is not in the bundle" % (number, subject)
                        self.report.fault(COMPLETE, "record %s" % link.record_id, what)
            told = "all %d records of %s up to the checkpoint" % (count, asked["subject"])
        else:
            since, until = read_time(asked["since"]), read_time(asked["until"])
            for log, own in self.records.items():
                places = sorted(place for place in own if since <= own[place].at < until)
                count += self.check_no_gap(log, own, places[0], places[-1]) if places else 0
            told = "all %d records of the period" % count
        if count != self.manifest["selected_records"]:
            self.report.fault(COMPLETE, "", "%d records were asked for, the manifest says %s" % (
                count, self.manifest["selected_records"],
            ))  # fmt: skip
        self.report.tell(COMPLETE, told)

    def check_no_gap(self, log: str, own: Dict[int, Summary], first: int, last: int) -> int:
        """The records of a period stand side by side; gives back how many there are."""
        places = [place for place in sorted(own) if first <= place <= last]
        for place, following in zip(places, places[1:]):
            if following != place + 1:
                what = "the records from position %d of %s on are missing" % (place + 1, log)
                self.report.fault(COMPLETE, "before record %s" % own[following].id, what)
        return len(places)

    def check_content(self) -> None:
        """The texts have the hashes that the records name, and none that is named is missing."""
        here = set()
        for path in self.files.under("content/", ".json"):
            name = path[len("content/") : -len(".json")]
            if path != "content/index.json":
                if sha256(self.files.read(path)).hexdigest() != name:
                    self.report.fault(CONTENT, path, "is not the text that has this hash")
                here.add(name)
        for line in self.files.json("content/index.json", list):
            wanted = {line["sha256"]}
            names = {"sha256", "what", "version", "record_id", str(line["what"])}
            if line["what"] not in ("policy", "course") or set(line) - {"policy_sha256"} != names:
                raise Wrong("content/index.json has a line of another form")
            if line["what"] == "course" and line["sha256"] in here:
                course = self.files.json("content/%s.json" % line["sha256"], dict)
                wanted |= {part[2] for part in course["parts"]} | {course["policy"]}
            for missing in sorted(wanted - here):
                self.report.fault(
                    CONTENT, "%s, version %s" % (line["what"], line["version"]), "%s is missing" % missing
                )
            said = self.published.get(line["record_id"])
            if said is None:
                self.report.fault(CONTENT, "record %s" % line["record_id"], "that published a text is not here")
                continue
            for name in sorted(set(line) - {"what", "record_id"}):
                if said.get(name, line[name]) != line[name]:
                    where = "record %s, field %s" % (line["record_id"], name)
                    self.report.fault(CONTENT, where, "is not what content/index.json says")
        for digest, where in sorted(self.named.items()):
            if digest not in here:
                self.report.fault(CONTENT, where, "names the text %s, which is not here" % digest)
        self.report.tell(CONTENT, "%d texts, each with the hash that the records name" % len(here))

    def check_redactions(self) -> None:
        """The index names exactly the fields that are withheld."""
        lines = {canonical(line) for line in self.files.json("redactions.json", list)}
        own = {canonical(line): line for line in self.redactions}
        for text in sorted(set(own) - lines):
            where = "record %s, field %s" % (own[text]["record_id"], own[text]["name"])
            self.report.fault(REDACTED, where, "is withheld, but the index of withheld fields does not say so")
        for _ in lines - set(own):
            self.report.fault(REDACTED, "redactions.json", "names a field that is not withheld")
        if len(own) != self.manifest["withheld_fields"]:
            self.report.fault(REDACTED, "redactions.json", "the manifest counts another number of withheld fields")
        self.report.tell(REDACTED, "%d, each with an exemption" % len(own))

    # ------------------------------------------------------------------ the world outside

    def check_stamps(self) -> None:
        """Outside time stamps fit their checkpoints, and records are dated between the stamps around them."""
        mails = 0
        for line in self.files.json("anchors/index.json", list):
            if line["file"] is None:
                mails += 1
                continue
            try:
                self.read_stamp(line)
            except BROKEN as error:
                self.report.fault(STAMPS, line["file"], error)
        for log, own in self.records.items():
            stamps = self.stamps.get(log, [])
            for record in own.values() if stamps else ():
                self.check_bracket(record, stamps)
        every = [stamp for stamps in self.stamps.values() for stamp in stamps]
        trusted = sum(1 for stamp in every if stamp.trusted)
        told = "%d, %d of them by an authority whose certificate you gave" % (len(every), trusted)
        self.report.tell(STAMPS, told + (", %d letters to fixed addresses" % mails if mails else ""))

    def read_stamp(self, line: Dict[str, Any]) -> None:
        """One token: its moment, and whether it covers the checkpoint."""
        checkpoint = self.checkpoints.get(line["log"], {}).get(line["size"])
        if checkpoint is None:
            raise Wrong("is over a checkpoint that is not in the bundle")
        token = self.files.read(line["file"])
        path = self.openssl.file(token)
        # The reply's status is text that nobody signed, and openssl prints it first: read the signed token alone.
        alone = self.openssl.file(b"")
        if not self.openssl.run("ts", "-reply", "-in", path, "-token_out", "-out", alone)[0]:
            raise Wrong("is not a time stamp that openssl can read")
        match = STAMPED.search(self.openssl.run("ts", "-reply", "-in", alone, "-token_in", "-text")[1])
        if match is None or match.group(1) not in MONTHS:
            raise Wrong("is not a time stamp that openssl can read")
        day, hour, minute, second = (int(match.group(part)) for part in (2, 3, 4, 5))
        month, year = MONTHS.index(match.group(1)) + 1, int(match.group(7))
        moment = calendar.timegm((year, month, day, hour, minute, second))
        micro = int((match.group(6) or "0").ljust(6, "0")[:6])
        with open(alone, "rb") as signed:
            covers = sha256(checkpoint.note.encode()).digest() in signed.read()
        if not covers:
            raise Wrong("is a stamp over something else than the checkpoint of size %d" % line["size"])
        if self.ca is not None:
            note = self.openssl.file(checkpoint.note.encode())
            common = ["ts", "-verify", "-data", note, "-in", path, "-CAfile", self.ca, "-attime", str(moment)]
            for pem in self.files.under("anchors/authorities/", ".pem"):
                common += ["-untrusted", self.openssl.file(self.files.read(pem))]
                break
            good, said = self.openssl.run(*common)
            if not good and ("imprint" in said or "digest" in said):
                raise Wrong("is a stamp over something else than the checkpoint of size %d" % line["size"])
        trusted = self.ca is not None and good
        stamp = Stamp(line["size"], moment * 10**6 + micro, trusted, line["file"])
        self.stamps.setdefault(line["log"], []).append(stamp)

    def check_bracket(self, record: Summary, stamps: List[Stamp]) -> None:
        """A record between two stamped checkpoints must claim a time between the two stamps."""
        before = max((stamp.at for stamp in stamps if stamp.size <= record.position), default=None)
        after = min((stamp.at for stamp in stamps if stamp.size > record.position), default=None)
        if before is not None and record.at < before - SKEW - record.window:
            what = "is dated before the outside time stamp over the records in front of it: it was back-dated"
            self.report.fault(STAMPS, "record %s, field at" % record.id, what)
        if after is not None and record.at > after + SKEW:
            what = "is dated after the outside time stamp that covers it"
            self.report.fault(STAMPS, "record %s, field at" % record.id, what)

    def check_held(self, held: List[Tuple[str, Checkpoint]], further: List[Dict[str, Any]]) -> None:
        """The bundle against what the reader holds; says how far that reaches."""
        self.report.begin(HELD)
        reach = dict.fromkeys(self.logs, 0)
        for name, checkpoint in held:
            try:
                reached = self.reach_of(checkpoint, further, cited=False)
                reach[checkpoint.origin] = max(reach.get(checkpoint.origin, 0), reached)
            except BROKEN as error:
                self.report.fault(HELD, name, error)
        for log, stamps in self.stamps.items():
            reach[log] = max([reach.get(log, 0), *(stamp.size for stamp in stamps if stamp.trusted)])
        self.check_cited(reach, further)
        self.check_kept(reach)
        if not held and not any(reach.values()):
            self.report.unproved(HELD, "no checkpoint was given from outside (--checkpoint FILE), so that somebody who "
                                       "has the log's signing key could have made all of this up")  # fmt: skip
        left = [
            (record.position, record.id, log)
            for log, own in self.records.items()
            for record in own.values()
            if record.position >= reach.get(log, 0)
        ]
        count = sum(len(own) for own in self.records.values())
        self.report.tell(HELD, "%d given; %d of %d records are under them" % (len(held), count - len(left), count))
        if left and (held or any(reach.values())):
            position, name, log = min(left)
            what = "%d records come after what you hold; the first is record %s at position %d of %s"
            self.report.unproved(HELD, what % (len(left), name, position, log))

    def check_cited(self, reach: Dict[str, int], further: List[Dict[str, Any]]) -> None:
        """A log that continues another one cites its last checkpoint; that holds as far as the record itself does."""
        for record, checkpoint in self.cited:
            try:
                reached = self.reach_of(checkpoint, further, cited=True)
                if record.position < reach.get(record.log, 0):
                    reach[checkpoint.origin] = max(reach.get(checkpoint.origin, 0), reached)
            except BROKEN as error:
                self.report.fault(HELD, record.name + ", field continues", error)

    def check_kept(self, reach: Dict[str, int]) -> None:
        """A log that continues another one says what was left of it; that holds as far as the record itself does."""
        for record, log, size, root in self.kept:
            checkpoint = self.checkpoints.get(log, {}).get(size)
            if checkpoint is None:
                continue
            if checkpoint.root.hex() != root:
                what = "the log %s is not the one that this record continues" % log
                self.report.fault(HELD, record.name + ", field kept_root", what)
            elif record.position < reach.get(record.log, 0):
                reach[log] = max(reach.get(log, 0), size)

    def reach_of(self, held: Checkpoint, further: List[Dict[str, Any]], *, cited: bool) -> int:
        """How many records of its log a held checkpoint vouches for."""
        if held.origin not in self.logs:
            if cited:
                return 0
            raise Wrong("is of the log %s, which this bundle is not about" % held.origin)
        self.check_signatures(held, whole=False)
        own = self.checkpoints.get(held.origin, {})
        if held.size in own:
            if own[held.size].root != held.root:
                raise Wrong(
                    "FORK: two signed checkpoints of %s have the size %d and different roots. The log that you hold a "
                    "checkpoint of is not the one of this bundle" % (held.origin, held.size)
                )
            return held.size
        reached = 0
        for line in further:
            if line["log"] != held.origin or not {line["from"], line["to"]} >= {held.size}:
                continue
            other = own.get(line["to"] if line["from"] == held.size else line["from"])
            if other is not None:
                small, large = sorted((held, other), key=lambda checkpoint: checkpoint.size)
                hashes = [unbase64(text) for text in line["hashes"]]
                verify_consistency(small.size, large.size, small.root, large.root, hashes)
                # Only what both have: beyond the smaller of the two the bundle may go on differently.
                reached = max(reached, small.size)
        if reached:
            return reached
        if not cited:
            newest = max(own, default=0)
            what = (
                "a proof between your checkpoint of size %d and the bundle's is needed: ask for the file of "
                "“lms ledger consistency --from %d --to %d”, and give it with --consistency"
            )
            self.report.unproved(HELD, what % (held.size, *sorted((held.size, newest))))
        return 0


# ---------------------------------------------------------------------------------------- the command


def read_outside(path: str) -> List[str]:
    """The signed notes in a file: a note, a .tlog-proof file, or a receipt's JSON."""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read(64 * 1024 * 1024)
    except (OSError, UnicodeDecodeError) as error:
        raise Usage("%s cannot be read (%s)" % (path, error)) from error
    if text.lstrip().startswith("{"):
        try:
            text = str(read_json(text).get("inclusion_proof"))
        except Wrong as error:
            raise Usage("%s is not a receipt: it %s" % (path, error)) from error
    if text.startswith("c2sp.org/tlog-proof@v1\n"):
        text = text.partition("\n\n")[2]
    return [text]


def read_further(paths: Sequence[str]) -> List[Dict[str, Any]]:
    """Consistency proofs that were asked for separately."""
    found: List[Dict[str, Any]] = []
    for path in paths:
        try:
            with open(path, encoding="utf-8") as file:
                line = read_json(file.read(1024 * 1024))
        except (OSError, UnicodeDecodeError, Wrong) as error:
            raise Usage("%s cannot be read (%s)" % (path, error)) from error
        if not isinstance(line, dict) or set(line) != {"log", "from", "to", "hashes"}:
            raise Usage("%s is not a file of “lms ledger consistency”" % path)
        found.append(line)
    return found


def check(arguments: argparse.Namespace, folder: str) -> Report:
    """Makes every check and gives back what was found."""
    openssl, report = OpenSSL(folder), Report()
    try:
        keys = [read_key(text) for text in arguments.key]
        held = [(path, read_note(note)) for path in arguments.checkpoint for note in read_outside(path)]
    except Wrong as error:
        raise Usage("What you gave from outside %s" % error) from error
    if arguments.authority_ca is not None and not os.path.isfile(arguments.authority_ca):
        raise Usage("%s is not a file" % arguments.authority_ca)
    further = read_further(arguments.consistency)
    if not os.path.exists(arguments.bundle):
        raise Usage("There is no file or folder %s." % arguments.bundle)
    report.begin(FILES)
    try:
        files = Files(arguments.bundle)
        Verifier(files, openssl, report, keys, arguments.authority_ca).run(held, further)
    except BROKEN as error:
        report.fault(FILES, "the bundle", error)
    return report


def main(given: Optional[Sequence[str]] = None) -> int:
    """Runs the command; gives back its exit code."""
    parser = argparse.ArgumentParser(prog="verify.py", description="Checks a Rollcall evidence bundle.")
    parser.add_argument("bundle", help="the zip file, or the folder that it was unpacked to")
    parser.add_argument("--checkpoint", action="append", default=[], metavar="FILE", help="a checkpoint held outside")
    parser.add_argument(
        "--consistency", action="append", default=[], metavar="FILE", help="a proof asked for separately"
    )
    parser.add_argument("--key", action="append", default=[], metavar="VERIFIER", help="a public key of the log")
    parser.add_argument("--authority-ca", metavar="PEM", help="root certificate of a time-stamping authority")
    arguments = parser.parse_args(given)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        with tempfile.TemporaryDirectory() as folder:
            report = check(arguments, folder)
    except Usage as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(report.lines()))
    return report.code


if __name__ == "__main__":
    sys.exit(main())
