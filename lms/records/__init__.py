"""HR's reading of records, and *My record* for everybody.

Owns what is shown of the records that other features keep. Refuses to show anybody's record to HR without a *look*:
a stated purpose, itself recorded, which the person reads on their own page. Changes nothing; its only writes are
looks and the ledger's note of an export.
"""
