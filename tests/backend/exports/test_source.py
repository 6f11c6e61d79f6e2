"""The code beside the canvas: what is edited there becomes the drawing, and nothing that it hides is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.backend.exports.conftest import PLANTED


def read(api: Any, flow: str, text: str) -> Any:
    return api.post(f"/api/v1/flows/{flow}/source", {"text": text})


def code_of(api: Any, flow: str) -> str:
    return str(api.get(f"/api/v1/flows/{flow}/export?format=python").content.decode())


def draft_of(api: Any, flow: str) -> Any:
    return api.get(f"/api/v1/flows/{flow}/draft").json()["document"]


def test_what_was_exported_is_read_as_the_draft_with_its_secrets(api: Any, flow: str) -> None:
    pins = {"words": {"output": "pinned"}}
    api.patch(
        f"/api/v1/flows/{flow}/draft",
        [{"op": "add", "path": "/ui/pins", "value": pins}],
        headers={"If-Match": '"1"'},
    )
    code = code_of(api, flow)
    assert PLANTED not in code
    before = draft_of(api, flow)
    answer = read(api, flow, code)
    assert answer.status_code == 200
    assert answer.json()["document"] == before
    assert before["ui"]["pins"] == pins
    changed = read(api, flow, code.replace("https://example.com", "https://example.org")).json()["document"]
    settings = changed["graph"]["nodes"]["call"]["settings"]
    assert settings["url"] == "https://example.org"
    assert settings["headers"]["Authorization"] == f"Bearer {PLANTED}"
    assert draft_of(api, flow) == before, "reading saves nothing"


def test_a_secret_goes_to_no_other_node(api: Any, flow: str) -> None:
    code = code_of(api, flow)
    for was, becomes in (('id="call"', 'id="calls"'), ("flow.http_request(", "flow.telepathy(")):
        assert was in code
        assert f"Bearer {PLANTED}" not in str(read(api, flow, code.replace(was, becomes)).json())


def test_what_can_not_be_read_says_the_line_and_runs_nothing(api: Any, flow: str, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    code = code_of(api, flow)
    line = code.splitlines().index("flow = Drawing()") + 2
    for wrong in (f"open({str(mark)!r}, 'w')", "ask = (", "x = flow.prompt(template=1 + 1)"):
        answer = read(api, flow, code.replace("flow = Drawing()\n", f"flow = Drawing()\n{wrong}\n"))
        assert answer.status_code == 422
        assert answer.json()["extra"]["line"] == line
    assert not mark.exists()


def test_a_flow_written_by_hand_says_what_became_of_it(api: Any, flow: str) -> None:
    answer = read(api, flow, "from flowloft import pipeline\nflow = pipeline(str.strip, str.upper)\n").json()
    assert {finding["code"] for finding in answer["findings"]} >= {"became_function"}
    kinds = [node["kind"] for node in answer["document"]["graph"]["nodes"].values()]
    assert kinds == ["input", "function", "function", "output"]


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": 3}, {"text": "x" * 6_000_000}])
def test_a_bad_body_is_refused(api: Any, flow: str, body: dict[str, Any]) -> None:
    assert 400 <= api.post(f"/api/v1/flows/{flow}/source", body).status_code < 500


def test_it_is_nobody_elses(stranger_api: Any, flow: str) -> None:
    assert read(stranger_api, flow, "flow = Drawing()\n").status_code == 404
