"""GET /api/v1/health, as a program that watches the studio sees it."""

from __future__ import annotations

import pytest
from django.test import Client
from redis import ConnectionError as BrokerGone

from backend.common import health


@pytest.mark.django_db
def test_says_each_part_and_the_version(client: Client) -> None:
    health.leave("w@test")
    answer = client.get("/api/v1/health")
    assert answer.status_code == 200
    body = answer.json()
    assert body["status"] == "degraded"
    assert body["version"]
    assert {name: part["state"] for name, part in body["parts"].items()} == {
        "database": "ok",
        "broker": "ok",
        "worker": "down",
    }


@pytest.mark.django_db
def test_is_ready_once_a_worker_beats(client: Client) -> None:
    health.beat("w@test")
    try:
        assert client.get("/api/v1/health").json()["status"] == "ready"
    finally:
        health.leave("w@test")


@pytest.mark.django_db
def test_says_503_without_a_broker(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone:
        def ping(self) -> None:
            raise BrokerGone("unix:///secret/place is gone")

    monkeypatch.setattr(health, "broker", Gone)
    monkeypatch.setitem(health.PARTS, "worker", lambda: "1 at work")
    answer = client.get("/api/v1/health")
    assert answer.status_code == 503
    assert "secret" not in answer.content.decode()
