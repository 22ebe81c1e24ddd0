"""Bundles made by hand, byte by byte, so that a test can be the attacker who has everything but what is held outside."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.records.bundle import naive

ORIGIN = "police.example/log"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
START = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
POLICY = rfc8785.dumps({"title": "SOP 110", "clauses": ["1.a"]})
POLICY_SHA256 = sha256(POLICY).hexdigest()
Signer = Callable[[dict[str, Any]], dict[str, Any]]


def b64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def moment(minutes: float) -> str:
    at = START + timedelta(minutes=minutes)
    return at.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


@dataclass
class Fact:
    """A record to be: what is recorded, when (minutes after START), of whom, and how it is signed."""

    kind: str
    at: float
    fields: dict[str, Any] = field(default_factory=dict)
    subject: str | None = None
    sign: Signer | None = None


@dataclass
class Made:
    """A record as it was made."""

    id: str
    entry: str
    leaf: bytes
    disclosures: dict[str, str]
    proof: str
    fact: Fact
    number: int | None


def facts() -> list[Fact]:
    """Two officers, a policy, and the log's own first record."""
    named = {"policy": {"version": 1, "sha256": POLICY_SHA256}}
    return [
        Fact("ledger.opened", 0, {"origin": ORIGIN, "verifiers": [naive.verifier_key(ORIGIN, KEY)], "continues": None}),
        Fact("policy.version_published", 1, {"policy": "sop-110", "version": 1, "sha256": POLICY_SHA256}),
        Fact("roster.person_added", 2, {"name": "Alma Reyes", "badge": "4417"}, "person:1"),
        Fact("roster.person_added", 3, {"name": "Bo Lind", "badge": "5120"}, "person:2"),
        Fact("quiz.finished", 30, {"score": 9}, "person:1"),
        Fact("attestation.signed", 40, {"printed_name": "Alma Reyes", "ip": "203.0.113.7", **named}, "person:1"),
        Fact("attestation.signed", 50, {"printed_name": "Bo Lind", "ip": "203.0.113.8", **named}, "person:2"),
        Fact("roster.leave_recorded", 60, {"kind": "family"}, "person:1"),
    ]


class Log:
    """A log made of facts, with the right hashes for whatever the facts say."""

    def __init__(self, listed: list[Fact] | None = None, origin: str = ORIGIN, key: Ed25519PrivateKey = KEY) -> None:
        self.origin, self.key, self.records = origin, key, list[Made]()
        for fact in listed if listed is not None else facts():
            self.append(deepcopy(fact))

    def append(self, fact: Fact) -> None:
        position = len(self.records)
        record_id = str(UUID(bytes=sha256(f"{self.origin} {position} {fact.kind}".encode()).digest()[:16]))
        own = [record for record in self.records if fact.subject and record.fact.subject == fact.subject]
        values = dict(fact.fields)
        if fact.subject:
            previous = own[-1].leaf.hex() if own else None
            values |= {"subject": fact.subject, "subject_seq": len(own) + 1, "prev_subject_leaf": previous}
        disclosures = {name: self.disclose(position, name, value) for name, value in values.items()}
        core = {
            "v": 1, "log": self.origin, "id": record_id, "schema": 1, "kind": fact.kind, "at": moment(fact.at),
            "sd": sorted(digest(text) for text in disclosures.values()),
        }  # fmt: skip
        proof = self.disclose(position, "proof", fact.sign(core) if fact.sign else {"method": "none"})
        entry = rfc8785.dumps({"core": core, "proof_d": digest(proof)}).decode()
        leaf = sha256(b"\x00" + entry.encode()).digest()
        number = len(own) + 1 if fact.subject else None
        self.records.append(Made(record_id, entry, leaf, disclosures, proof, fact, number))

    @staticmethod
    def disclose(position: int, name: str, value: Any) -> str:
        salt = b64url(sha256(f"{position} {name}".encode()).digest()[:16])
        return b64url(json.dumps([salt, name, value], ensure_ascii=False, separators=(",", ":")).encode())

    @property
    def leaves(self) -> list[bytes]:
        return [record.leaf for record in self.records]

    def note(self, size: int | None = None) -> str:
        return naive.note(self.origin, self.leaves[:size], self.key)


