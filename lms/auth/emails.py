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
