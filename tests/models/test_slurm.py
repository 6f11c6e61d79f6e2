"""The same on a cluster: vLLM serves as a job of Slurm while another job trains."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backend.tuning.services import folder_of
from tests.backend.runs.conftest import flow_of
from tests.backend.serving.conftest import all_end, here
from tests.models import asking
from tests.models.studio import Worker, serve, version, weights, worker

__all__ = ["all_end", "flow_of", "here", "version", "weights", "worker"]
pytestmark = [pytest.mark.model, pytest.mark.slow]


@pytest.mark.django_db(transaction=True)
def test_slurm_serves_a_model_and_trains_it(
    api: Any,
    owner: Any,
    base: str,
    weights: str,
    version: str,
    slurm: dict[str, Any],
    flow_of: Callable[..., Any],
    tmp_path: Path,
    worker: Worker,
    all_end: None,
) -> None:
    cluster = api.post("/api/v1/compute/backends", slurm).json()["id"]
    far = serve(api, "far", weights, context=1024, adapters=2, framework="vllm", backend=cluster)
    wish = {"epochs": 0.25, "save_every": 1, "merge": False, "gguf": False}
    form = {"base": base, "version": version, "wish": wish, "backend": cluster}
    assert "sbatch" in api.post("/api/v1/tuning/choice", form).json()["command"]
    made = api.post("/api/v1/tuning/jobs", form)
    assert made.status_code == 201, made.content
    done = worker.tune(made.json()["id"])
    assert done.job is not None
    assert done.job.remote_id.partition("-")[0].isdecimal(), "Slurm's own number"
    assert done.progress["step"] == done.plan["steps"] == 2
    assert (folder_of(done.id) / "adapter" / "adapter_model.safetensors").exists()

    vllm = worker.service(far)
    assert not vllm.url.startswith("http://127.")
    asking.answers_a_flow(vllm, owner, flow_of)
    asking.takes_an_adapter(api, vllm, tmp_path / "adapters")
    worker.look()
    asking.tells_how_it_does(worker.service(far))
