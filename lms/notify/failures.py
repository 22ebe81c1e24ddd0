"""How sending can fail. Each says what is known of the letter, and so whether it may be tried again."""

from __future__ import annotations


class DeliveryFailure(Exception):
    """Base of what can go wrong; the text is for people."""


class TemporaryFailure(DeliveryFailure):
    """The letter was not taken; a later try may succeed."""


class Unreachable(TemporaryFailure):
    """No server could be reached or signed in to, so no other letter would leave now either."""


class PermanentFailure(DeliveryFailure):
    """The letter was refused for good."""


class UncertainFailure(DeliveryFailure):
    """The letter was handed over, and the answer never came: it may or may not have been taken (RFC 1047)."""
