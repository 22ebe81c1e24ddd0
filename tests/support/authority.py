"""A time-stamping authority on this machine: a root, a signing certificate and ``openssl ts -reply`` behind HTTP.

``Authority.mood`` makes it misbehave, so that every way in which an authority can fail is a real answer.
"""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

DAYS = "3650"
NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
CONFIG = """
[tsa]
default_tsa = tsa1
[tsa1]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.1
digests = sha256
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""
EXTENSIONS = "basicConstraints=critical,CA:false\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=critical,{use}\n"


def openssl(
    *arguments: str | Path, stdin: bytes | None = None, check: bool = True
) -> subprocess.CompletedProcess[bytes]:
    """Runs openssl; what it printed is in the result."""
    return subprocess.run(["openssl", *map(str, arguments)], input=stdin, capture_output=True, check=check)


def make_authority(folder: Path) -> Path:
    """A root (``ca.pem``) and an authority's certificate under it (``tsa.pem``); gives back the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    subject, out = f"/O=Example Time/CN={folder.name} root", ("-keyout", folder / "ca.key", "-out", folder / "ca.pem")
    openssl("req", "-x509", *NEW_KEY, *out, "-days", DAYS, "-subj", subject)
    issue(folder, "tsa", "timeStamping")
    (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))
    (folder / "serial").write_text("01\n")
    return folder


def issue(folder: Path, name: str, use: str) -> Path:
    """A certificate for one use under the folder's root: ``NAME.pem`` with ``NAME.key``."""
    openssl(
        "req",
        "-new",
        *NEW_KEY,
        "-keyout",
        folder / f"{name}.key",
        "-out",
        folder / f"{name}.csr",
        "-subj",
        f"/CN={name}",
    )
    (folder / f"{name}.ext").write_text(EXTENSIONS.format(use=use))
    issued = ("-CA", folder / "ca.pem", "-CAkey", folder / "ca.key", "-CAcreateserial", "-days", DAYS)
    made = folder / f"{name}.pem"
    openssl("x509", "-req", "-in", folder / f"{name}.csr", *issued, "-extfile", folder / f"{name}.ext", "-out", made)
    return made


def signed_by_another(answer: bytes, folder: Path, name: str) -> bytes:
    """The answer's statement, signed anew with another certificate of the folder (``openssl cms``)."""
    paths = {part: folder / f"resigned.{part}" for part in ("tsr", "token", "info", "cms")}
    paths["tsr"].write_bytes(answer)
    openssl("ts", "-reply", "-in", paths["tsr"], "-token_out", "-out", paths["token"])
    openssl("cms", "-verify", "-noverify", "-inform", "DER", "-in", paths["token"], "-out", paths["info"])
    key = ("-signer", folder / f"{name}.pem", "-inkey", folder / f"{name}.key", "-md", "sha256", "-cades")
    kind = ("-binary", "-nodetach", "-econtent_type", "1.2.840.113549.1.9.16.1.4", "-outform", "DER")
    openssl("cms", "-sign", "-in", paths["info"], *key, *kind, "-out", paths["cms"])
    body = b"\x30\x03\x02\x01\x00" + paths["cms"].read_bytes()
    return b"\x30\x82" + len(body).to_bytes(2, "big") + body


def openssl_verifies(token: bytes, note: str, root: Path, folder: Path) -> bool:
    """Whether ``openssl ts -verify`` accepts the whole answer for the note, with no help of ours."""
    (folder / "token.tsr").write_bytes(token)
    (folder / "note.txt").write_bytes(note.encode())
    done = openssl(
        "ts", "-verify", "-data", folder / "note.txt", "-in", folder / "token.tsr", "-CAfile", root, check=False
    )
    return done.returncode == 0 and b"Verification: OK" in done.stdout


@dataclass
class Authority:
    """One authority. ``mood`` is how it answers now; ``asked`` counts the requests."""

    folder: Path
    url: str = ""
    mood: str = "honest"
    asked: int = 0
    given_up: threading.Event = field(default_factory=threading.Event)
    """Ends the wait of a slow answer; set when the server stops."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def root(self) -> Path:
        """Its root certificate."""
        return self.folder / "ca.pem"

    def stamp(self, query: bytes) -> bytes:
        """A real ``openssl ts -reply``."""
        with self._lock:
            (self.folder / "query.tsq").write_bytes(query)
            config = ("-config", self.folder / "tsa.cnf", "-section", "tsa1")
            openssl("ts", "-reply", *config, "-queryfile", self.folder / "query.tsq", "-out", self.folder / "reply.tsr")
            return (self.folder / "reply.tsr").read_bytes()

    def stamp_note(self, note: str) -> bytes:
        """A token over a note, as somebody else would get it."""
        (self.folder / "data.txt").write_bytes(note.encode())
        query = openssl("ts", "-query", "-data", self.folder / "data.txt", "-sha256", "-cert").stdout
        return self.stamp(query)

    def answer(self, query: bytes) -> tuple[int, bytes]:
        """Status and body, by mood."""
        self.asked += 1
        if self.mood == "error 500":
            return 500, b"out of order"
        if self.mood == "garbage":
            return 200, b"<html>Sign in to the guest network</html>"
        if self.mood == "rejection":
            refused = openssl("ts", "-query", "-digest", "ab" * 64, "-sha512", "-cert").stdout
            return 200, self.stamp(refused)
        if self.mood == "wrong nonce":  # a DER request ends in the nonce and then certReq (01 01 ff)
            return 200, self.stamp(query[:-4] + bytes([query[-4] ^ 1]) + query[-3:])
        if self.mood == "wrong imprint":
            at = query.index(b"\x04\x20") + 2
            return 200, self.stamp(query[:at] + bytes(32) + query[at + 32 :])
        if self.mood == "cut":
            return 200, self.stamp(query)[:-40]
        if self.mood == "endless":
            return 200, b"\x30" * (3 * 1024 * 1024)
        if self.mood == "slow":
            self.given_up.wait(60)
        if self.mood == "altered":
            token = bytearray(self.stamp(query))
            token[-5] ^= 1
            return 200, bytes(token)
        return 200, self.stamp(query)


@contextmanager
def serve(folder: Path, port: int = 0) -> Iterator[Authority]:
    """The authority of ``folder``, answering on this machine until the block ends."""
    authority = Authority(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            status, body = authority.answer(query)
            if authority.mood == "moved":
                self.send_response(302)
                self.send_header("Location", authority.url)
                self.end_headers()
                return
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except (BrokenPipeError, ConnectionResetError):
                pass

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    authority.url = f"http://127.0.0.1:{server.server_address[1]}/tsa"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield authority
    finally:
        authority.given_up.set()
        server.shutdown()
        server.server_close()
        thread.join()


def trust(instance: Path, authority: Authority, name: str = "127.0.0.1") -> Path:
    """Puts the authority's root on file, under its host's name or another."""
    folder = instance / "ledger" / "authorities"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.pem"
    path.write_bytes(authority.root.read_bytes())
    return path
