"""A service is started, asked, stopped and mended as a person expects; shown with the engine in the box."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from flowloft.core.framework import FRAMEWORKS, NO_WISH, Choice, Framework, Launch, LocalModel, Serving, Wish
from flowloft.core.hardware import Hardware

from tests.backend.serving.conftest import write_model

ASKED = {
    "model": "smollm2-135m-instruct-gguf",
    "messages": [
        {"role": "system", "content": "You are a helpful assistant."},
        {"role": "user", "content": "What is the capital of France?"},
    ],
    "max_tokens": 16,
}

ENGINE = """
import http.server, os, sys
mode, host, port = sys.argv[1:4]
if mode == "dies":
    print("loading layer 7 of 30", flush=True)
    sys.exit("RuntimeError: not enough memory for the weights")
class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/die":
            os._exit(9)
        self.send_response(200); self.send_header("Content-Length", "2"); self.end_headers()
        self.wfile.write(b"{}")
    def log_message(self, *_):
        pass
http.server.HTTPServer((host, int(port)), Answers).serve_forever()
"""


class Odd(Framework):
    """An engine that does what a test wants."""

    title = "Odd"
    jobs = ("chat",)
    mode: ClassVar[str] = "serves"

    def fits(self, model: LocalModel, hardware: Hardware, wish: Wish = NO_WISH) -> Choice[Serving | None]:
        return Choice(Serving(), "It is for tests.")

    def probe(self) -> Choice[bool]:
        return Choice(True, "It runs.")

    def launch(self, model: LocalModel, serving: Serving, *, python: str = "") -> Launch:
        return Launch((sys.executable, "-c", ENGINE, self.mode, "{host}", "{port}"))


@pytest.fixture
def odd(monkeypatch: pytest.MonkeyPatch) -> type[Odd]:
    members = dict(FRAMEWORKS.all())
    monkeypatch.setattr(FRAMEWORKS, "all", lambda: members | {"odd": Odd})
    get = FRAMEWORKS.get
    monkeypatch.setattr(FRAMEWORKS, "get", lambda key: Odd if key == "odd" else get(key))
    monkeypatch.setattr(Odd, "mode", "serves")
    return Odd


def start(api: Any, path: Path, name: str = "mine", **more: Any) -> dict[str, Any]:
    weights = api.post("/api/v1/local/models", {"path": str(path), "name": f"{name}-model"})
    assert weights.status_code == 201, weights.content
    made = api.post("/api/v1/services", {"name": name, "weights": weights.json()["id"], **more})
    assert made.status_code == 201, made.content
    found: dict[str, Any] = made.json()
    return found


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_box_answers_as_a_service_and_in_a_flow(
    api: Any, stranger_api: Any, owner: Any, turn: Callable[..., Any], all_end: None
) -> None:
    from flowloft.core.context import Context
    from flowloft.core.errors import NoFit
    from flowloft.core.provider import open_model

    from backend.hub.source import model_source_for

    box = next(one for one in api.get("/api/v1/local/models").json() if one["facts"]["format"] == "gguf")
    assert box["facts"]["layers"] == 30
    fits = api.post(f"/api/v1/local/models/{box['id']}/fits", {}).json()
    assert fits[0]["framework"] == "llamacpp"
    assert "--model" in fits[0]["command"]
    assert {one["what"] for one in fits[0]["rejected"]} >= {"vllm", "lightllm"}

    made = api.post("/api/v1/services", {"name": "boxed", "weights": box["id"]}).json()
    assert made["state"] == "pending"
    gateway = f"/api/v1/services/{made['id']}/v1"
    assert api.post(f"{gateway}/chat/completions", ASKED).status_code == 409
    with pytest.raises(NoFit, match="pending"):
        model_source_for(owner).resolve(f"boxed/{box['name']}")
    row = turn(made["id"], "ready")
    assert row.url.startswith("http://127.0.0.1:")

    answer = api.post(f"{gateway}/chat/completions", ASKED).json()
    assert "Paris" in answer["choices"][0]["message"]["content"]
    model = open_model(Context(models=model_source_for(owner)), f"boxed/{box['name']}")
    assert "Paris" in "".join(chunk.text for chunk in model.stream(ASKED["messages"], max_tokens=16))
    assert api.get(f"{gateway}/models").json()["data"][0]["id"] == box["name"]

    import httpx

    assert httpx.get(f"{row.url}/metrics").status_code == 401, "the door asks for the key everywhere"
    assert stranger_api.get(f"/api/v1/services/{made['id']}").status_code == 404
    assert stranger_api.post(f"{gateway}/chat/completions", ASKED).status_code == 404
    assert row.sealed_key.encode() not in api.get(f"/api/v1/services/{made['id']}").content

    stopped = api.post(f"/api/v1/services/{made['id']}/stop").json()
    assert stopped["state"] == "stopped"
    job = row.job
    for _ in range(100):
        turn(made["id"], "stopped")
        job.refresh_from_db()
        if job.finished_at:
            break
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{row.url}/health")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_an_engine_that_dies_while_loading_says_why_and_stays_dead(
    api: Any, odd: type[Odd], tmp_path: Path, turn: Callable[..., Any], all_end: None
) -> None:
    odd.mode = "dies"
    made = start(api, write_model(tmp_path / "m"), framework="odd")
    row = turn(made["id"], "failed")
    assert "while it loaded the model" in row.message
    assert "not enough memory for the weights" in row.message
    assert row.url == ""
    assert row.next_start_at is None


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_an_engine_that_falls_while_it_serves_is_started_again(
    api: Any, odd: type[Odd], tmp_path: Path, turn: Callable[..., Any], all_end: None
) -> None:
    import httpx

    from backend.serving.launching import key_of

    made = start(api, write_model(tmp_path / "m"), framework="odd")
    row = turn(made["id"], "ready")
    first = row.job_id
    headers = {"Authorization": f"Bearer {key_of(row)}"}
    httpx.get(f"{row.url}/die", headers=headers)
    fallen = turn(made["id"], "pending")
    assert "starts again in 2 s (1 of 5)" in fallen.message
    again = turn(made["id"], "ready")
    assert again.job_id != first
    assert again.restarts == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_service_nobody_asks_goes_to_sleep(
    api: Any, odd: type[Odd], tmp_path: Path, turn: Callable[..., Any], all_end: None
) -> None:
    made = start(api, write_model(tmp_path / "m"), framework="odd", idle_seconds=2)
    turn(made["id"], "ready")
    row = turn(made["id"], "stopped")
    assert "without a request" in row.message


@pytest.mark.django_db
def test_only_the_owner_brings_models_and_starts_services(stranger_api: Any, tmp_path: Path) -> None:
    path = str(write_model(tmp_path / "m"))
    assert stranger_api.post("/api/v1/local/models", {"path": path}).status_code == 403
    assert stranger_api.post("/api/v1/local/environment").status_code == 403
    assert stranger_api.get("/api/v1/local/models").json() == []


@pytest.mark.django_db
def test_a_model_too_large_for_every_place_starts_nothing(api: Any, tmp_path: Path, here: Any) -> None:
    from backend.compute.models import ComputeJob

    folder = write_model(
        tmp_path / "m",
        num_hidden_layers=400,
        hidden_size=65536,
        head_dim=1024,
        max_position_embeddings=131072,
    )
    added = api.post("/api/v1/local/models", {"path": str(folder)}).json()
    wish = {"context": 131072, "framework": "vllm"}
    fits = api.post(f"/api/v1/local/models/{added['id']}/fits", wish).json()
    assert not any(one["fits"] for one in fits)
    assert "free memory" in fits[0]["rejected"][0]["reason"]
    refused = api.post("/api/v1/services", {"name": "big", "weights": added["id"], **wish})
    assert refused.status_code == 422
    assert refused.json()["code"] == "nothing_serves"
    assert "free memory" in refused.json()["hint"]
    assert api.get("/api/v1/services").json() == []
    assert not ComputeJob.objects.exists()
