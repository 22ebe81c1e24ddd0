"""Accessible, archival PDF (PDF/UA-1 with PDF/A): the same bytes for the same data and time.

A paper is a Typst source that computes nothing and data that comes in as JSON. Fonts come along; none of the machine's
is used.
"""

from __future__ import annotations

import io
import json
import re
from typing import Any

ZERO_WIDTH_SPACE = "\u200b"
KEPT_WHOLE = frozenset({"qr", "code", "pem", "pem_code", "verifier", "verifier_lines", "verify_url"})
"""Names of data that is no running text, so that nothing may be put into it."""
NOTE = "Signs that this paper cannot draw are written as [U+…]; the record itself holds them as they were typed."


def qr_code(text: str) -> str:
    """A QR code as SVG, to stand in a paper's data."""
    import segno

    out = io.BytesIO()
    made = segno.make(text, error="m", micro=False)
    made.save(out, kind="svg", border=2, xmldecl=False, dark="#14213d", omitsize=True)
    return out.getvalue().decode("utf-8")


def make_pdf(source: bytes, data: dict[str, Any], timestamp: int) -> bytes:
    """Compiles a paper. ``data`` has a list ``limits``, which gets NOTE where a sign could not be drawn.

    PDF/UA refuses a page on which a sign could not be drawn, and a name or a remark may hold any sign there is, so a
    sign that the fonts lack is written as its code point. ``timestamp`` is in seconds since 1970.
    """
    import typst

    data = _wrapped(data)
    text = json.dumps(data, ensure_ascii=False)
    for highest in (0x10FFFF, 0x052F, 0x017F, 0x7E):
        try:
            made: bytes = typst.compile(
                source,
                format="pdf",
                sys_inputs={"data": _spelled_out(text, highest)},
                pdf_standards=["ua-1", "a-2a"],
                ignore_system_fonts=True,
                timestamp=timestamp,
            )
        except typst.TypstError as error:
            if "could not be displayed" not in str(error) or highest == 0x7E:
                raise
            text = json.dumps({**data, "limits": [*data.get("limits", ()), NOTE]}, ensure_ascii=False)
        else:
            return made
    raise AssertionError("unreachable: plain ASCII can always be drawn")


def _wrapped(value: Any) -> Any:
    """Lets a word that is longer than a line break: nothing of what was signed may run off the paper."""
    if isinstance(value, dict):
        return {name: inner if name in KEPT_WHOLE else _wrapped(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_wrapped(inner) for inner in value]
    if not isinstance(value, str):
        return value
    return re.sub(r"\S{40}(?=\S)", lambda found: found[0] + ZERO_WIDTH_SPACE, value)


def _spelled_out(text: str, highest: int) -> str:
    drawn = set(ZERO_WIDTH_SPACE + "\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026")
    return "".join(sign if ord(sign) <= highest or sign in drawn else f"[U+{ord(sign):04X}]" for sign in text)
