"""What a bundle says to people: the README for an expert, and the draft of a custodian's certificate.

Neither names a person, nor anything else of a record: what is withheld there must not stand here.
"""

from __future__ import annotations

import base64
import textwrap
from collections.abc import Iterable

from lms.ledger.limits import CAN, CANNOT
from lms.records.bundle.reading import LogState
from lms.records.bundle.selection import Selection

WIDTH = 88
_STEPS = (
    "You need Python 3.8 or newer and the program openssl (3.0 or newer; LibreSSL will not do). "
    "No network, no other software.",
    "Get a signed checkpoint of this log from somebody who is not the maker of this bundle: HR, the union, the clerk "
    "or the officer (it is in each receipt). A checkpoint is a text of a few lines that begins with the name of the "
    "log. This is what you trust; a checkpoint taken from the bundle itself proves nothing.",
    "Read verify.py. It is one file without secrets. Or get the same file from the public source of Rollcall.",
    "Run: python3 verify.py BUNDLE --checkpoint FILE   (BUNDLE is the zip file or the folder that you unpacked; "
    "a receipt's .tlog-proof or .json file also serves as FILE; give --checkpoint again for each one you hold.)",
    "If you hold the public key of the log (a line name+hash+base64 from the key's paper sheet), add --key LINE.",
    "If you trust a time-stamping authority, add --authority-ca PEM with its root certificate from its own site.",
    "Read the table. Exit code 0: everything holds. 1: something is wrong; the record and the field are named. "
    "2: wrong usage. 3: nothing is wrong inside the bundle, but not all of it is proved against anything from outside: "
    "records that are newer than what you hold are counted, and the first of them is named.",
    "If your checkpoint is of another size than those in the folder checkpoints, ask the department for the file that "
    "“lms ledger consistency --from SIZE --to SIZE” writes, and add --consistency FILE. It holds no secret and cannot "
    "be made to fit a log that was altered.",
)
_PARTS = (
    ("records/", "each record: its entry (the exact text that is hashed), the fields that are shown, those withheld"),
    ("proofs/", "for each record, its place in the log up to the signed checkpoint (c2sp.org/tlog-proof@v1)"),
    ("checkpoints/", "signed checkpoints, and proofs that each larger one continues the smaller one before it"),
    ("anchors/", "time stamps of outside authorities (RFC 3161); the certificates here are not a root of trust"),
    ("keys/history.json", "the public keys of the log, and from when to when they signed"),
    ("content/", "the policy and course texts that the records name; each file is named by its own SHA-256"),
    ("chains/", "every record of each person by number, so that a missing one shows even if it is not in here"),
    ("redactions.json", "every withheld field with the exemption that was cited for it"),
    ("certificate-draft.txt", "the draft of a custodian's certificate; a draft only, ask counsel"),
    ("manifest.json", "the SHA-256 and size of every file, and what was asked for"),
)
_BY_HAND = (
    "A field: base64url-decode a text under disclosures; it is [salt, name, value]. The base64url SHA-256 of the "
    "encoded text must stand in the entry under sd.",
    "A record: its leaf is SHA-256 of a zero byte and the entry's text. The .tlog-proof file leads from the leaf to "
    "the root in the checkpoint (RFC 6962, section 2.1).",
    "A checkpoint: the text up to the empty line is signed with Ed25519; the last 64 bytes of the base64 in a "
    "signature line are the signature: openssl pkeyutl -verify -rawin -pubin -inkey KEY -sigfile SIG -in TEXT.",
    "A time stamp: openssl ts -verify -data checkpoints/SIZE.txt -in anchors/SIZE-N.tsr -CAfile CA.",
)
_NOTES = (
    "Time, kind and number of a record are part of the entry and cannot be withheld.",
    "The note that this bundle left the house is a record itself. It comes after the state of the log from which the "
    "bundle was made, so that the same request over the same state gives the same bytes.",
    "A person's chain ends with the last record under the checkpoint. That later records were cut off shows only "
    "against a newer checkpoint or a receipt.",
    "A period holds all records between its first and its last one without a gap. That no record was left out at "
    "its two ends shows against a bundle of a longer period.",
    "A hash of a withheld text may stand in another field; whoever guesses the text can confirm the guess.",
)


def readme(states: Iterable[LogState], selection: Selection) -> str:
    """The README for a lawyer's expert."""
    parts = ["ROLLCALL EVIDENCE BUNDLE", "", _asked(selection), ""]
    for state in states:
        root = base64.b64encode(state.root).decode()
        parts += [f"Log {state.origin}: the first {state.size} records, root {root}", ""]
    parts += [*_section("What to do, step by step", _STEPS, numbered=True)]
    parts += ["What is in here", ""]
    for name, what in _PARTS:
        parts += _wrap(f"{name}: {what}.", "  ", "    ")
    parts += ["", *_section("Checking by hand", _BY_HAND)]
    parts += [*_section("What this can show", CAN), *_section("What this cannot show", CANNOT)]
    parts += _section("Good to know", _NOTES)
    return "\n".join(parts)


def _asked(selection: Selection) -> str:
    if selection.subject is not None:
        return f"All records about the subject {selection.subject}, and those on which they rest."
    return f"All records from {selection.since_on} to {selection.until_on} ({selection.zone}), and those they rest on."


def _section(title: str, lines: Iterable[str], *, numbered: bool = False) -> list[str]:
    found = [title, ""]
    for number, line in enumerate(lines, start=1):
        mark = f"{number}. " if numbered else "- "
        found += _wrap(line, f"  {mark}", "  " + " " * len(mark))
    return [*found, ""]


def _wrap(text: str, first: str, rest: str) -> list[str]:
    options = {"width": WIDTH, "break_long_words": False, "break_on_hyphens": False}
    return textwrap.wrap(text, initial_indent=first, subsequent_indent=rest, **options)  # type: ignore[arg-type]


_CERTIFICATE = """DRAFT. ASK COUNSEL BEFORE USE.

CERTIFICATE OF A CUSTODIAN OR OTHER QUALIFIED PERSON
(prepared with Federal Rules of Evidence 902(13) and 902(14) in view; whether they apply, and
what a certificate must say, is for counsel to decide)

1. My name is ______________________. My position is ______________________. I am qualified to
   make this certificate because ______________________.

2. The records in this bundle were made by an electronic process, Rollcall. At the time of each
   act it wrote a record to a log in which every record is tied by hashes to those before it.
   I describe how the department runs it: ______________________.

3. That the process gives an accurate result can be checked as README.txt says. I ran verify.py
   on ______________________ with the checkpoint that ______________________ holds. Its result
   was: ______________________.

4. The files were identified by hash value. The SHA-256 of manifest.json, which lists the SHA-256
   of every other file, stands in manifest.sha256. The bundle was made from:

{states}

5. Fields withheld, with the exemption cited for each, are listed in redactions.json.

I certify that the foregoing is true to the best of my knowledge.

Date: ______________________        Signature: ______________________
"""


def certificate(states: Iterable[LogState]) -> str:
    """The draft of a certificate, with blanks for what only a person can say."""
    lines = [
        f"   log {state.origin}, {state.size} records,\n   root {base64.b64encode(state.root).decode()}"
        for state in states
    ]
    return _CERTIFICATE.format(states="\n".join(lines))
