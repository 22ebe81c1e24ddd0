"""The roster: units, people, chain of command, leave, and the roles that people hold.

Refuses to delete anybody: a person who leaves is dated as separated, and all records stay.
Words: a *unit* is a part of the department; a *supervisor* is the person one reports to; a *flag* is an assignment
such as ``undercover`` that an audience may name; *leave* is a time away whose kind only HR sees.
"""
