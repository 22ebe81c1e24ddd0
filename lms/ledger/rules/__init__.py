"""The ledger's pure decisions: tree, disclosures, envelope, entries, notes and proofs.

No database, clock or web.
"""
