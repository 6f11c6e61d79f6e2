"""What the API refuses to read, always with a 4xx and the place of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from flowloft.core.spec import MAX_JSON_DEPTH

DEEP = b'{"document":' + b"[" * 80 + b"]" * 80 + b"}"


def post(api: Any, raw: bytes, media: str = "application/json") -> Any:
    return api.generic("POST", "/api/v1/flows", raw, content_type=media)


@pytest.mark.parametrize(
    ("raw", "code", "path"),
    [
        (b"{", "invalid_json", None),
        (b"\xff\xfe", "invalid_json", None),
        (b'{"name": NaN}', "invalid_json", None),
        (b'{"document": {"x": 1e999}}', "invalid_json", None),
        (b'{"x": ' + b"9" * 5000 + b"}", "invalid_json", None),
        (b"[" * 100_000, "too_deep", ""),
        (DEEP, "too_deep", "/document" + "/0" * (MAX_JSON_DEPTH - 1)),
        (b'{"name": "a\\u0000b"}', "invalid_text", "/name"),
        (b'{"name": "\\ud800"}', "invalid_text", "/name"),
        (b'{"document": {"a": ["ok", "\\udfff"]}}', "invalid_text", "/document/a/1"),
        (b'{"document": {"a\\u0000": 1}}', "invalid_text", "/document"),
        (b"null", "invalid_input", None),
        (b"[]", "invalid_input", None),
        (b'"flow"', "invalid_input", None),
    ],
)
def test_is_refused_with_its_place(api: Any, raw: bytes, code: str, path: str | None) -> None:
    answer = post(api, raw)
    body = answer.json()
    assert 400 <= answer.status_code < 500
    assert body["code"] == code
    assert set(body) == {"code", "message", "hint", "extra"}
    if path is not None:
        assert body["extra"]["path"] == path


def test_whole_characters_beyond_the_basic_plane_are_fine(api: Any) -> None:
    assert post(api, b'{"name": "\\ud83d\\ude00"}').json()["name"] == "\N{GRINNING FACE}"


def test_too_large_is_413(api: Any) -> None:
    answer = post(api, b'{"name": "' + b"a" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE + b'"}')
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"


def test_other_media_types_are_415(api: Any) -> None:
    assert post(api, b"name=x", "application/x-www-form-urlencoded").status_code == 415


@pytest.mark.parametrize(
    "path", ["/api/v1/flows?q=%00", "/api/v1/flows?cursor=%00", "/api/v1/flows?cursor=garbage"]
)
def test_addresses_are_read_as_carefully(api: Any, path: str) -> None:
    assert 400 <= api.get(path).status_code < 500


@pytest.mark.parametrize(
    "cursor", ["cD1ub25zZW5zZQ==", "cD0yMDI2LTk5LTk5", "bz0tMQ==", "bz05OTk5OTk5OTk5OTk5OTk5OTk5OTk5"]
)
def test_a_made_up_cursor_is_refused_or_empty(api: Any, cursor: str) -> None:
    assert api.get(f"/api/v1/flows?cursor={cursor}").status_code < 500
