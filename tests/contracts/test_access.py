"""Every endpoint is in this table with the permission that it needs, and does what the table says for every role."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from lms.roster.permissions import GRANTED_ROLES, PERMISSIONS, permissions_of
from lms.web.access import PUBLIC
from tests.contracts.access_table import ACCESS
from tests.factories.people import make_person

ENDS_THE_SESSION = {"auth.sign_out", "auth.end_session", "auth.end_sessions"}
VALUES = {
    "assignment_id": 1,
    "attempt_id": 1,
    "attestation_id": 1,
    "bundle_id": 1,
    "module_ref": "0",
    "ref": "0",
    "scenario_ref": "none",
    "position": 1,
    "passkey_id": 1,
    "person_id": 1,
    "witness_id": 1,
    "question_id": 1,
    "message_id": 1,
    "session_id": 1,
    "set_id": 1,
    "record_id": "00000000-0000-4000-8000-000000000000",
    "slug": "sop-110",
    "token": "none",
    "role": "hr",
    "change": "leave",
    "filename": "css/theme.css",
}


def _rules(app: Flask) -> list[Any]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.rsplit(".", 1)[-1] != "static"]


def test_every_endpoint_is_in_the_table_and_the_table_names_no_other(app: Flask) -> None:
    declared = {rule.endpoint: app.view_functions[rule.endpoint].permission for rule in _rules(app)}
    assert declared == ACCESS


def test_every_permission_of_the_table_is_used_or_kept_for_a_reason(app: Flask) -> None:
    assert set(ACCESS.values()) - {PUBLIC} <= set(PERMISSIONS)


def _address(rule: Any) -> str:
    return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda found: str(VALUES[found[1]]), rule.rule)


def test_a_visitor_who_is_not_signed_in_is_sent_to_the_sign_in_page(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    for rule in _rules(app):
        if ACCESS[rule.endpoint] == PUBLIC:
            continue
        for method in rule.methods & {"GET", "POST"}:
            response = client.open(_address(rule), method=method)
            assert response.status_code == 302, (rule.endpoint, method, response.status_code)
            assert "/auth/sign-in" in response.location


@pytest.mark.parametrize("role", ["officer", *GRANTED_ROLES])
def test_each_role_opens_what_the_table_grants_and_nothing_else(
    app: Flask, sign_in: Callable[..., Any], role: str
) -> None:
    roles = () if role == "officer" else (role,)
    client = sign_in(make_person(), *roles)
    app.config["WTF_CSRF_ENABLED"] = False
    app.testing = True
    held = permissions_of(roles)
    for rule in _rules(app):
        needed = ACCESS[rule.endpoint]
        if rule.endpoint in ENDS_THE_SESSION or needed == PUBLIC:
            continue
        for method in rule.methods & {"GET", "POST"}:
            status = client.open(_address(rule), method=method).status_code
            if needed in held:
                assert status != 403 or rule.endpoint.startswith(("records.", "attestation.")), (rule.endpoint, method)
            else:
                assert status == 403, (rule.endpoint, method, status)
