"""Who may do what: one table, readable by anybody.

A permission is ``resource:action``. Everybody who works here holds the role ``officer``; the others are granted.
An endpoint names the one permission it needs with ``lms.web.access.access``.
"""

from __future__ import annotations

from collections.abc import Iterable

OFFICER = "officer"
SUPERVISOR = "supervisor"
SERGEANT = "training_sergeant"
HR = "hr"
ADMINISTRATOR = "administrator"

ROLE_NAMES = {
    OFFICER: "Officer",
    SUPERVISOR: "Supervisor",
    SERGEANT: "Training sergeant",
    HR: "HR",
    ADMINISTRATOR: "Administrator",
}
GRANTED_ROLES = (SUPERVISOR, SERGEANT, HR, ADMINISTRATOR)

PERMISSIONS: dict[str, frozenset[str]] = {
    "account:use": frozenset({OFFICER}),
    "training:take": frozenset({OFFICER}),
    "attestation:sign": frozenset({OFFICER}),
    "attestation:witness": frozenset({OFFICER}),
    "record:read_own": frozenset({OFFICER}),
    "policy:read": frozenset({OFFICER}),
    "team:read_status": frozenset({SUPERVISOR, SERGEANT}),
    "completion:read": frozenset({SERGEANT}),
    "completion:export": frozenset({SERGEANT}),
    "assignment:manage": frozenset({SERGEANT}),
    "notice:send": frozenset({SERGEANT}),
    "question:answer": frozenset({SERGEANT}),
    "record:read": frozenset({HR}),
    "record:export": frozenset({HR}),
    "roster:change_status": frozenset({HR}),
    "evidence:read": frozenset({HR, ADMINISTRATOR}),
    "account:manage": frozenset({ADMINISTRATOR}),
    "system:read": frozenset({ADMINISTRATOR}),
}
"""Which roles hold each permission."""


def permissions_of(roles: Iterable[str]) -> frozenset[str]:
    """All permissions that somebody with these granted roles holds; the officer's come with every account."""
    held = {OFFICER, *roles}
    return frozenset(name for name, holders in PERMISSIONS.items() if holders & held)
