"""A flow that is not quite plain."""

from __future__ import annotations

import json
import uuid
from typing import Any
from urllib.parse import urlencode

import pytest
from asgiref.sync import async_to_sync

PLANTED = "sk-planted-0123456789"
"""A key that must not leave."""


@pytest.fixture
def document() -> dict[str, Any]:
    """A flow with inputs of every sort, a text of several lines, and a key where none belongs."""
    return {
        "schema": "flowloft/flow",
        "schema_version": 1,
        "kind": "flow",
        "graph": {
            "nodes": {
                "say": {"kind": "chat_output", "settings": {}},
                "ask": {"kind": "chat_input", "settings": {}},
                "count": {
                    "kind": "input",
                    "settings": {"name": "count", "type": "number", "description": "How many."},
                },
                "words": {"kind": "prompt", "settings": {"template": "你好 {who}\n  yes: no\u2028- #\x85"}},
                "call": {
                    "kind": "http_request",
                    "settings": {
                        "url": "https://example.com",
                        "headers": {
                            "Accept": "text/plain",
                            "Authorization": f"Bearer {PLANTED}",
                            "X-Api-Key": "{key}",
                        },
                    },
                },
                "gone": {"kind": "telepathy", "settings": {"api_key": PLANTED, "range": [1, None]}},
            },
            "edges": {
                "e1": {"source": "ask", "source_port": "text", "target": "words", "target_port": "who"},
                "e2": {"source": "words", "source_port": "output", "target": "say", "target_port": "text"},
            },
        },
        "ui": {"positions": {"say": {"x": 300, "y": 0}, "ask": {"x": 0, "y": 0}}, "groups": {}},
        "requirements": {"kinds": {}, "models": [], "credentials": []},
    }


@pytest.fixture
def flow(api: Any, document: dict[str, Any]) -> str:
    """The id of a flow with that document."""
    made = api.post("/api/v1/flows", {"name": "问候 1/2", "document": document})
    assert made.status_code == 201, made.content
    return str(made.json()["id"])


class Bundles:
    """Exports and imports as a program does them, with this process as the worker."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def start(self, *flows: str, headers: dict[str, str] | None = None, **more: Any) -> Any:
        """Asks for an export."""
        body = {"flows": [{"id": flow, "version": more.pop("version", "draft")} for flow in flows], **more}
        return self.client.post("/api/v1/exports", body, headers=headers or {})

    def job(self, id: str) -> dict[str, Any]:
        """Returns a job as it is now."""
        found: dict[str, Any] = self.client.get(f"/api/v1/exports/{id}").json()
        return found

    def made(self, *flows: str, **more: Any) -> dict[str, Any]:
        """Exports and waits; returns the job."""
        from backend.exports.worker import job_work

        answer = self.start(*flows, **more)
        assert answer.status_code in (200, 202), answer.content
        job_work(job_id=uuid.UUID(answer.json()["id"]))
        job = self.job(answer.json()["id"])
        assert job["state"] == "succeeded", job
        return job

    def file(self, job: dict[str, Any], **headers: str) -> Any:
        """Fetches the file of a job; the answer has its bytes as ``body``."""
        answer = self.client.get(f"/api/v1/exports/{job['id']}/file", headers=headers)
        if answer.streaming:
            answer.body = async_to_sync(_all)(answer)
        else:
            answer.body = answer.content
        return answer

    def exported(self, *flows: str, **more: Any) -> bytes:
        """Returns the bytes of an export."""
        return bytes(self.file(self.made(*flows, **more)).body)

    def imported(self, archive: bytes, **how: Any) -> Any:
        """Sends an archive."""
        if "bindings" in how:
            how["bindings"] = json.dumps(how["bindings"])
        query = urlencode(
            {name: str(value).lower() if value is True else value for name, value in how.items()}
        )
        return self.client.generic(
            "POST", f"/api/v1/imports?{query}", archive, content_type="application/zip"
        )


async def _all(answer: Any) -> bytes:
    return b"".join([piece async for piece in answer.streaming_content])


@pytest.fixture
def bundles(api: Any, monkeypatch: pytest.MonkeyPatch) -> Bundles:
    """The owner's."""
    from backend.exports import limits

    # The thread that keeps a lease sees nothing of a test's transaction, and would give the job up as lost.
    monkeypatch.setattr(limits, "BEAT", 3600.0)
    return Bundles(api)
