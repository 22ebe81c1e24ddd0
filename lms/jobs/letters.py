"""The letter that carries a checkpoint out of the house. Built here, sent by the worker."""

from __future__ import annotations

from hashlib import sha256

from lms.notify.rules import Letter


def checkpoint_letter(department: str, size: int, note: str) -> Letter:
    """A signed checkpoint for somebody outside, who only has to keep it."""
    digest = sha256(note.encode()).hexdigest()
    return Letter(
        f"Please keep: checkpoint over {size:,} training records, {department}",
        f"This letter is evidence. Please keep it; there is nothing else to do.\n\n"
        f"{department} keeps its training records in a tamper-evident log. The lines below are a signed statement of "
        f"what the log held when this letter was written: {size:,} records, and one number that stands for all of "
        "them. Whoever changes or removes one of these records later cannot make the log fit this statement again. "
        "With this letter you can show that.\n\n"
        "It holds no personal data. If you are asked for it one day, hand over the whole letter with its headers.\n\n"
        "----- the checkpoint begins below this line -----\n"
        f"{note}"
        "----- the checkpoint ends above this line -----\n\n"
        f"SHA-256 of the checkpoint: {digest}\n",
    )
