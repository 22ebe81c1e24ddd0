"""Anchors: witnesses outside the house that saw a checkpoint.

Owns asking time-stamping authorities (RFC 3161), keeping what they answer with a record of it, and saying how
much of the log is anchored. Letters with the checkpoint are written by a higher room (``lms.jobs``), because the
ledger knows no mail; here they are only kept account of. Its words: a **witness** is an authority or an address;
an anchor is **kept** once it is stored and recorded; a kept token is **verified** where a root certificate on
file confirms it, and otherwise not verifiable here.
"""
