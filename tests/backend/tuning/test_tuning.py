"""What people lose if this fails: a fine-tune that ran, or the reason why it did not."""

from __future__ import annotations

import asyncio
import json
import struct
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from flowloft.core.framework import Choice
from flowloft.core.local_env import model_store
from flowloft.core.trainer import TRAINERS, TunePlan
from flowloft.trainers.peft import Peft

from backend.compute.models import BackendEntry, ComputeJob
from backend.tuning.models import Tune
from tests.backend.tuning.conftest import followed

ROWS = "".join(json.dumps({"question": f"q{number}?", "answer": f"a{number}"}) + "\n" for number in range(30))
SAYS = """
import json, sys, pathlib
folder = pathlib.Path(sys.argv[1])
given = json.loads((folder / "plan.json").read_text())
tell = lambda *told: print("\\x1e" + json.dumps(told), flush=True)
tell("progress", {"step": 1, "steps": 2, "loss": 1.5})
if not (folder / "twice").exists():
    (folder / "twice").touch()
    tell("failed", {"code": "out_of_memory", "message": "It was too much.", "hint": "Take less."})
    sys.exit(3)
tell("progress", {"step": 2, "steps": 2, "loss": 0.1})
for name in ("adapter", "merged"):
    (folder / name).mkdir()
(folder / "adapter" / "flowloft.json").write_text("{}")
(folder / "merged" / "config.json").write_text("{}")
"""


class Rehearsal(Peft):
    """Says what a trainer says, and fails the first time."""

    preference = 99

    def fits(self, *asked: Any) -> Choice[TunePlan | None]:
        found = super().fits(*asked)
        assert found.value is not None, found.reason
        return Choice(found.value.model_copy(update={"trainer": "rehearsal"}), found.reason, found.rejected)

    def probe(self) -> Choice[bool]:
        return Choice(True, "It only talks.")

    def command(self, folder: Path, plan: TunePlan) -> list[str]:
        return [sys.executable, "-c", SAYS, str(folder)]


@pytest.fixture
def rehearsal() -> Iterator[None]:
    TRAINERS.register("rehearsal", Rehearsal)
    yield
    TRAINERS.unregister("rehearsal")


@pytest.fixture
def base() -> str:
    """A model of next to no size, as safetensors."""
    folder = model_store() / "tiny"
    folder.mkdir(parents=True, exist_ok=True)
    config = {
        "architectures": ["LlamaForCausalLM"], "hidden_size": 64, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 128,
        "vocab_size": 1000, "max_position_embeddings": 512, "torch_dtype": "bfloat16",
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config))
    template = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{{ eos_token }}{% endfor %}"
    tokens = {"chat_template": template, "eos_token": "</s>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(tokens))
    head = json.dumps({"w": {"dtype": "BF16", "shape": [1000, 64], "data_offsets": [0, 128_000]}}).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(head)) + head + bytes(128_000))
    return "tiny"


@pytest.fixture
def version(owner: Any, client_of: Callable[[Any], Any]) -> str:
    made = client_of(owner).post(
        "/api/v1/datasets?file_name=faq.jsonl", ROWS.encode(), content_type="application/octet-stream"
    )
    return str(made.json()["versions"][0]["id"])


def test_one_sees_what_would_be_done_before_anything_is(
    owner: Any, client_of: Callable[[Any], Any], base: str, version: str
) -> None:
    client = client_of(owner)
    asked = {"base": base, "version": version, "wish": {"epochs": 2}, "validation": 0.1}
    found = client.post("/api/v1/tuning/choice", asked, format="json").json()
    assert (found["plan"]["method"], found["plan"]["steps"]) == ("lora", 8)
    assert "free in main memory" in found["reason"]
    assert {one["name"]: one["reason"] for one in found["rejected"]}["collie"]
    assert "tuning" in found["command"]
    assert (found["measured"]["examples"], found["measured"]["validation"]) == (27, 3)
    assert len(found["texts"]) == 8
    assert found["texts"][0].startswith("<system>You are a helpful assistant.</s><user>q")
    assert Tune.objects.count() == ComputeJob.objects.count() == 0
    names = {one["name"]: one["problem"] for one in client.get("/api/v1/tuning/bases").json()}
    assert names["tiny"] == ""


