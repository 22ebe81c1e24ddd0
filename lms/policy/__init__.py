"""The policy: documents such as SOP 110, their published versions word for word, and the reviews that fall due.

It owns clause refs (``IV.B.2.f``), the canonical text that a version's hash covers, and the page that shows the
whole policy. A version never changes; publishing the same text twice makes one version. A policy that is past its
review date is flagged on the ledger and shown as such, never hidden. It knows no course and no training, and it
never says that the policy requires either.

Words: a *document* is the policy, a *version* one text of it, a *clause* the smallest part that has a number (or,
in the definitions, a term), its *ref* is the stable id, and its *trail* the headings above it.
"""
