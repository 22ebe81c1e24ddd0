"""How letters leave: through a mail server, or into a folder while none is set."""

from __future__ import annotations

from typing import Protocol

from config import Settings
from lms.notify.folder import FolderTransport
from lms.notify.rules import Parcel
from lms.notify.smtp import SmtpTransport

__all__ = ["FolderTransport", "SmtpTransport", "Transport", "make_transport"]


class Transport(Protocol):
    """Sends letters one at a time."""

    def send(self, parcel: Parcel) -> None:
        """Returns once the letter was taken; raises a DeliveryFailure of ``lms.notify.failures``."""

    def close(self) -> None:
        """Ends the batch. Never raises."""


def make_transport(settings: Settings) -> Transport:
    """The transport that the settings ask for. Raises SettingsError where LMS_SMTP_URL cannot be used."""
    if settings.smtp_url is None:
        return FolderTransport(settings.mail_folder, sender=settings.mail_from)
    return SmtpTransport(settings.smtp_url, sender=settings.mail_from)
