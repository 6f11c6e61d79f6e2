"""A service is started, asked, stopped and mended as a person expects; shown with the engine in the box."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from flowloft.core import engine_door
from flowloft.core.framework import FRAMEWORKS, NO_WISH, Choice, Framework, Launch, LocalModel, Serving, Wish
from flowloft.core.hardware import Hardware

from tests.backend.serving.conftest import write_adapter, write_model
from tests.conformance import kubernetes_stub, slurm_cluster

ASKED = {
    "model": "smollm2-135m-instruct-gguf",
    "messages": [
        {"role": "system", "content": "You are a helpful assistant."},
        {"role": "user", "content": "What is the capital of Japan?"},
    ],
    "max_tokens": 16,
}

ENGINE = """
import http.server, json, os, subprocess, sys
mode, host, port = sys.argv[1:4]
if mode == "dies":
    # As vLLM does, it has processes of its own, and dies without ending them.
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print("child:", child.pid, flush=True)
    sys.exit("RuntimeError: not enough memory for the weights")
adapters, sulks = set(), []
class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/die":
            os._exit(9)
        if self.path in ("/sulk", "/cheer"):
            sulks[:] = [1] if self.path == "/sulk" else []
        self.say({"data": sorted(adapters)}, 503 if self.path == "/health" and sulks else 200)
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        change = adapters.add if self.path == "/v1/load_lora_adapter" else adapters.discard
        change(asked["lora_name"])
        self.say({}, 200)
    def say(self, content, status):
        body = json.dumps(content).encode()
        self.send_response(status); self.send_header("Content-Length", str(len(body))); self.end_headers()
        self.wfile.write(body)
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
        return Choice(Serving(adapters=wish.adapters), "It is for tests.")

    def probe(self) -> Choice[bool]:
        return Choice(True, "It runs.")

    def launch(self, model: LocalModel, serving: Serving, *, python: str = "") -> Launch:
        return Launch((python or sys.executable, "-c", ENGINE, self.mode, "{host}", "{port}"))


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


def received(answer: Any) -> list[bytes]:
    async def all_of() -> list[bytes]:
        return [piece async for piece in answer.streaming_content]

    return asyncio.run(all_of())


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

    streamed = api.post(f"{gateway}/chat/completions", ASKED | {"stream": True})
    assert streamed["Content-Type"].startswith("text/event-stream")
    pieces = received(streamed)
    assert len(pieces) > 4, "it comes in pieces"
    assert pieces[-1].rstrip().endswith(b"data: [DONE]")
    answer = api.post(f"{gateway}/chat/completions", ASKED).json()
    assert "Tokyo" in answer["choices"][0]["message"]["content"]
    model = open_model(Context(models=model_source_for(owner)), f"boxed/{box['name']}")
    assert "Tokyo" in "".join(chunk.text for chunk in model.stream(ASKED["messages"], max_tokens=16))
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
    child = int(next(line for line in row.log_tail.splitlines() if line.startswith("child:")).split()[1])
    assert not runs(child), "nothing is left running"


