"""A zip file written as a stream, in flat memory, the same bytes each time.

Files are stored without compression: how a compressor packs differs from one library to the next, and the bytes of a
bundle must not. There is no clock in it: every file is dated 1980-01-01, the first day that the format knows. The list
of files and the archive's own directory wait in temporary files, so that a million records take no memory.
Format: PKWARE APPNOTE 6.3.x, with the 64-bit fields (section 4.3.14) where the plain ones are too small.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import IO, Self
from zlib import crc32

MANIFEST = "manifest.json"
MANIFEST_DIGEST = "manifest.sha256"
"""The manifest's own hash, as ``sha256sum -c`` reads it."""
_FIRST_DAY = (1 << 5) | 1
_FILE_MODE = 0o100644 << 16
_MAX16, _MAX32 = 0xFFFF, 0xFFFFFFFF
_IN_MEMORY = 4 * 1024 * 1024
_BLOCK = 64 * 1024
_SAFE_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
Spool = SpooledTemporaryFile[bytes]


def spool() -> Spool:
    """A temporary file that begins in memory; whoever asks for it closes it."""
    return SpooledTemporaryFile(max_size=_IN_MEMORY)


def blocks_of(file: Spool) -> Iterator[bytes]:
    """What a spool holds, from its beginning."""
    file.seek(0)
    while block := file.read(_BLOCK):
        yield block


class BundleArchive:
    """The files of a bundle, in the order of adding; the manifest comes last and names them all.

    Use it as a context: leaving it frees the temporary files, and ``finish`` must come before.
    """

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self._at = 0
        self._count = 0
        self._open = ExitStack()
        self._directory = self._open.enter_context(spool())
        self._listed = self._open.enter_context(spool())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    def add(self, path: str, data: str | bytes) -> None:
        """Adds one file. ``path`` is relative, with slashes, in plain ASCII."""
        raw = data.encode("utf-8") if isinstance(data, str) else data
        self._begin(path, crc32(raw), len(raw))
        self._write(raw)
        self._list(path, sha256(raw).hexdigest(), len(raw))

    def add_spooled(self, path: str, file: Spool) -> str:
        """Adds what a spool holds; gives back its SHA-256."""
        crc, size, digest = 0, 0, sha256()
        for block in blocks_of(file):
            crc, size = crc32(block, crc), size + len(block)
            digest.update(block)
        self._begin(path, crc, size)
        for block in blocks_of(file):
            self._write(block)
        self._list(path, digest.hexdigest(), size)
        return digest.hexdigest()

    def finish(self, manifest: Iterable[tuple[str, str]]) -> int:
        """Writes the manifest and the directory; gives back the number of bytes of the whole.

        ``manifest`` are the names and JSON texts of its other members; the list of files follows them.
        """
        with spool() as whole:
            whole.write(b"{\n")
            for name, text in manifest:
                whole.write(f' "{name}": {text},\n'.encode())
            whole.write(b' "files": [')
            for block in blocks_of(self._listed):
                whole.write(block)
            whole.write(b"\n ]\n}\n")
            digest = self.add_spooled(MANIFEST, whole)
        self.add(MANIFEST_DIGEST, f"{digest}  {MANIFEST}\n")
        self._end()
        return self._at

    def _list(self, path: str, digest: str, size: int) -> None:
        before = "\n" if self._count == 1 else ",\n"
        self._listed.write(f'{before}  {{"path": "{path}", "sha256": "{digest}", "bytes": {size}}}'.encode())

    def _write(self, data: bytes) -> None:
        self._out.write(data)
        self._at += len(data)

    def _begin(self, path: str, crc: int, size: int) -> None:
        if not _SAFE_NAME.fullmatch(path):
            raise ValueError(f"{path!r} cannot name a file of a bundle.")
        name, at = path.encode("ascii"), self._at
        wide = size >= _MAX32
        extra = struct.pack("<HHQQ", 1, 16, size, size) if wide else b""
        shown = _MAX32 if wide else size
        needs = 45 if wide else 20
        common = (needs, 0, 0, 0, _FIRST_DAY, crc, shown, shown, len(name), len(extra))
        self._write(struct.pack("<4s5H3L2H", b"PK\x03\x04", *common) + name + extra)
        far = at >= _MAX32
        values = [size, size] if wide else []
        values += [at] if far else []
        extra = struct.pack(f"<HH{len(values)}Q", 1, 8 * len(values), *values) if values else b""
        needs = 45 if values else 20
        common = (needs, 0, 0, 0, _FIRST_DAY, crc, shown, shown, len(name), len(extra))
        tail = (0, 0, 0, _FILE_MODE, _MAX32 if far else at)
        self._directory.write(struct.pack("<4sH5H3L2H", b"PK\x01\x02", (3 << 8) | 45, *common))
        self._directory.write(struct.pack("<3H2L", *tail) + name + extra)
        self._count += 1

    def _end(self) -> None:
        start = self._at
        for block in blocks_of(self._directory):
            self._write(block)
        size, count, at = self._at - start, self._count, self._at
        if count >= _MAX16 or start >= _MAX32 or size >= _MAX32:
            made = (3 << 8) | 45
            self._write(struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, made, 45, 0, 0, count, count, size, start))
            self._write(struct.pack("<4sLQL", b"PK\x06\x07", 0, at, 1))
        few = min(count, _MAX16)
        places = (min(size, _MAX32), min(start, _MAX32))
        self._write(struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, few, few, *places, 0))
