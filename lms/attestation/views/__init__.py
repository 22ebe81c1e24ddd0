"""Pages: what changed, sign, decline, receipt, witnessing, the sergeant's questions, the public check."""

from __future__ import annotations

from lms.attestation.views import changes, questions, receipts, signing, verifying, ways, witnessing
from lms.attestation.views.shared import bp

__all__ = ["bp", "changes", "questions", "receipts", "signing", "verifying", "ways", "witnessing"]
