"""What the ledger promises and what it cannot: the two lists that pages, bundles and docs all say."""

from __future__ import annotations

CAN: tuple[str, ...] = (
    "Any change or removal of a record under an outside time stamp, or for which a receipt left the house, can be "
    "found by whoever holds the stamp or the receipt.",
    "The place of a record in the log, and the span of time in which it was written, can be proved offline with "
    "public tools.",
    "Fields can be withheld and the proof of the record still holds; the number of withheld fields shows.",
)
CANNOT: tuple[str, ...] = (
    "It cannot prevent tampering; it makes tampering show.",
    "It cannot protect the records after the last outside time stamp when no receipt of them left the house.",
    "It cannot prove that the officer read or understood the text, or who held the device.",
    "It cannot show that a record was false when it was entered.",
    "It cannot guarantee that a court admits the record.",
)
