"""Without this: whoever sends a flow to a cluster must keep the studio up until it is done."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance import slurm_cluster
from tests.faults.flows import flow
from tests.faults.studio import Studio
from tests.faults.truths import holds

STEPS = {
    f"step{number}": {"kind": "bash", "settings": {"command": "bash -c 'sleep 1; cat'"}}
    for number in range(5)
}


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[slurm_cluster.Cluster]:
    if slurm_cluster.missing() or os.geteuid() != 0:
        pytest.skip("needs root, slurm-wlm and munge")
    (tmp_path / "cluster").mkdir()
    with slurm_cluster.cluster(tmp_path / "cluster") as running:
        yield running


def what_matters(run: dict[str, Any]) -> dict[str, Any]:
    """A run without its times."""
    state = {name: value for name, value in run["state"].items() if not name.endswith(("_at", "_seq"))}
    timed = ("started_at", "duration")
    state["steps"] = {
        key: {name: value for name, value in step.items() if name not in timed}
        for key, step in state["steps"].items()
    }
    return {"status": run["status"], "outputs": run["outputs"], "state": state}


@pytest.mark.slow
def test_a_job_on_slurm_goes_on_while_the_whole_studio_is_down(
    here: Studio, cluster: slurm_cluster.Cluster, tmp_path: Path
) -> None:
    wires = [("who", "output"), *[(name, "output") for name in STEPS]]
    ends = [*[(name, "input") for name in STEPS], ("end", "value")]
    document = flow(
        {
            "who": {"kind": "input", "settings": {"name": "who"}},
            **STEPS,
            "end": {"kind": "output", "settings": {"name": "said"}},
        },
        *[(*source, *target) for source, target in zip(wires, ends, strict=True)],
    )
    made = here.http.post("/flows", json={"name": "steps", "document": document}).raise_for_status().json()
    here.flows["steps"] = made["id"]
    settings = {"folder": str(tmp_path / "jobs"), "config": str(cluster.config)}
    given = {"name": "cluster", "kind": "slurm", "settings": settings}
    place = here.http.post("/compute/backends", json=given).raise_for_status().json()["id"]
    here.start_workers("worker")
    far = here.run("steps", {"who": "Ada"}, backend=place)
    here.wait(lambda: here.get(far)["state"]["steps"].get("step1"), "no step comes", 30)
    for name in ("worker", "web", "valkey"):
        here.kill(name)
    assert "RUNNING" in cluster.run("squeue", "-h", "-o", "%T").stdout
    here.restart_valkey()
    here.start_web()
    here.start_workers("again")
    near = here.run("steps", {"who": "Ada"})

    there, local = here.ended([far, near], 60)

    assert (there["status"], there["outputs"], there["attempt"]) == ("succeeded", {"said": "Ada"}, 1)
    assert what_matters(there) == what_matters(local)
    kinds = [[event["type"] for event in holds(here, run)] for run in (there, local)]
    assert kinds[0] == kinds[1]
