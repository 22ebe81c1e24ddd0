"""The ledger: one tamper-evident log of every fact that matters.

It owns appending records in the transaction of the change that they record, proving that a record stands in
the log, verifying the whole log, and signing checkpoints with a key that lives outside the database. It
refuses to know what training is, to change or remove a record, to sign a log that does not continue the one
it signed last, and to commit.

Its words: a **record** is one fact, known by its record id; an **entry** is the record's canonical text, a
**leaf** its hash, its **position** the zero-based index of the leaf; a **disclosure** is one salted field;
the **head** is the size and frontier of the log now; a **checkpoint** is a signed statement of size and root;
an **inclusion proof** ties a record to a checkpoint, a **consistency proof** ties an older checkpoint to a
newer one.

Tamper-evident: what is altered can be found by whoever holds a checkpoint or a receipt. Nothing here prevents
it.
"""