def digest(encoded: str) -> str:
    return b64url(sha256(encoded.encode()).digest())


def write(
    folder: Path,
    log: Log,
    *,
    subject: str | None = "person:1",
    size: int | None = None,
    sizes: tuple[int, ...] = (),
    leave_out: tuple[int, ...] = (),
    withhold: tuple[tuple[str, str], ...] = (),
    anchors: tuple[tuple[int, bytes], ...] = (),
    destroyed: tuple[int, ...] = (),
) -> Path:
    """The bundle of a person (of the whole period where ``subject`` is None) over the first ``size`` records."""
    shutil.rmtree(folder, ignore_errors=True)
    size = size or len(log.records)
    records, leaves = log.records[:size], log.leaves[:size]
    selected = [
        place for place, made in enumerate(records) if subject in (None, made.fact.subject) and place not in leave_out
    ]
    chosen = sorted({*selected, 0, 1} - set(leave_out))
    redactions = []
    for place in chosen:
        lines = _write_record(folder, log, place, naive.path(place, leaves), log.note(size), withhold, destroyed)
        redactions += lines
    for person in sorted({records[place].fact.subject or "" for place in chosen} - {""}):
        links = [
            {"subject_seq": m.number, "position": p, "record_id": m.id, "leaf": m.leaf.hex(), "kind": m.fact.kind}
            for p, m in enumerate(records)
            if m.fact.subject == person
        ]
        chain = {"log": log.origin, "subject": person, "links": links}
        put(folder, f"chains/{person.replace(':', '-')}.json", chain)
    every = sorted({*sizes, *(anchored for anchored, _ in anchors), size})
    for one in every:
        put(folder, f"checkpoints/{one}.txt", log.note(one))
    proofs = [
        {"log": log.origin, "from": old, "to": new, "hashes": b64s(naive.proof(old, leaves[:new]))}
        for old, new in pairwise(every)
    ]
    put(folder, "checkpoints/consistency.json", proofs)
    index = []
    for number, (anchored, token) in enumerate(anchors, start=1):
        put(folder, f"anchors/{anchored}-{number}.tsr", token)
        index.append(
            {"log": log.origin, "size": anchored, "kind": "rfc3161", "authority": "https://tsa.example"}
            | {"anchored_at": None, "file": f"anchors/{anchored}-{number}.tsr"}
        )
    put(folder, "anchors/index.json", index)
    key = {"log": log.origin, "verifier": naive.verifier_key(log.origin, log.key), "created_at": moment(0)}
    put(folder, "keys/history.json", [{**key, "retired_at": None, "revoked_at": None}])
    put(folder, f"content/{POLICY_SHA256}.json", POLICY)
    told = {"what": "policy", "policy": "sop-110", "version": 1, "record_id": records[1].id}
    put(folder, "content/index.json", [{"sha256": POLICY_SHA256, **told}])
    put(folder, "redactions.json", redactions)
    put(folder, "README.txt", "Read me.\n")
    period = {"since": moment(0), "until": moment(10**6)}
    write_manifest(
        folder,
        {
            "format": "rollcall-bundle@v1", "log": log.origin, "size": size, "root": b64s([naive.root(leaves)])[0],
            "earlier_logs": [], "selection": {"subject": subject} if subject else period,
            "selected_records": len(selected), "records": len(chosen), "withheld_fields": len(redactions),
        },
    )  # fmt: skip
    return folder


