"""Changes of sign-in: opening and revoking sessions, proofs of identity, passwords, one-time links.

Some of these end a transaction, which no other action may do: ``sign_in``, ``reauthenticate``, ``change_password`` and
``use_link``. A count of failures must outlive the refusal that it belongs to, and argon2id takes its time, in which
nobody may wait for a lock.
"""

from __future__ import annotations

from lms.auth.actions.credentials import change_password, set_password, use_link
from lms.auth.actions.links import request_link, send_link, void_links
from lms.auth.actions.proving import reauthenticate
from lms.auth.actions.sessions import (
    REFUSED,
    Opened,
    clean_sessions,
    open_session,
    revoke_session,
    revoke_sessions,
    sign_in,
)

__all__ = [
    "REFUSED",
    "Opened",
    "change_password",
    "clean_sessions",
    "open_session",
    "reauthenticate",
    "request_link",
    "revoke_session",
    "revoke_sessions",
    "send_link",
    "set_password",
    "sign_in",
    "use_link",
    "void_links",
]
