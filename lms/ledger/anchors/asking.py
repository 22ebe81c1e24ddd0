"""Asking an authority over the network. No database here: whoever asks has no transaction open."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from lms.ledger.rules.stamps import LARGEST_TOKEN, StampError, check_answer, make_request

TIMEOUT_SECONDS = 15.0
"""For the whole answer; the worker has other things to do."""
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Answer:
    """What one authority gave: the whole answer as kept, or why there is none."""

    authority: str
    token: bytes | None = None
    error: str | None = None


class _NoRedirect(HTTPRedirectHandler):
    """A stamp comes from the address that was configured, or not at all."""

    def redirect_request(  # noqa: PLR0917
        self,
        req: Request,  # noqa: ARG002
        fp: IO[bytes],  # noqa: ARG002
        code: int,  # noqa: ARG002
        msg: str,  # noqa: ARG002
        headers: HTTPMessage,  # noqa: ARG002
        newurl: str,  # noqa: ARG002
    ) -> Request | None:
        """Follows nothing, so that the answer 3xx is an error with its number."""
        return None


def ask_all(authorities: list[str], note: str, timeout: float | None = None) -> list[Answer]:
    """Asks every authority for a stamp over the note, side by side, so that a dead one delays no other."""
    if not authorities:
        return []
    with ThreadPoolExecutor(max_workers=min(AT_ONCE, len(authorities))) as pool:
        return list(pool.map(lambda authority: ask(authority, note, timeout), authorities))


def ask(authority: str, note: str, timeout: float | None = None) -> Answer:
    """Asks one authority. Never raises for what the other side does; the answer says it in words."""
    timeout = TIMEOUT_SECONDS if timeout is None else timeout
    request = make_request(note)
    try:
        answer = _post(authority, request.body, timeout)
        check_answer(answer, request, note)
    except StampError as error:
        return Answer(authority, error=str(error))
    except HTTPError as error:
        return Answer(authority, error=f"The authority answered with status {error.code} instead of a stamp.")
    except TimeoutError:
        return Answer(authority, error=f"The authority did not answer within {timeout:g} seconds.")
    except (URLError, HTTPException, OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            return Answer(authority, error=f"The authority did not answer within {timeout:g} seconds.")
        return Answer(authority, error=f"The authority could not be reached: {str(reason) or type(reason).__name__}")
    return Answer(authority, token=answer)


def _post(url: str, body: bytes, timeout: float) -> bytes:
    """The answer's bytes (RFC 3161, section 3.4), read until a deadline and up to the size of a token."""
    if not url.startswith(("http://", "https://")):
        raise ValueError("the address must begin with http:// or https://")
    headers = {"Content-Type": "application/timestamp-query", "User-Agent": "Rollcall"}
    deadline = time.monotonic() + timeout
    chunks, length = list[bytes](), 0
    with build_opener(_NoRedirect).open(Request(url, body, headers), timeout=timeout) as response:  # noqa: S310
        while chunk := response.read1(65536):
            chunks.append(chunk)
            length += len(chunk)
            if length > LARGEST_TOKEN:
                raise StampError("The answer is far too long to be a time stamp.")
            if time.monotonic() > deadline:
                raise TimeoutError
    return b"".join(chunks)
