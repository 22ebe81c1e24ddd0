"""Where this department's bundles wait, and where the certificates of time-stamping authorities are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lms.web.context import settings


@dataclass(frozen=True, slots=True)
class Folders:
    """Where bundles wait to be fetched, and the certificates of time-stamping authorities."""

    bundles: Path
    authorities: Path

    def file_of(self, bundle_id: int) -> Path:
        """The file of a bundle that is ready."""
        return self.bundles / f"bundle-{bundle_id}.zip"

    def certificates(self) -> list[Path]:
        """The certificates, by name."""
        return sorted(self.authorities.glob("*.pem"))


def folders() -> Folders:
    """The folders of the running application."""
    return Folders(settings().bundle_folder, settings().authorities_folder)
