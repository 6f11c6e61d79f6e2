"""Access tokens: shown once, kept as a digest, good for programs."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from backend.accounts.models import AccessToken


@pytest.fixture
def text(api: Any) -> str:
    made = api.post("/api/v1/tokens", {"name": "ci"})
    assert made.status_code == 201
    return str(made.json()["token"])


def call(text: str, method: str = "get", path: str = "flows") -> Any:
    client = Client(enforce_csrf_checks=True)
    return getattr(client, method)(
        f"/api/v1/{path}", content_type="application/json", headers={"Authorization": f"Bearer {text}"}
    )


def test_is_shown_once_and_kept_as_a_digest(api: Any, text: str) -> None:
    listed = api.get("/api/v1/tokens")
    assert text not in listed.content.decode()
    stored = AccessToken.objects.get()
    assert text not in "".join(str(value) for value in vars(stored).values())
    assert listed.json()["results"][0]["start"] == text[:8]


def test_lets_a_program_in_without_cookies(text: str) -> None:
    assert call(text).status_code == 200
    assert call(text, "post").status_code == 400 or call(text, "post").status_code == 201
    assert AccessToken.objects.get().last_used_at is not None


def test_a_wrong_one_is_401_with_the_way_in(text: str) -> None:
    for wrong in (text[:-1], "x", "", "\N{SNOWMAN}"):
        answer = call(wrong)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_is_withdrawn_at_once(api: Any, text: str) -> None:
    assert api.delete(f"/api/v1/tokens/{AccessToken.objects.get().pk}").status_code == 204
    assert call(text).status_code == 401


def test_belongs_to_one_person(api: Any, stranger_api: Any, text: str) -> None:
    assert stranger_api.get("/api/v1/tokens").json()["results"] == []
    assert stranger_api.delete(f"/api/v1/tokens/{AccessToken.objects.get().pk}").status_code == 404
    assert AccessToken.objects.count() == 1


def test_dies_with_its_person(owner: Any, text: str) -> None:
    owner.is_active = False
    owner.save()
    assert call(text).status_code == 401
