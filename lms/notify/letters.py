"""A letter as an email message."""

from __future__ import annotations

from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from lms.notify.failures import PermanentFailure
from lms.notify.rules import Parcel, header_text, sound_address


def build_message(parcel: Parcel, sender: str) -> EmailMessage:
    """Plain text in UTF-8, marked as made by a program (RFC 3834), so that no absence note answers it.

    ``sender`` is "Name <address>". Raises PermanentFailure where an address cannot be used.
    """
    name, address = parseaddr(sender)
    if not sound_address(address):
        raise PermanentFailure(f"The sender {sender!r} is not an email address. Correct LMS_MAIL_FROM.")
    if not sound_address(parcel.to_address):
        raise PermanentFailure("This is not an email address. Correct it on the roster.")
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = Address(display_name=header_text(name), addr_spec=address)
        message["To"] = Address(addr_spec=parcel.to_address)
        message["Subject"] = header_text(parcel.subject)
        message["Date"] = format_datetime(parcel.created_at)
        message["Message-ID"] = f"<{parcel.message_id}@{address.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message.set_content(parcel.body_text, subtype="plain", charset="utf-8", cte="quoted-printable")
    except (ValueError, MessageError, UnicodeError) as error:
        raise PermanentFailure(f"The letter cannot be written as an email: {error}") from error
    return message
