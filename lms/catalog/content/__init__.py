"""Authored content: read from files, checked as a whole, told apart into parts.

Nothing here knows a database or a clock. ``check_course`` in ``check`` is the way in; every fault that it finds
names a file, a line and the place in it, and all faults come at once.
"""
