"""Changes of sign-in: sessions, proofs of identity, passwords, one-time links, passkeys, one-time codes.

Some of these end a transaction, which no other action may do: ``sign_in``, ``reauthenticate`` (also with a code),
``change_password`` and ``use_link``. A count of failures must outlive the refusal that it belongs to, and argon2id
takes its time, in which nobody may wait for a lock.
"""

from __future__ import annotations

from lms.auth.actions.codes import begin_codes, confirm_codes, reauthenticate_with_code, remove_codes
from lms.auth.actions.credentials import change_password, set_password, use_link
from lms.auth.actions.links import request_link, send_link, void_links
from lms.auth.actions.passkeys import enrol_passkey, prove_with_passkey, remove_passkey
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
    "begin_codes",
    "change_password",
    "clean_sessions",
    "confirm_codes",
    "enrol_passkey",
    "open_session",
    "prove_with_passkey",
    "reauthenticate",
    "reauthenticate_with_code",
    "remove_codes",
    "remove_passkey",
    "request_link",
    "revoke_session",
    "revoke_sessions",
    "send_link",
    "set_password",
    "sign_in",
    "use_link",
    "void_links",
]
