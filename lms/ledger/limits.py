"""What the record can show and what it cannot, said once: the Evidence page, bundles and docs use these words.

Each is one plain sentence. ``docs/evidence.md`` holds the same lists, and a test holds the two together.
"""

from __future__ import annotations

CAN: tuple[str, ...] = (
    "Anybody who holds a receipt, a checkpoint or a time stamp can find out whether a record that it covers was "
    "changed or removed later.",
    "The place of a record in the log can be proved without a network and without trusting the department, with "
    "tools that anybody can get.",
    "A record that is dated before or after the two outside time stamps around it shows, so nobody back-dates one "
    "past a stamp unseen.",
    "A gap in one officer's history shows, because each of his records names the one before it.",
    "Fields can be withheld for a public-records request, and what remains can still be proved.",
)
"""What this can show."""

CANNOT: tuple[str, ...] = (
    "It does not prevent tampering. It lets others find it.",
    "It does not protect the newest records until they are anchored outside or a receipt leaves the house.",
    "It does not prove that an officer read or understood a text, or who held the device.",
    "It does not show that a record was true when it was entered.",
    "It does not guarantee that a court admits it. That is for a lawyer and a judge.",
)
"""What this cannot show."""

AT_RISK = (
    "If no receipt left the house, nobody outside could tell if these were changed by somebody with the signing key."
)
"""Said of the records after the last anchor."""
