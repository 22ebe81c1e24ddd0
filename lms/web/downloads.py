"""Files that people take away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile

from flask import Response

IN_MEMORY = 2 * 1024 * 1024
_BLOCK = 64 * 1024
_UNSAFE_NAME = re.compile(r"[^A-Za-z0-9._-]+")


def download(filename: str, content_type: str, pieces: Iterable[str | bytes]) -> Response:
    """Sends a file that is written from ``pieces``, in flat memory.

    The file is complete before the first byte leaves: a fault on the way is an error page and never half a file, and
    no transaction stays open while a slow reader takes it. Above IN_MEMORY bytes it waits on disk.
    """
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed with the response
    try:
        for piece in pieces:
            file.write(piece.encode("utf-8") if isinstance(piece, str) else piece)
        size = file.tell()
        file.seek(0)
    except BaseException:
        file.close()
        raise
    name = _UNSAFE_NAME.sub("-", filename)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(size)}
    response = Response(_blocks(file), content_type=content_type, headers=headers)
    response.call_on_close(file.close)
    return response


def _blocks(file: SpooledTemporaryFile[bytes]) -> Iterator[bytes]:
    with file:
        while block := file.read(_BLOCK):
            yield block