def _write_record(
    folder: Path,
    log: Log,
    place: int,
    hashes: list[bytes],
    note: str,
    withhold: tuple[tuple[str, str], ...],
    destroyed: tuple[int, ...],
) -> list[dict[str, Any]]:
    made = log.records[place]
    record: dict[str, Any] = {"entry": made.entry, "disclosures": [], "proof": made.proof, "withheld": []}
    for name, text in made.disclosures.items():
        if (made.fact.kind, name) in withhold:
            record["withheld"].append({"name": name, "digest": digest(text), "exemption": "law 1"})
        else:
            record["disclosures"].append(text)
    if (made.fact.kind, "proof") in withhold:
        record["withheld"].append({"name": "proof", "digest": digest(made.proof), "exemption": "law 1"})
        record["proof"] = None
    if place in destroyed:
        record |= {"disclosures": [], "proof": None, "withheld": [], "destroyed_at": moment(10**5)}
    put(folder, f"records/{place:09d}-{made.id}.json", record)
    lines = ["c2sp.org/tlog-proof@v1", f"index {place}", *b64s(hashes)]
    put(folder, f"proofs/{made.id}.tlog-proof", "\n".join(lines) + "\n\n" + note)
    told = {"record_id": made.id, "position": place, "log": log.origin, "kind": made.fact.kind}
    return [{**told, **line} for line in record["withheld"]]


def b64s(hashes: list[bytes]) -> list[str]:
    return [base64.b64encode(value).decode() for value in hashes]


def put(folder: Path, name: str, value: Any) -> None:
    """Writes a file: bytes and text as they are, anything else as JSON."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = value if isinstance(value, bytes) else value.encode() if isinstance(value, str) else _json(value)
    path.write_bytes(raw)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


def write_manifest(folder: Path, facts_of_it: dict[str, Any] | None = None) -> None:
    """Names all files anew, as an attacker would after changing one."""
    manifest = facts_of_it or json.loads((folder / "manifest.json").read_text())
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    manifest["files"] = [
        {"path": name, "sha256": sha256(data).hexdigest(), "bytes": len(data)}
        for name in names
        if name not in ("manifest.json", "manifest.sha256")
        for data in [(folder / name).read_bytes()]
    ]
    raw = _json(manifest)
    put(folder, "manifest.json", raw)
    put(folder, "manifest.sha256", f"{sha256(raw).hexdigest()}  manifest.json\n")


def change(folder: Path, name: str, how: Callable[[Any], Any], **manifest: Any) -> None:
    """Changes a JSON file and all hashes that name it."""
    path = folder / name
    value = json.loads(path.read_text())
    changed = how(value)
    put(folder, name, value if changed is None else changed)
    whole = json.loads((folder / "manifest.json").read_text())
    write_manifest(folder, {**whole, **manifest})


class Authority:
    """A time-stamping authority of the tests, over ``openssl ts``, whose clock can be set."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "serial").write_text("01\n")
        (folder / "ts.cnf").write_text(
            "[tsa]\ndefault_tsa=one\n[one]\nserial=serial\ncrypto_device=builtin\nsigner_cert=tsa.pem\ncerts=ca.pem\n"
            "signer_key=tsa.key\nsigner_digest=sha256\ndefault_policy=1.2.3.4.1\ndigests=sha256\naccuracy=secs:1\n"
            "ordering=no\ntsa_name=no\ness_cert_id_chain=no\ness_cert_id_alg=sha256\n[ext]\n"
            "extendedKeyUsage=critical,timeStamping\n[ca]\nbasicConstraints=critical,CA:true\n"
            "[req]\ndistinguished_name=dn\n[dn]\n"
        )
        self.run("req -config ts.cnf -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 3650 -subj /CN=CA "
                 "-extensions ca")  # fmt: skip
        self.run("req -config ts.cnf -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj /CN=TSA")
        self.run("x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out tsa.pem -days 3650 -extfile ts.cnf "
                 "-extensions ext")  # fmt: skip

    def run(self, arguments: str) -> None:
        done = subprocess.run(["openssl", *arguments.split()], cwd=self.folder, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()

    @property
    def ca(self) -> Path:
        return self.folder / "ca.pem"

    def stamp(self, note: str) -> bytes:
        """A token over a note, with the moment of now."""
        (self.folder / "note.txt").write_bytes(note.encode())
        self.run("ts -query -data note.txt -sha256 -cert -no_nonce -out query.tsq")
        self.run("ts -reply -config ts.cnf -queryfile query.tsq -out token.tsr")
        return (self.folder / "token.tsr").read_bytes()
