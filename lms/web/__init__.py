"""What every page shares: access, one commit a request, errors, navigation, filters, the base form.

Knows no feature above it. A feature's views import from here; nothing here imports a feature's views.
"""
