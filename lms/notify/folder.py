"""Letters as ``.eml`` files in a folder, while no mail server is set."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from lms.notify.failures import TemporaryFailure
from lms.notify.letters import build_message
from lms.notify.rules import Parcel


class FolderTransport:
    """Writes each letter as an ``.eml`` file named by its message id, whole or not at all."""

    def __init__(self, folder: Path, *, sender: str = "Rollcall <rollcall@localhost>") -> None:
        self.folder = folder
        self._sender = sender

    def send(self, parcel: Parcel) -> None:
        """Writes the file, then its name. Raises TemporaryFailure where the folder cannot be written."""
        content = build_message(parcel, self._sender).as_bytes()
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(dir=self.folder, prefix=".", suffix=".part")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(name, self.folder / f"{parcel.message_id}.eml")
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
            _sync_folder(self.folder)
        except OSError as error:
            raise TemporaryFailure(f"The folder for letters cannot be written: {error.strerror or error}") from error

    def close(self) -> None:
        """Nothing to end."""


def _sync_folder(folder: Path) -> None:
    """Makes the new name durable; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