def test_each_place_says_before_the_start_whether_it_fits_how_long_and_for_how_much(
    owner: Any, stranger: Any, client_of: Callable[[Any], Any], base: str, version: str, tmp_path: Path
) -> None:
    client = client_of(owner)
    places = {
        "cluster": ("slurm", {"folder": str(tmp_path / "jobs")}),
        "pods": ("kubernetes", {"namespace": "flows", "image": "flowloft:1"}),
    }
    for name, (kind, settings_) in places.items():
        BackendEntry.objects.create(owner=owner, name=name, kind=kind, settings=settings_)
    cluster = str(BackendEntry.objects.get(name="cluster").pk)
    rate = {"place": cluster, "currency": "EUR", "amount": 3}
    assert client.put("/api/v1/local/rates", rate, format="json").json() == [rate]
    asked = {"base": base, "version": version, "gpus": 2, "gpu_memory_gb": 24}
    here, far, pods = client.post("/api/v1/tuning/places", asked, format="json").json()

    assert (here["backend_name"], here["fits"], here["gpus"], here["cost"]) == ("This machine", True, 0, None)
    assert (far["fits"], far["gpus"], far["trainer"], far["method"]) == (True, 2, "peft", "lora")
    assert far["cost"] == {"currency": "EUR", "amount": pytest.approx(far["seconds"] / 3600 * 2 * 3)}
    for one in (here, far):
        assert one["memory"] > 1 << 30
        assert one["seconds"] > 0
        assert "of weights" in one["reason"]
    assert (pods["fits"], pods["memory"], pods["cost"]) == (False, 0, None)
    assert "does not see the files" in pods["reason"]
    preview = client.post("/api/v1/tuning/choice", asked | {"backend": cluster}, format="json").json()
    assert "--gpus" in preview["command"] or "gres" in preview["command"]

    large = asked | {"wish": {"method": "full", "batch": 4096, "micro_batch": 4096}, "gpu_memory_gb": 1}
    none = client.post("/api/v1/tuning/places", large, format="json").json()[1]
    assert not none["fits"]
    assert "may be used" in none["reason"]
    assert not Tune.objects.exists()
    assert client_of(stranger).get("/api/v1/local/rates").json() == []
    unknown = client.put("/api/v1/local/rates", rate | {"amount": None}, format="json")
    assert unknown.json() == []
    assert client.put("/api/v1/local/rates", rate | {"currency": "?"}, format="json").status_code == 400


def test_what_is_wrong_is_named_at_its_field(
    owner: Any, client_of: Callable[[Any], Any], base: str, version: str
) -> None:
    client = client_of(owner)
    for given, path in (
        ({"base": "../tiny"}, "/base"),
        ({"wish": {"epochs": -1}}, "/wish/epochs"),
        ({"validation": 0.9}, "/validation"),
    ):
        answer = client.post(
            "/api/v1/tuning/jobs", {"base": base, "version": version, **given}, format="json"
        )
        assert (answer.status_code, answer.json()["extra"]["path"]) in (
            (400, path),
            (400, path.split("/wish")[-1]),
        )
    unfit = {"base": base, "version": version, "wish": {"method": "qlora"}}
    assert client.post("/api/v1/tuning/choice", unfit, format="json").status_code == 422
    assert Tune.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_fine_tune_that_failed_says_why_and_goes_on(
    owner: Any, stranger: Any, client_of: Callable[[Any], Any], base: str, version: str, rehearsal: None
) -> None:
    client = client_of(owner)
    asked = {"base": base, "version": version, "name": "faq"}
    made = client.post("/api/v1/tuning/jobs", asked, format="json")
    assert made.status_code == 201, made.json()
    at = f"/api/v1/tuning/jobs/{made.json()['id']}"
    assert client_of(stranger).get(at).status_code == 404
    failed = followed(made.json()["id"], "failed")
    assert failed.error is not None
    assert (failed.error["code"], failed.progress["loss"]) == ("out_of_memory", 1.5)
    assert client.post(f"{at}/keep", {"name": "faq-model"}, format="json").json()["code"] == "not_done"
    assert client.post(f"{at}/resume").json()["state"] == "queued"
    followed(made.json()["id"], "succeeded")
    told = client.get(f"{at}/records").json()
    assert [one["facts"].get("loss") for one in told["records"]] == [1.5, None, 1.5, 0.1]
    rest = client.get(f"{at}/records?after={told['records'][-2]['id']}").json()
    assert [one["facts"]["loss"] for one in rest["records"]] == [0.1]
    assert (rest["more"], rest["tune"]["state"]) == (False, "succeeded")
    done = client.get(at).json()
    assert (done["made"], done["progress"]["loss"], done["error"]) == (["adapter", "merged"], 0.1, None)
    assert client.post(f"{at}/keep", {"name": "faq-model"}, format="json").status_code == 200
    assert (model_store() / "faq-model" / "config.json").exists()
    assert client.post(f"{at}/keep", {"name": "faq-model"}, format="json").json()["code"] == "name_taken"
    assert client.delete(at).status_code == 204
    assert not (Path(settings.DATA) / "tuning" / made.json()["id"]).exists()


def test_a_model_that_does_not_answer_is_told_before_anything_streams(
    owner: Any, client_of: Callable[[Any], Any]
) -> None:
    asked = {"model": "nobody/here", "messages": [{"role": "user", "content": "Hello?"}]}
    answer = client_of(owner).post("/api/v1/tuning/ask", asked, format="json")
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_model")


async def _whole(answer: Any) -> str:
    return b"".join([piece async for piece in answer.streaming_content]).decode()


@pytest.mark.model
@pytest.mark.django_db(transaction=True)
def test_a_model_answers_beside_another(owner: Any, client_of: Callable[[Any], Any]) -> None:
    asked = {
        "model": "builtin/smollm2-135m-instruct",
        "messages": [{"role": "user", "content": "What is the capital of Japan?"}],
        "max_tokens": 20,
    }
    answer = client_of(owner).post("/api/v1/tuning/ask", asked, format="json")
    told = asyncio.run(_whole(answer))
    pieces = [json.loads(line[6:]).get("text", "") for line in told.splitlines() if line.startswith("data: ")]
    assert "Tokyo" in "".join(pieces)
    assert told.rstrip().endswith("event: end\ndata: {}")
