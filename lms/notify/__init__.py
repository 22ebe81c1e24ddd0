"""Letters to people: written into an outbox with the change that they tell of, and sent by the worker.

Owns the outbox and its delivery. Refuses to send a letter twice: one that may have gone is never sent again.
Words: a *topic* is what a letter is about, and its owner says at the moment of sending whether it still
applies; a letter is *sent* once a mail server took it, and *dropped* where it was decided not to send it or
not to go on.
"""
