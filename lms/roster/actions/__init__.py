"""Changes of the roster: people and their names, roles, leave, and the end and the return of service."""

from __future__ import annotations

from lms.roster.actions.leave import cancel_leave, end_leave, record_leave, return_from_leave
from lms.roster.actions.people import add_person, add_unit, rename_person
from lms.roster.actions.roles import grant_role, revoke_role
from lms.roster.actions.service import end_roles_of_separated, rehire_person, separate_person

__all__ = [
    "add_person",
    "add_unit",
    "cancel_leave",
    "end_leave",
    "end_roles_of_separated",
    "grant_role",
    "record_leave",
    "rehire_person",
    "rename_person",
    "return_from_leave",
    "revoke_role",
    "separate_person",
]
