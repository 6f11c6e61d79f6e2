"""Signing in and out, claiming, and what a foreign page cannot do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from backend.accounts.models import User

PASSWORD = "a long enough pass phrase"
CLAIM = {"token": "one-time", "username": "ada", "password": PASSWORD}


@pytest.fixture
def browser(db: None) -> Client:
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def claim_file() -> Iterator[None]:
    settings.CLAIM_FILE.parent.mkdir(exist_ok=True)
    settings.CLAIM_FILE.write_text("one-time")
    yield
    settings.CLAIM_FILE.unlink(missing_ok=True)


def token_of(browser: Client) -> str:
    return str(browser.get("/api/v1/session").json()["csrf_token"])


def send(browser: Client, method: str, path: str, body: Any = None, **headers: str) -> Any:
    call = getattr(browser, method)
    return call(f"/api/v1/{path}", body, content_type="application/json", headers=headers)


def test_the_link_makes_one_owner_once(browser: Client, claim_file: None) -> None:
    assert browser.get("/api/v1/session").json()["needs_owner"] is True
    made = send(browser, "post", "claim", CLAIM, **{"X-CSRFToken": token_of(browser)})
    assert made.status_code == 201
    assert made.json()["user"]["is_owner"] is True
    assert browser.get("/api/v1/session").json()["user"]["username"] == "ada"
    again = send(Client(), "post", "claim", CLAIM | {"username": "eve"}, **{"X-CSRFToken": token_of(browser)})
    assert again.status_code == 403
    assert again.json()["code"] in ("claim_refused", "csrf_failed")
    assert User.objects.count() == 1
    assert not settings.CLAIM_FILE.exists()


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"token": "guessed"}, 403, "claim_refused"),
        ({"password": "short"}, 400, "weak_password"),
        ({"password": "password1234"}, 400, "weak_password"),
        ({"username": "a b"}, 400, "invalid_input"),
        ({"username": None}, 400, "invalid_input"),
    ],
)
def test_a_wrong_claim_changes_nothing(
    browser: Client, claim_file: None, change: dict[str, Any], status: int, code: str
) -> None:
    answer = send(browser, "post", "claim", CLAIM | change, **{"X-CSRFToken": token_of(browser)})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not User.objects.exists()
    assert settings.CLAIM_FILE.exists()


def test_nobody_claims_without_a_link(browser: Client) -> None:
    answer = send(browser, "post", "claim", CLAIM | {"token": ""}, **{"X-CSRFToken": token_of(browser)})
    assert answer.status_code == 400
    answer = send(browser, "post", "claim", CLAIM, **{"X-CSRFToken": token_of(browser)})
    assert answer.status_code == 403


def test_signs_in_regardless_of_case_and_out_again(browser: Client, owner: User) -> None:
    login = {"username": "ADA", "password": PASSWORD}
    signed_in = send(browser, "post", "session", login, **{"X-CSRFToken": token_of(browser)})
    assert signed_in.status_code == 200
    assert browser.get("/api/v1/flows").status_code == 200
    assert send(browser, "delete", "session", **{"X-CSRFToken": token_of(browser)}).status_code == 204
    assert browser.get("/api/v1/flows").status_code == 401


def test_a_wrong_password_says_no_more_than_that(browser: Client, owner: User) -> None:
    for name in ("ada", "nobody"):
        answer = send(
            browser,
            "post",
            "session",
            {"username": name, "password": "x"},
            **{"X-CSRFToken": token_of(browser)},
        )
        assert answer.status_code == 400
        assert answer.json()["code"] == "wrong_password"


def test_no_change_without_the_cross_site_token(browser: Client, owner: User) -> None:
    assert send(browser, "post", "session", {"username": "ada", "password": PASSWORD}).status_code == 403
    browser.force_login(owner)
    answer = send(browser, "post", "flows", {"name": "mine"})
    assert answer.status_code == 403
    assert answer.json()["code"] == "csrf_failed"
    assert not owner.flows.exists()


def test_no_change_from_a_foreign_origin(browser: Client, owner: User) -> None:
    browser.force_login(owner)
    token = token_of(browser)
    for origin in ("http://evil.example", "http://testserver:81", "https://testserver", "null"):
        answer = send(browser, "post", "flows", {"name": "x"}, **{"X-CSRFToken": token, "Origin": origin})
        assert answer.status_code == 403, origin
    own = {"X-CSRFToken": token, "Origin": "http://testserver"}
    assert send(browser, "post", "flows", {"name": "x"}, **own).status_code == 201


def test_the_session_cookie_is_out_of_reach_of_scripts(browser: Client, owner: User) -> None:
    login = {"username": "ada", "password": PASSWORD}
    answer = send(browser, "post", "session", login, **{"X-CSRFToken": token_of(browser)})
    cookie = answer.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_one_owner_only(person: Callable[..., User], owner: User) -> None:
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        person("second", is_owner=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        person("ADA")
