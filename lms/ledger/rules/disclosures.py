"""Salted disclosures in the manner of SD-JWT (RFC 9901, section 4.2).

A disclosure is the text ``b64url([salt, name, value])``; its digest is the base64url SHA-256 of that text.
The text is stored and handed on as it is and is never serialised again. Values are strings, whole numbers
below 2^53, true, false, null, lists and objects: no fractions, whose text differs between languages. Strings
are brought to Unicode NFC first, so that a name looks and compares the same.
"""

from __future__ import annotations

import base64
import binascii
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NoReturn

JsonValue = str | int | bool | None | Sequence["JsonValue"] | Mapping[str, "JsonValue"]

SALT_BYTES = 16
LARGEST_INTEGER = 2**53 - 1
RESERVED_NAMES = frozenset({"_sd", "..."})


class DisclosureError(ValueError):
    """A value cannot be disclosed, or a text is no disclosure; the sentence says where and why."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One field: its text as stored, its digest, and what the text says."""

    encoded: str
    digest: str
    name: str
    value: Any


_writer = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def timestamp(moment: datetime) -> str:
    """The one text of a time in a record: UTC, microseconds, ``Z``. Raises ValueError without a zone."""
    if moment.tzinfo is None:
        raise DisclosureError("A time in the ledger must have a zone.")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def b64url(data: bytes) -> str:
    """Base64url without padding (RFC 7515)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def digest_of(encoded: str) -> str:
    """The digest of a disclosure's text."""
    return b64url(sha256(encoded.encode("ascii")).digest())


def normal_value(value: Any, where: str) -> Any:
    """A copy in NFC with only JSON's plain types; DisclosureError names ``where`` anything else stands."""
    if isinstance(value, str):
        return value if value.isascii() else _normal_text(value, where)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise DisclosureError(f"{where} is a number beyond 2^53; record it as text.")
        return int(value)
    if isinstance(value, Mapping):
        return _normal_object(value, where)
    if isinstance(value, (list, tuple)):
        return [normal_value(item, f"{where}[{number}]") for number, item in enumerate(value)]
    if isinstance(value, float):
        raise DisclosureError(f"{where} is a fraction; record it as text or as a whole number of smaller units.")
    raise DisclosureError(f"{where} is a {type(value).__name__}, which cannot be recorded.")


def _normal_text(value: str, where: str) -> str:
    if value.isascii():
        return value
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise DisclosureError(f"{where} holds half of a character, which is no Unicode text.") from error
    return unicodedata.normalize("NFC", value)


def _normal_object(value: Mapping[Any, Any], where: str) -> dict[str, Any]:
    copy = dict[str, Any]()
    for name, item in value.items():
        if not isinstance(name, str):
            raise DisclosureError(f"{where} has a name that is not text: {name!r}.")
        normal = name if name.isascii() else _normal_text(name, where)
        if normal in copy:
            raise DisclosureError(f"{where} has the name {normal!r} twice.")
        copy[normal] = normal_value(item, f"{where}.{normal}")
    return copy


def disclose(name: str, value: JsonValue, salt: bytes) -> Disclosure:
    """The disclosure of one field. ``salt`` is 16 random bytes, fresh for every field."""
    if not name or name in RESERVED_NAMES:
        raise DisclosureError(f"A field cannot be named {name!r}.")
    if len(salt) != SALT_BYTES:
        raise DisclosureError(f"A salt has {SALT_BYTES} bytes, not {len(salt)}.")
    name = _normal_text(name, "The field's name")
    plain = normal_value(value, name)
    encoded = b64url(_writer.encode([b64url(salt), name, plain]).encode("utf-8"))
    return Disclosure(encoded, digest_of(encoded), name, plain)


def _refuse_number(text: str) -> NoReturn:
    raise DisclosureError(f"A disclosure holds the number {text}, and only whole numbers can be recorded.")


def _whole_number(text: str) -> int:
    value = int(text) if len(text) <= 17 else LARGEST_INTEGER + 1
    if abs(value) > LARGEST_INTEGER:
        _refuse_number(text)
    return value


def unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these pairs; DisclosureError where a name comes twice (readers would differ)."""
    value = dict(pairs)
    if len(value) != len(pairs):
        raise DisclosureError("An object has the same name twice.")
    return value


_reader = json.JSONDecoder(
    parse_float=_refuse_number,
    parse_int=_whole_number,
    parse_constant=_refuse_number,
    object_pairs_hook=unique_names,
)


def read_json(text: str) -> Any:
    """JSON without fractions, numbers beyond 2^53 or repeated names; DisclosureError otherwise."""
    try:
        return _reader.decode(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise DisclosureError(f"This is not JSON: {error}.") from error


def decode(encoded: str) -> Disclosure:
    """Reads a disclosure's text strictly."""
    try:
        raw = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
        text = raw.decode("utf-8")
    except (ValueError, binascii.Error) as error:
        raise DisclosureError("A disclosure is not base64url text.") from error
    if b64url(raw) != encoded:
        raise DisclosureError("A disclosure's base64url text is not in its one right form.")
    parts = read_json(text)
    if not isinstance(parts, list) or len(parts) != 3:
        raise DisclosureError("A disclosure must be a list of salt, name and value.")
    salt, name, value = parts
    if not isinstance(salt, str) or not isinstance(name, str) or not name or name in RESERVED_NAMES:
        raise DisclosureError("A disclosure's salt and name must be text.")
    return Disclosure(encoded, digest_of(encoded), name, value)
