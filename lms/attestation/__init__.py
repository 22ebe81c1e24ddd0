"""Attestation: the statement, signing it, declining to sign, witnesses, receipts, questions asked at signing.

Owns what a person signed, exactly as it was on the page, and what follows from it. Refuses to sign a text that is
no longer current, to sign twice, and to sign without a fresh proof of who is at the keyboard.
It also shows what changed in the policy since a person last signed, and records that this was read.
Words: an *attestation* is a signed or declined statement; a *reservation* is the question or remark written beside
it; a *receipt* is what the signer keeps; a *witness* confirms from their own sign-in that somebody declined.
Assessment is not known here: whether somebody may sign is asked of ``lms.training``.
"""
