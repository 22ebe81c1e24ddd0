"""A department on a fixed day."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from lms import clock
from lms.reporting.rules import Scope, current_scope
from lms.training.models import Assignment, RequirementVersion
from tests.factories.training import published_course
from tests.reporting import samples


@pytest.fixture
def frozen() -> Iterator[None]:
    """The clock at NOW."""
    with clock.at(samples.NOW):
        yield


@pytest.fixture
def requirement(frozen: None, app: Flask) -> RequirementVersion:
    """The yearly requirement of a published course."""
    published_course()
    return samples.annual()


@pytest.fixture
def department(requirement: RequirementVersion) -> dict[str, Assignment]:
    """One person in each state."""
    return samples.department(requirement)


@pytest.fixture
def scope() -> Scope:
    """TODAY."""
    return current_scope(samples.TODAY, samples.ZONE)
