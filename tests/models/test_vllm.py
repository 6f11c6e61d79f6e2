"""vLLM for real, on the processor: the packaged model, converted, answers as a service of the studio."""

from __future__ import annotations

import json
import random
import struct
import subprocess
import sys
import time
from array import array
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from flowloft.core.context import Context
from flowloft.core.framework import FRAMEWORKS, LocalModel
from flowloft.core.hardware import Hardware, gpus
from flowloft.core.local_env import OFFLINE, local_env
from flowloft.core.provider import open_model

from tests.backend.runs.conftest import flow_of, graph
from tests.backend.serving.conftest import all_end, here, turn
from tests.conformance.real_server import hold_a_conversation

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
from serving_examples import examples, models

__all__ = ["all_end", "flow_of", "here", "turn"]
pytestmark = [pytest.mark.model, pytest.mark.slow]
MODEL = "smollm2-135m-instruct"
QUESTION = "What is the capital of France?"
ASKED = [
    {"role": "system", "content": "You are a helpful assistant."},
    {"role": "user", "content": QUESTION},
]
LOADING = 400
"""Seconds that three engines may take that load side by side."""


def write_lora(folder: Path, *, layers: int = 30, hidden: int = 576, rank: int = 4) -> Path:
    """Writes a LoRA of q_proj with large random numbers: whoever takes it says something else."""
    folder.mkdir(parents=True)
    config = {"peft_type": "LORA", "r": rank, "lora_alpha": 8, "target_modules": ["q_proj"], "bias": "none"}
    config |= {"task_type": "CAUSAL_LM", "base_model_name_or_path": MODEL}
    (folder / "adapter_config.json").write_text(json.dumps(config))
    luck = random.Random(1)
    header: dict[str, Any] = {}
    numbers = array("f")
    for layer in range(layers):
        for side, shape in (("A", [rank, hidden]), ("B", [hidden, rank])):
            name = f"base_model.model.model.layers.{layer}.self_attn.q_proj.lora_{side}.weight"
            begin = 4 * len(numbers)
            numbers.extend(luck.gauss(0, 1) for _ in range(rank * hidden))
            header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [begin, 4 * len(numbers)]}
    head = json.dumps(header).encode()
    written = struct.pack("<Q", len(head)) + head + numbers.tobytes()
    (folder / "adapter_model.safetensors").write_bytes(written)
    return folder


def test_the_engine_itself_says_what_it_runs_on() -> None:
    assert local_env() is not None, "make local-models comes first"
    found = FRAMEWORKS.get("vllm")().probe()
    assert found.value, found.reason
    refused = FRAMEWORKS.get("lightllm")().probe()
    assert not refused.value
    assert refused.reason


PARSE = """
import json, sys
from vllm.entrypoints.launchers.cli_args import make_arg_parser, validate_parsed_serve_args
from vllm.utils.argparse_utils import FlexibleArgumentParser
parser = make_arg_parser(FlexibleArgumentParser())
told = []
for argv in json.load(sys.stdin):
    given = parser.parse_args(argv)
    validate_parsed_serve_args(given)
    parts = (given.tensor_parallel_size, given.data_parallel_size)
    told.append([*parts, given.max_model_len, given.quantization])
print(json.dumps(told))
"""
LIGHTLLM_PARSE = """
import json, sys
from lightllm.server.api_cli import make_argument_parser
given = map(make_argument_parser().parse_args, json.load(sys.stdin))
print(json.dumps([[one.tp, one.max_total_token_num] for one in given]))
"""


