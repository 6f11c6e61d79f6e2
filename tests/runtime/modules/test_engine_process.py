"""An engine that serves behind a door lives as long as whoever started it wants it, and no longer."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from flowloft.core.errors import BackendError
from flowloft.core.framework import (
    FRAMEWORKS,
    NO_WISH,
    Choice,
    Framework,
    Launch,
    LocalModel,
    Serving,
    Wish,
)
from flowloft.core.hardware import Hardware
from flowloft.modules import TrainableModule

from tests.conformance.tuning import tiny_model

ENGINE = """
import json, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
if sys.argv[2] == "8":
    sys.exit("there is not enough memory")
class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        said = {"choices": [{"index": 0, "delta": {"content": "served"}, "finish_reason": "stop"}]}
        body = f"data: {json.dumps(said)}\\n\\ndata: [DONE]\\n\\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers(); self.wfile.write(body)
HTTPServer(("127.0.0.1", int(sys.argv[1])), Answers).serve_forever()
"""


class Little(Framework):
    """Serves any folder."""

    title = "Little"
    jobs = ("chat",)

    def fits(self, model: LocalModel, hardware: Hardware, wish: Wish = NO_WISH) -> Choice[Serving | None]:
        return Choice(Serving(parallel=wish.parallel or 1), "It is for a test.")

    def probe(self) -> Choice[bool]:
        return Choice(True, "It is here.")

    def launch(self, model: LocalModel, serving: Serving, *, python: str = "") -> Launch:
        return Launch((sys.executable, "-c", ENGINE, "{port}", str(serving.parallel)))


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TrainableModule]:
    monkeypatch.setenv("FLOWLOFT_DATA", str(tmp_path / "data"))
    FRAMEWORKS.register("little", Little)
    made = TrainableModule(tiny_model(tmp_path / "base"))
    yield made.deploy_method("little")
    made.stop()
    FRAMEWORKS.unregister("little")


def test_a_model_is_served_behind_a_key_and_ends_with_its_module(model: TrainableModule) -> None:
    with model:
        assert model("Who?") == "served"
        engine: Any = model._engine
        assert httpx.get(f"{engine.url}/health").status_code == 401
        door = engine._door
        model.update_server()
        assert model._engine is engine, "what has not changed is not touched"
    assert door.wait(30) is not None
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{engine.url}/health")


def test_an_engine_that_does_not_start_says_its_last_words(model: TrainableModule) -> None:
    model.deploy_method("little", parallel=8)
    with pytest.raises(BackendError, match="did not start") as caught:
        model.start()
    assert "not enough memory" in caught.value.hint
    assert not model.is_running
