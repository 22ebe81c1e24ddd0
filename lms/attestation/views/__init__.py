"""Pages: sign, decline, receipt, witnessing, the sergeant's questions, and the public check of a receipt."""

from __future__ import annotations

from lms.attestation.views import questions, receipts, signing, verifying, witnessing
from lms.attestation.views.shared import bp

__all__ = ["bp", "questions", "receipts", "signing", "verifying", "witnessing"]
