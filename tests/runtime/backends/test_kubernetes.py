"""What the cluster tells, and what a user of it would take it for without each of these."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from flowloft.backends.kubernetes import Kubernetes
from flowloft.backends.kubernetes.answers import queue_of, state_of
from flowloft.core.errors import BackendError
from flowloft.core.job import Job, Reason
from flowloft.core.resources import Resources

from tests.conformance import kubernetes_stub

JOB: dict[str, Any] = {"metadata": {"name": "a"}, "spec": {}, "status": {"startTime": "2026-01-01T00:00:00Z"}}
FAILED = {"status": {"conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}]}}


def pod(state: dict[str, Any] | None = None, **status: Any) -> dict[str, Any]:
    containers = [{"state": state}] if state else []
    return {"metadata": {}, "spec": {"nodeName": "n"}, "status": {"containerStatuses": containers, **status}}


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (pod({"terminated": {"exitCode": 137, "reason": "OOMKilled"}}), Reason.OUT_OF_MEMORY),
        (pod({"terminated": {"exitCode": 3, "reason": "Error"}}), Reason.FAILED),
        (pod(phase="Failed", reason="NodeLost"), Reason.NODE_FAIL),
        (
            pod(
                conditions=[{"type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler"}]
            ),
            Reason.PREEMPTED,
        ),
    ],
)
def test_each_end_has_its_own_reason(one: dict[str, Any], reason: Reason) -> None:
    assert state_of({**JOB, **FAILED}, [one]).reason is reason


def test_a_pod_that_waits_says_for_what() -> None:
    message = "0/3 nodes are available: 3 Insufficient nvidia.com/gpu."
    waiting = pod(conditions=[{"type": "PodScheduled", "status": "False", "message": message}])
    assert state_of(JOB, [waiting]).message == message
    assert "ask for less" in state_of(JOB, [waiting]).hint
    image = pod({"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}})
    assert state_of(JOB, [image]).message == "ImagePullBackOff: no such image"
    assert "name and tag" in state_of(JOB, [image]).hint


def test_the_queue_of_a_namespace_is_what_has_not_ended() -> None:
    told = {
        "waits": {"startTime": "2026-01-01T00:00:00Z"},
        "runs": {"startTime": "2026-01-01T00:00:01Z", "ready": 1},
        "ended": FAILED["status"],
    }
    jobs = [{"metadata": {"name": name}, "spec": {}, "status": status} for name, status in told.items()]
    assert [(one.name, one.running) for one in queue_of(jobs)] == [("runs", True), ("waits", False)]


def test_a_cluster_that_does_not_answer_is_not_a_failed_job(tmp_path: Path) -> None:
    with kubernetes_stub.stub(tmp_path / "pods") as (address, cluster):
        backend = Kubernetes(server=address, token=kubernetes_stub.TOKEN)
        job_id = backend.submit(Job(argv=["true"]))
        cluster.broken = True
        with pytest.raises(BackendError) as caught:
            backend.states([job_id])
        assert not caught.value.permanent
        cluster.broken = False
        assert backend.wait(job_id, every=0.1).reason is Reason.COMPLETED
        assert backend.queue() == []
        stranger = Kubernetes(server=address, token="wrong")
        with pytest.raises(BackendError, match="Unauthorized") as refused:
            stranger.states([job_id])
        assert refused.value.permanent
    with pytest.raises(BackendError) as gone:
        backend.states([job_id])
    assert not gone.value.permanent


def test_the_manifest_asks_for_what_the_job_asks_for() -> None:
    backend = Kubernetes(image="mine:1", service_account="runner")
    job = Job(
        argv=["python", "-c", "print('$(HOME)')"],
        name="Fine-tune",
        resources=Resources(cpus=4, memory=8 << 30, gpus=2, gpu_type="A100", seconds=90),
        tasks=3,
    )
    spec = backend._manifest(job, "x")["spec"]
    inner = spec["template"]["spec"]
    (container,) = inner["containers"]
    assert container["command"][2] == "print('$$(HOME)')"
    assert container["resources"]["limits"] == {"cpu": "4", "memory": str(8 << 30), "nvidia.com/gpu": "2"}
    assert (spec["activeDeadlineSeconds"], spec["completions"], spec["backoffLimitPerIndex"]) == (90, 3, 0)
    assert inner["nodeSelector"] == {"nvidia.com/gpu.product": "A100"}


def test_a_job_with_a_port_is_a_deployment_behind_a_service(tmp_path: Path) -> None:
    with kubernetes_stub.stub(tmp_path / "pods") as (address, cluster):
        backend = Kubernetes(server=address, token=kubernetes_stub.TOKEN)
        job = Job(argv=["sleep", "60"], port=8000, name="Model")
        shown = backend.preview(job).text
        assert '"kind": "Deployment"' in shown
        assert '"kind": "Service"' in shown
        job_id = backend.submit(job)
        end = time.monotonic() + 60
        while (state := backend.states([job_id])[job_id]).state != "running":
            assert time.monotonic() < end, state
            time.sleep(0.05)
        assert cluster.services[job_id]["spec"]["ports"] == [{"port": 8000, "targetPort": 8000}]
        owner = cluster.services[job_id]["metadata"]["ownerReferences"][0]
        assert (owner["kind"], owner["uid"]) == ("Deployment", f"uid-{job_id}")
        assert backend.address(job_id, state, 8000) == f"http://{job_id}.default.svc:8000"
        backend.cancel(job_id)
        backend.cancel(job_id)
        assert backend.states([job_id])[job_id].reason is Reason.LOST
        assert not cluster.services


def test_a_kubeconfig_says_where_and_who(tmp_path: Path) -> None:
    with kubernetes_stub.stub(tmp_path / "pods") as (address, _):
        config = tmp_path / "config"
        config.write_text(
            json.dumps(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "clusters": [{"name": "lab", "cluster": {"server": address}}],
                    "users": [{"name": "me", "user": {"token": kubernetes_stub.TOKEN}}],
                    "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": "me"}}],
                    "current-context": "lab",
                }
            )
        )
        assert Kubernetes(kubeconfig=str(config)).affinity().score > 0
    missing = Kubernetes(kubeconfig=str(tmp_path / "nowhere")).affinity()
    assert missing.score == 0
    assert "No address of a Kubernetes API is set" in missing.reason