UNLUCKY_DOOR = """
import socket, sys
sys.path.insert(0, {folder!r})
import engine_door
others = []
def free_port():
    others.append(socket.socket()); others[-1].bind(("127.0.0.1", 0)); others[-1].listen()
    return others[-1].getsockname()[1]
engine_door.free_port = free_port
sys.exit(engine_door.main())
"""


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_ports_that_others_take_each_time_are_the_reason_that_is_told(
    api: Any,
    odd: type[Odd],
    tmp_path: Path,
    turn: Callable[..., Any],
    all_end: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    door = tmp_path / "door.py"
    door.write_text(UNLUCKY_DOOR.format(folder=str(Path(engine_door.__file__).parent)))
    monkeypatch.setattr(engine_door, "__file__", str(door))
    made = start(api, write_model(tmp_path / "m"), framework="odd")
    row = turn(made["id"], "failed")
    assert "took 3 ports" in row.message
    assert row.url == ""
    row.job.refresh_from_db()
    assert row.job.finished_at, "nothing is left running"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_an_engine_that_falls_while_it_serves_is_started_again(
    api: Any, odd: type[Odd], tmp_path: Path, turn: Callable[..., Any], all_end: None
) -> None:
    import httpx

    made = start(api, write_model(tmp_path / "m"), framework="odd")
    row = turn(made["id"], "ready")
    first = row.job_id
    with contextlib.suppress(httpx.RemoteProtocolError):  # it may fall before the answer is out
        ask_engine(row, "/die")
    fallen = turn(made["id"], "pending")
    assert "starts again in 2 s (1 of 5)" in fallen.message
    again = turn(made["id"], "ready")
    assert again.job_id != first
    assert again.restarts == 1


def ask_engine(row: Any, path: str) -> Any:
    import httpx

    from backend.serving.launching import key_of

    return httpx.get(f"{row.url}{path}", headers={"Authorization": f"Bearer {key_of(row)}"})


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_adapters_come_back_with_an_engine_that_fell(
    api: Any, odd: type[Odd], tmp_path: Path, turn: Callable[..., Any], all_end: None
) -> None:
    made = start(api, write_model(tmp_path / "m"), framework="odd", adapters=2)
    address = f"/api/v1/services/{made['id']}/adapters"
    folder = str(write_adapter(tmp_path / "a"))
    assert api.post(address, {"name": "early", "path": folder}).status_code == 409
    row = turn(made["id"], "ready")
    for name in ("one", "two"):
        assert api.post(address, {"name": name, "path": folder}).status_code == 200
    assert [one["name"] for one in api.delete(f"{address}/one").json()["adapters"]] == ["two"]
    with contextlib.suppress(Exception):
        ask_engine(row, "/die")
    turn(made["id"], "pending")
    again = turn(made["id"], "ready")
    assert ask_engine(again, "/v1/models").json() == {"data": ["two"]}
    assert any(one["ref"] == "mine/two" for one in api.get("/api/v1/models").json())


@pytest.mark.django_db(transaction=True)
def test_an_adapter_of_another_base_is_refused_and_loads_nothing(
    api: Any, odd: type[Odd], tmp_path: Path, turn: Callable[..., Any], all_end: None
) -> None:
    made = start(api, write_model(tmp_path / "m"), framework="odd", adapters=1)
    row = turn(made["id"], "ready")
    address = f"/api/v1/services/{row.pk}/adapters"
    wrong = {
        "wide": write_adapter(tmp_path / "wide", hidden=2048),
        "deep": write_adapter(tmp_path / "deep", layers=40),
        "heads": write_adapter(tmp_path / "heads", kv=64),
    }
    for name, folder in wrong.items():
        refused = api.post(address, {"name": name, "path": str(folder)})
        assert refused.status_code == 400, name
        told = refused.json()
        assert told["code"] == "adapter_of_another_base"
        assert told["hint"]
        assert told["extra"]["path"] == "/path"
    no_adapter = api.post(address, {"name": "none", "path": str(tmp_path)}).json()
    assert no_adapter["code"] == "not_an_adapter"
    assert ask_engine(row, "/v1/models").json() == {"data": []}
    assert api.get(f"/api/v1/services/{row.pk}").json()["adapters"] == []


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_an_engine_that_does_not_answer_is_degraded_mends_itself_or_is_started_again(
    api: Any,
    odd: type[Odd],
    tmp_path: Path,
    turn: Callable[..., Any],
    all_end: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from datetime import timedelta

    from backend.serving import watching

    monkeypatch.setattr(watching, "LOOK", timedelta(seconds=0.2))
    made = start(api, write_model(tmp_path / "m"), framework="odd")
    row = turn(made["id"], "ready")
    ask_engine(row, "/sulk")
    worse = turn(made["id"], "degraded")
    assert "does not answer for its health" in worse.message
    assert worse.url == row.url, "flows may still try it"
    ask_engine(row, "/cheer")
    assert turn(made["id"], "ready").message == ""

    monkeypatch.setattr(watching, "STUCK", 6)
    ask_engine(row, "/sulk")
    turn(made["id"], "pending")
    again = turn(made["id"], "ready")
    assert again.url != row.url
    assert again.restarts == 1
    row.job.refresh_from_db()
    for _ in range(100):
        if row.job.finished_at:
            break
        turn(made["id"], "ready")
        row.job.refresh_from_db()
    assert row.job.state == "cancelled", "the one that was stuck has been ended"


@contextlib.contextmanager
def slurm(folder: Path) -> Iterator[dict[str, Any]]:
    if slurm_cluster.missing() or os.geteuid() != 0:
        pytest.skip(f"needs root and {slurm_cluster.missing() or 'Slurm'}")
    with slurm_cluster.cluster(folder) as cluster:
        yield {"kind": "slurm", "settings": {"folder": str(folder / "jobs"), "config": str(cluster.config)}}


@contextlib.contextmanager
def kubernetes(folder: Path) -> Iterator[dict[str, Any]]:
    with kubernetes_stub.stub(folder / "pods") as (address, _):
        yield {"kind": "kubernetes", "settings": {"server": address, "token": kubernetes_stub.TOKEN}}


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.parametrize("place", [slurm, kubernetes])
@pytest.mark.django_db(transaction=True)
def test_a_cluster_serves_at_an_address_that_stays(
    place: Callable[[Path], contextlib.AbstractContextManager[dict[str, Any]]],
    api: Any,
    odd: type[Odd],
    tmp_path: Path,
    turn: Callable[..., Any],
    all_end: None,
) -> None:
    (tmp_path / "place").mkdir()
    with place(tmp_path / "place") as settings:
        backend = api.post("/api/v1/compute/backends", {"name": "cluster", **settings}).json()
        made = start(api, write_model(tmp_path / "m"), framework="odd", backend=backend["id"])
        row = turn(made["id"], "ready", seconds=120)
        near = row.url.removeprefix("http://").startswith(("127.", "localhost"))
        assert not near, "the studio asks it over the network"
        gateway = f"/api/v1/services/{row.pk}/v1/models"
        assert api.get(gateway).json() == {"data": []}
        with contextlib.suppress(Exception):
            ask_engine(row, "/die")
        turn(made["id"], "pending", seconds=60)
        again = turn(made["id"], "ready", seconds=120)
        assert again.url != row.url
        assert api.get(gateway).json() == {"data": []}, "what programs ask has not changed"
        api.post(f"/api/v1/services/{row.pk}/stop")
        job = again.job
        for _ in range(300):
            turn(made["id"], "stopped")
            job.refresh_from_db()
            if job.finished_at:
                break
            time.sleep(0.1)
        assert job.finished_at, "nothing is left running there"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_shared_service_is_everybodys_to_ask_and_the_owners_to_change(
    api: Any, stranger_api: Any, odd: type[Odd], tmp_path: Path, turn: Callable[..., Any], all_end: None
) -> None:
    made = start(api, write_model(tmp_path / "m"), framework="odd", shared=True)
    turn(made["id"], "ready")
    address = f"/api/v1/services/{made['id']}"
    assert stranger_api.get(f"{address}/v1/models").status_code == 200
    assert any(one["connection"] == "mine" for one in stranger_api.get("/api/v1/models").json())
    assert stranger_api.post(f"{address}/stop").status_code == 403
    assert stranger_api.delete(address).status_code == 403
    assert stranger_api.post(f"{address}/adapters", {"name": "a", "path": "/a"}).status_code == 403


@pytest.mark.parametrize("what", ["no model", "pickle", "code", "nowhere", "relative"])
@pytest.mark.django_db
def test_a_folder_that_may_not_be_used_is_refused_with_the_remedy(
    what: str, api: Any, tmp_path: Path
) -> None:
    folder, code = tmp_path / "m", "not_a_model"
    folder.mkdir()
    if what == "pickle":
        write_model(folder, auto_map={}).joinpath("model.safetensors").rename(folder / "model.bin")
        code = "unsafe_weights"
    elif what == "code":
        write_model(folder, auto_map={"AutoModel": "modeling.Mine"})
        code = "model_runs_code"
    elif what in ("nowhere", "relative"):
        folder, code = (tmp_path / "x" if what == "nowhere" else Path("models/x")), "no_such_model"
    refused = api.post("/api/v1/local/models", {"path": str(folder)})
    assert refused.status_code == 400
    told = refused.json()
    assert told["code"] == code
    assert told["hint"]
    assert told["extra"]["path"] == "/path"
    assert not any(one["path"] == str(folder) for one in api.get("/api/v1/local/models").json())
    if what in ("pickle", "code"):
        allowed = {"path": str(folder), "allow_pickle": True, "allow_code": True}
        assert api.post("/api/v1/local/models", allowed).status_code == 201, "where the owner says so"


@pytest.mark.django_db(transaction=True)
def test_a_service_that_waits_says_for_what(api: Any, odd: type[Odd], tmp_path: Path, here: Any) -> None:
    from backend.compute.models import ComputeJob

    made = start(api, write_model(tmp_path / "m"), framework="odd")
    ComputeJob.objects.update(message="Requested node configuration is not available")
    found = api.get(f"/api/v1/services/{made['id']}").json()
    assert (found["state"], found["message"]) == ("pending", "Requested node configuration is not available")


@pytest.mark.slow
@pytest.mark.once
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
    assert stranger_api.post("/api/v1/local/environment", {"what": "engines"}).status_code == 403
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