def parsed(code: str, lines: list[list[str]]) -> Any:
    """Gives command lines to an engine's own parser, in its environment."""
    env = local_env()
    assert env is not None
    done = subprocess.run(
        [env.python, "-c", code],
        input=json.dumps(lines),
        env={**OFFLINE, "PATH": "/usr/bin:/bin", "HOME": "/tmp", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def arguments(framework: str, model: LocalModel, serving: Any) -> list[str]:
    named = LocalModel("m", model.job, "/models/m", model.facts)
    argv = FRAMEWORKS.get(framework)().launch(named, serving).argv[3:]
    fill = {"{host}": "127.0.0.1", "{port}": "8000", "{spare_port}": "8001"}
    return [fill.get(word, word) for word in argv]


def test_every_worked_example_is_a_command_that_vllm_understands() -> None:
    chosen = [(model, choice.value) for model, _, _, choice in examples() if choice.value is not None]
    told = parsed(PARSE, [arguments("vllm", model, serving) for model, serving in chosen])
    for (_, serving), (tp, dp, context, quantisation) in zip(chosen, told, strict=True):
        assert (tp, dp, context) == (serving.tensor_parallel, serving.replicas, serving.context)
        assert (quantisation or "") == serving.quantisation
    assert len(told) > 90


def test_every_worked_example_is_a_command_that_lightllm_understands() -> None:
    env = local_env()
    assert env is not None
    found = subprocess.run(
        [env.python, "-c", "import lightllm.server.api_cli"], capture_output=True, check=False
    )
    if found.returncode:
        pytest.skip("LightLLM is not in the environment: it is no package of an index, and needs a GPU")
    lightllm = FRAMEWORKS.get("lightllm")()
    fits = [(model, lightllm.fits(model, Hardware(gpus(4, 80))).value) for model in models()]
    chosen = [(model, serving) for model, serving in fits if serving is not None]
    told = parsed(LIGHTLLM_PARSE, [arguments("lightllm", model, serving) for model, serving in chosen])
    assert told == [[serving.tensor_parallel, serving.cache_tokens] for _, serving in chosen]


@pytest.mark.django_db(transaction=True)
def test_vllm_serves_chat_here_and_on_slurm_and_embeddings(
    api: Any,
    owner: Any,
    base_model: Path,
    minilm: Path,
    slurm: dict[str, Any],
    flow_of: Callable[..., Any],
    tmp_path: Path,
    turn: Callable[..., Any],
    all_end: None,
) -> None:
    """One test for three servers, so that they load side by side."""
    cluster = api.post("/api/v1/compute/backends", slurm).json()
    chat = api.post("/api/v1/local/models", {"path": str(base_model), "name": MODEL}).json()
    vectors = api.post("/api/v1/local/models", {"path": str(minilm), "name": "minilm"}).json()
    assert vectors["facts"]["job"] == "embedding"
    asked = {"context": 1024, "adapters": 2, "weights": chat["id"], "framework": "vllm"}
    forms = [
        {"name": "near", **asked},
        {"name": "far", **asked, "backend": cluster["id"]},
        {"name": "vectors", "weights": vectors["id"]},
    ]
    ids = []
    for form in forms:
        made = api.post("/api/v1/services", form)
        assert made.status_code == 201, made.content
        assert made.json()["framework"] == "vllm"
        ids.append(made.json()["id"])
    rows = [turn(one, "ready", "failed", seconds=LOADING) for one in ids]
    assert [row.state for row in rows] == ["ready"] * 3, [row.message for row in rows]
    assert rows[0].url.startswith("http://127.0.0.1:")
    assert not rows[1].url.startswith("http://127.")

    embeds_and_reranks(api, owner)
    api.post(f"/api/v1/services/{ids[2]}/stop")
    for row in rows[:2]:
        answers_a_flow(row, owner, flow_of)
        answers_eight_at_once(row)
        takes_an_adapter(api, row, tmp_path / row.name)
        sample = turn(str(row.pk), "ready").samples[-1]
        assert {"at", "running", "waiting", "tokens_per_second", "memory"} <= sample.keys()
        assert sample["memory"] > 1 << 30, "all its processes, in bytes"


def embeds_and_reranks(api: Any, owner: Any) -> None:
    from backend.hub.source import model_source_for

    model = open_model(Context(models=model_source_for(owner)), "vectors/minilm")
    texts = ["A cat sleeps on the sofa.", "Shares fell sharply today."]
    cat, shares, pet = model.embed([*texts, "The kitten is napping."])
    assert len(cat) == 384
    near, far = (sum(a * b for a, b in zip(pet, one, strict=True)) for one in (cat, shares))
    assert near > far + 0.2
    best, worst = model.rerank("Where is the kitten?", texts)
    assert best > worst + 0.1
    measured = api.post("/api/v1/local/measurements", {"ref": "vectors/minilm"}).json()
    assert measured["dimensions"] == 384
    assert measured["texts_per_second"] > 0


def answers_a_flow(row: Any, owner: Any, flow_of: Callable[..., Any]) -> None:
    from backend.hub.source import model_source_for
    from backend.runs.models import RunEvent
    from backend.runs.services import run_start
    from backend.runs.worker import run_work

    steady = {"system": ASKED[0]["content"], "temperature": 0, "max_tokens": 24}
    flow = flow_of(
        graph(
            {
                "ask": {"kind": "chat_input"},
                "model": {"kind": "chat_model", "settings": {"model": f"{row.name}/{MODEL}", **steady}},
                "end": {"kind": "chat_output"},
            },
            ("ask", "text", "model", "messages"),
            ("model", "output", "end", "text"),
        )
    )
    run = run_start(owner=owner, flow=flow, inputs={"text": QUESTION})
    run_work(run_id=run.id)
    run.refresh_from_db()
    assert run.status == "succeeded", run.error
    assert "Paris" in run.outputs["text"]
    told = RunEvent.objects.filter(run=run, type="step.delta").count()
    assert told, "it came while it was said"
    hold_a_conversation(model_source_for(owner).resolve(f"{row.name}/{MODEL}"))


def answers_eight_at_once(row: Any) -> None:
    from backend.serving.launching import key_of

    body = {"model": MODEL, "messages": ASKED, "max_tokens": 32, "temperature": 0, "ignore_eos": True}
    headers = {"Authorization": f"Bearer {key_of(row)}"}

    def once(_: int) -> float:
        began = time.monotonic()
        answer = httpx.post(f"{row.url}/v1/chat/completions", json=body, headers=headers, timeout=300)
        assert "Paris" in answer.json()["choices"][0]["message"]["content"]
        return time.monotonic() - began

    once(0)
    alone = min(once(0), once(1))
    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(once, range(8)))
    together = time.monotonic() - began
    assert together < 6 * alone, f"8 at once took {together:.1f} s, one {alone:.1f} s"


def takes_an_adapter(api: Any, row: Any, folder: Path) -> None:
    address = f"/api/v1/services/{row.pk}"
    body = {"messages": ASKED, "max_tokens": 24, "temperature": 0}

    def said(model: str) -> Any:
        return api.post(f"{address}/v1/chat/completions", body | {"model": model})

    def words(model: str) -> str:
        return str(said(model).json()["choices"][0]["message"]["content"])

    wrong = write_lora(folder / "wrong", layers=2, hidden=2048)
    refused = api.post(f"{address}/adapters", {"name": "wrong", "path": str(wrong)})
    assert refused.json()["code"] == "adapter_of_another_base"
    adapter = write_lora(folder / "adapter")
    loaded = api.post(f"{address}/adapters", {"name": "tuned", "path": str(adapter)})
    assert loaded.status_code == 200, loaded.content
    assert loaded.json()["adapters"] == [{"name": "tuned", "path": str(adapter)}]
    assert words("tuned") != words(MODEL), "the adapter counts"
    assert "Paris" in words(MODEL), "the base beside it has not changed"
    assert any(one["ref"] == f"{row.name}/tuned" for one in api.get("/api/v1/models").json())
    assert api.delete(f"{address}/adapters/tuned").json()["adapters"] == []
    assert said("tuned").status_code == 404
