"""Letters about an account. Built here, sent by the worker."""

from __future__ import annotations

from lms.notify.rules import Letter


def invitation(*, name: str, link: str, department: str, days: int) -> Letter:
    """The first letter: set a password and begin."""
    return Letter(
        f"Your account for training at {department}",
        f"""Hello {name},

an account was made for you in Rollcall, where {department} keeps its policy training.

Choose your password here. The link works once, for {days} days:

{link}

After that, sign in with this email address. If the link no longer works, open the sign-in page and
choose "Forgot your password?".
""",
    )


def forgotten_password(*, name: str, link: str, department: str, hours: int) -> Letter:
    """A new password for somebody who asked for one."""
    return Letter(
        "Set a new password",
        f"""Hello {name},

somebody, most likely you, asked to set a new password for your Rollcall account at {department}.

The link works once, for {hours} hours:

{link}

If it was not you, do nothing: your password stays as it is. Tell an administrator if this happens again.
""",
    )


NOT_YOU = """If it was not you, tell an administrator today: somebody knows your password. Change it at once.
"""


def passkey_added(*, name: str, label: str) -> Letter:
    """A passkey can sign for this person from now on."""
    return Letter(
        "A passkey was added to your account",
        f"""Hello {name},

the passkey “{label}” was added to your Rollcall account. You can sign with it from now on.

{NOT_YOU}""",
    )


def passkey_removed(*, name: str, label: str) -> Letter:
    """A passkey can no longer sign."""
    return Letter(
        "A passkey was removed from your account",
        f"""Hello {name},

the passkey “{label}” was removed from your Rollcall account. What you signed with it stays valid.

{NOT_YOU}""",
    )


def codes_added(*, name: str) -> Letter:
    """One-time codes are in use."""
    return Letter(
        "One-time codes are set up for your account",
        f"""Hello {name},

one-time codes from an app were set up for your Rollcall account. You can sign with your password and a code.

{NOT_YOU}""",
    )


def codes_removed(*, name: str, by: str | None) -> Letter:
    """One-time codes are gone; ``by`` is the administrator who reset them, None where it was the person."""
    who = "were removed from" if by is None else f"were reset by {by} for"
    return Letter(
        "One-time codes were removed from your account",
        f"""Hello {name},

the one-time codes {who} your Rollcall account. What you signed with them stays valid.

{NOT_YOU}""",
    )
