"""What tests of the backend share: people, and clients that speak for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says how busy the machine is.
settings.register_profile("flowloft", suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("flowloft")

SLOW = (
    "runtime/backends/",
    "runtime/sandbox/",
    "runtime/components/",
    "conformance/test_backends.py",
    "conformance/test_providers.py",
    "runtime/codegen/",
    "runtime/modules/",
    "hub/test_connections.py",
    "tests/models/",
)
"""What starts clusters, waits out deadlines or tries hundreds of flows: not for the inner loop."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what takes long by where it stands."""
    for item in items:
        if any(place in item.path.as_posix() for place in SLOW):
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def person(db: None) -> Callable[..., Any]:
    """Makes people: ``person("bob")``."""
    from backend.accounts.models import User

    def make(username: str, **fields: Any) -> Any:
        return User.objects.create_user(username, "a long enough pass phrase", **fields)

    return make


@pytest.fixture
def owner(person: Callable[..., Any]) -> Any:
    """The one who claimed the studio."""
    return person("ada", is_owner=True)


@pytest.fixture
def stranger(person: Callable[..., Any]) -> Any:
    """Somebody with an account and nothing else."""
    return person("eve")


@pytest.fixture
def client_of() -> Callable[[Any], Any]:
    """Makes a REST client that is signed in as a person."""
    from rest_framework.test import APIClient

    def make(user: Any) -> Any:
        client = APIClient()
        client.force_authenticate(user)
        client.default_format = "json"
        return client

    return make


@pytest.fixture
def api(owner: Any, client_of: Callable[[Any], Any]) -> Any:
    """The owner's REST client."""
    return client_of(owner)


@pytest.fixture
def stranger_api(stranger: Any, client_of: Callable[[Any], Any]) -> Any:
    """The REST client of somebody who owns none of it."""
    return client_of(stranger)
