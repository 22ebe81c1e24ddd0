"""The catalog: courses as authored files, checked as a whole, and published as immutable versions.

It owns the content format (``content``), what a published course is (``rules``), the rows of its versions and
parts, and the command ``lms content``. Published content never changes: a new text is a new version, unchanged
files make none, and the ledger holds the hash of every part. It refuses content with any fault, and it refuses to
show a part whose bytes are not the published ones.

Words: a *part* is one lesson, scenario, item, form, module or the course itself; a *unit* is the clauses that are
tested as one; a *form* is one set of capstone questions, drawn when the course is published; an *edition* is one
version with its number and hashes.
"""
