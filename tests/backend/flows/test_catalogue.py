"""The catalogue as the editor fetches it, and the templates."""

from __future__ import annotations

from typing import Any

from flowloft.core.registry import KINDS


def test_lists_every_kind_and_answers_304(api: Any) -> None:
    answer = api.get("/api/v1/catalogue")
    body = answer.json()
    assert {kind["key"] for kind in body["kinds"]} == set(KINDS.keys)
    assert body["connects"]["text"]
    assert body["version"]
    again = api.get("/api/v1/catalogue", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert again.content == b""


def test_every_template_opens_without_an_error(api: Any) -> None:
    templates = api.get("/api/v1/templates").json()
    assert "chatbot" in [template["key"] for template in templates]
    for template in templates:
        made = api.post("/api/v1/flows", {"template": template["key"]})
        assert made.status_code == 201, template["key"]
        findings = api.get(f"/api/v1/flows/{made.json()['id']}/draft").json()["findings"]
        assert [one for one in findings if one["level"] == "error"] == [], template["key"]


def test_an_unknown_template_is_refused(api: Any) -> None:
    answer = api.post("/api/v1/flows", {"template": "nope"})
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_template")
    both = api.post("/api/v1/flows", {"template": "chatbot", "document": {}})
    assert both.status_code == 400
