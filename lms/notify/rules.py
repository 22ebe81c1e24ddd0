"""Pure decisions about letters: their state, when to try again, and which text may stand in a header."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

TRIES = 8
_PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
    timedelta(hours=24),
)
"""After each failed try; together about 41 hours, so that a mail server may be down for a night and a day."""
UNCERTAIN_AFTER = timedelta(hours=1)
"""A letter that was handed over this long ago without an answer is given up (the process died in between)."""
MAY_HAVE_BEEN_SENT = (
    "May have been sent: the connection or the program ended before the mail server's answer was kept. "
    "It is not sent again, so that nobody gets it twice."
)
LONGEST_SUBJECT = 200


class State(StrEnum):
    """Where a letter is."""

    WAITING = "waiting"
    RETRYING = "retrying"
    SENDING = "sending"
    SENT = "sent"
    DROPPED = "dropped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter before it is put into the outbox: its subject and plain text."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a transport needs of a letter; plain values, so that no transaction is open while it is sent."""

    to_address: str
    subject: str
    body_text: str
    message_id: str
    created_at: datetime


def pause_after(tries: int) -> timedelta | None:
    """How long to wait after failed try number ``tries`` (from 1); None where it was the last."""
    return _PAUSES[tries - 1] if tries < TRIES else None


def state_of(
    *,
    sent_at: datetime | None,
    dropped_at: datetime | None,
    failed: bool,
    claimed_at: datetime | None,
    tries: int,
) -> State:
    """The state in one word. ``queries.state_is`` says the same in SQL."""
    if sent_at is not None:
        return State.SENT
    if dropped_at is not None:
        return State.FAILED if failed else State.DROPPED
    if claimed_at is not None:
        return State.SENDING
    return State.RETRYING if tries else State.WAITING


def header_text(text: str) -> str:
    """Text for a header: one line, so that it cannot begin another header (RFC 5322, 2.2)."""
    plain = "".join(" " if unicodedata.category(char) in {"Cc", "Zl", "Zp", "Cs"} else char for char in text)
    return " ".join(plain.split())[:LONGEST_SUBJECT]


_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]{1,64}@[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]{1,189}")


def sound_address(text: str) -> bool:
    """Whether ``text`` is one plain address, without name, list or quoting (a part of RFC 5321's Mailbox)."""
    return _ADDRESS.fullmatch(text) is not None and ".." not in text and not text.endswith(".")
