"""What a user of Slurm would lose without each of these, on a real cluster of one node."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flowloft.backends.slurm import Slurm
from flowloft.backends.slurm.answers import account_rows, queue_rows
from flowloft.core.errors import BackendError
from flowloft.core.job import Job, JobState, Reason
from flowloft.core.resources import Resources

from tests.conformance import slurm_cluster
from tests.conformance.slurm_cluster import Cluster

pytestmark = pytest.mark.skipif(
    bool(slurm_cluster.missing()) or os.geteuid() != 0, reason="needs root and slurm-wlm and munge"
)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One that ends what needs too much memory, and that lets wait what its partition can never do."""
    kills = {"JobAcctGatherParams": "OverMemoryKill", "JobAcctGatherFrequency": "task=1"}
    folder = tmp_path_factory.mktemp("cluster")
    with slurm_cluster.cluster(folder, **kills, EnforcePartLimits="NO") as running:
        yield running


@pytest.fixture
def slurm(cluster: Cluster, tmp_path: Path) -> Slurm:
    return Slurm(folder=str(tmp_path / "jobs"), config=str(cluster.config))


def shell(script: str, **fields: object) -> Job:
    return Job(argv=["sh", "-c", script], **fields)  # type: ignore[arg-type]


def until(slurm: Slurm, job_id: str, state: str) -> JobState:
    end = time.monotonic() + 90
    while (now := slurm.states([job_id])[job_id]).state != state:
        assert time.monotonic() < end, now
        time.sleep(0.1)
    return now


def says(slurm: Slurm, job_id: str, reason: str) -> JobState:
    end = time.monotonic() + 60
    while not (now := slurm.states([job_id])[job_id]).message.startswith(reason):
        assert time.monotonic() < end, now
        time.sleep(0.1)
    return now


def test_a_pending_job_says_what_it_waits_for_and_can_be_cancelled(slurm: Slurm) -> None:
    holder = slurm.submit(shell("sleep 60", resources=Resources(gpus=2)))
    until(slurm, holder, "running")
    waiting = slurm.submit(shell("true", resources=Resources(gpus=1)))
    assert "given back" in says(slurm, waiting, "Resources").hint
    queue = [(one.number, one.running, one.message) for one in slurm.queue()]
    assert queue[0][:2] == (holder.partition("-")[0], True)
    assert queue[-1] == (waiting.partition("-")[0], False, "Resources")
    assert slurm.queue()[-1].user == "root"
    slurm.cancel(waiting)
    slurm.cancel(holder)
    for job_id in (waiting, holder):
        assert slurm.wait(job_id).reason is Reason.CANCELLED


@pytest.mark.parametrize(
    ("options", "reason", "advice"),
    [
        (["--time=100"], "PartitionTimeLimit", "ask for fewer minutes"),
        (["--cpus-per-task=9"], "PartitionConfig", "ask for less"),
        (["--hold"], "JobHeldUser", "scontrol release"),
        (["--begin=now+1hour"], "BeginTime", "at the time that was asked for"),
    ],
)
def test_a_job_that_may_wait_for_ever_says_why_and_what_to_do(
    slurm: Slurm, options: list[str], reason: str, advice: str
) -> None:
    job_id = slurm.model_copy(update={"options": options}).submit(shell("true"))
    state = says(slurm, job_id, reason)
    assert (state.state, advice in state.hint) == ("queued", True), state
    slurm.cancel(job_id)


def test_a_job_whose_nodes_are_away_says_so(cluster: Cluster, slurm: Slurm) -> None:
    cluster.node("DRAIN")
    job_id = slurm.submit(shell("true"))
    try:
        assert "sinfo -R" in says(slurm, job_id, "Nodes required for job are DOWN").hint
    finally:
        cluster.node("RESUME")
    assert slurm.wait(job_id).reason is Reason.COMPLETED


def test_slurm_refuses_in_its_own_words(slurm: Slurm, tmp_path: Path) -> None:
    with pytest.raises(BackendError) as caught:
        slurm.submit(shell("true", resources=Resources(gpus=9)))
    assert caught.value.permanent
    assert caught.value.message == (
        "Batch job submission failed: Requested node configuration is not available"
    )
    nowhere = slurm.model_copy(update={"partition": "nowhere"})
    with pytest.raises(BackendError, match="invalid partition specified: nowhere"):
        nowhere.submit(shell("true"))
    assert list((tmp_path / "jobs").iterdir()) == []


def test_each_task_of_an_array_has_its_own_state_and_log(slurm: Slurm) -> None:
    job_id = slurm.submit(shell('echo "task $FLOWLOFT_TASK"; exit $FLOWLOFT_TASK', tasks=3))
    assert slurm.queue()[-1].number.startswith(job_id.partition("-")[0] + "_")
    state = slurm.wait(job_id)
    assert state.reason is Reason.FAILED
    assert {n: task.exit_code for n, task in state.tasks.items()} == {0: 0, 1: 1, 2: 2}
    assert slurm.logs(f"{job_id}[2]")[0] == b"task 2\n"


def test_a_failing_squeue_is_not_a_failed_job(cluster: Cluster, slurm: Slurm) -> None:
    """The controller goes away in the middle of a job and comes back after it."""
    job_id = slurm.submit(shell("sleep 2; exit 4"))
    until(slurm, job_id, "running")
    cluster.stop_control()
    impatient = slurm.model_copy()
    started = time.monotonic()
    with pytest.raises(BackendError) as caught:
        impatient.states([job_id])
    assert not caught.value.permanent
    assert caught.value.error_code == "backend_unreachable"
    assert time.monotonic() - started < 60
    cluster.start_control()
    state = slurm.wait(job_id)
    assert (state.reason, state.exit_code) == (Reason.FAILED, 4)


def test_the_exit_code_is_found_when_slurm_has_forgotten_the_job(slurm: Slurm, tmp_path: Path) -> None:
    job_id = slurm.submit(shell("exit 3"))
    slurm.wait(job_id)
    token = job_id.partition("-")[2]
    (tmp_path / "jobs" / token / "end.json").unlink()
    forgotten = f"987654-{token}"
    assert slurm.states([forgotten])[forgotten].exit_code == 3


def test_a_failed_node_has_its_own_reason(cluster: Cluster, slurm: Slurm) -> None:
    job_id = slurm.submit(shell("sleep 60"))
    until(slurm, job_id, "running")
    cluster.node("DOWN")
    state = slurm.wait(job_id)
    cluster.node("RESUME")
    assert (state.state, state.reason, state.exit_code) == ("failed", Reason.NODE_FAIL, None)


def test_a_preempted_job_has_its_own_reason(slurm: Slurm) -> None:
    pushed = slurm.submit(shell("sleep 60", resources=Resources(gpus=2)))
    until(slurm, pushed, "running")
    urgent = slurm.model_copy(update={"partition": "urgent"})
    first = urgent.submit(shell("true", resources=Resources(gpus=2)))
    assert slurm.wait(pushed).reason is Reason.PREEMPTED
    assert slurm.wait(first).reason is Reason.COMPLETED


@pytest.mark.parametrize(
    ("exit_code", "code"),
    [(0, 0), (768, 3), (9, 137), ({"return_code": {"set": True, "infinite": False, "number": 3}}, 3)],
)
def test_answers_of_old_and_new_slurm_are_read_alike(exit_code: object, code: int) -> None:
    old = {"job_id": 5, "job_state": "FAILED", "exit_code": exit_code, "array_job_id": 0, "start_time": 7}
    number = {"set": True, "infinite": False}
    new = {
        "job_id": 5,
        "job_state": ["FAILED"],
        "exit_code": exit_code,
        "array_job_id": {**number, "number": 0},
        "array_task_id": {"set": False, "infinite": False, "number": 0},
        "start_time": {**number, "number": 7},
    }
    for job in (old, new):
        row = queue_rows(json.dumps({"jobs": [job], "errors": []}))["5"][None]
        assert (row.state, row.exit_code, row.started) == ("FAILED", code, 7.0)


def test_out_of_memory_has_its_own_reason(slurm: Slurm) -> None:
    code = "x = bytearray(b'x' * (300 << 20)); import time; time.sleep(60)"
    job = Job(argv=["python3", "-c", code], resources=Resources(memory=64 << 20), errors_apart=True)
    state = slurm.wait(slurm.submit(job))
    assert (state.state, state.reason, state.exit_code) == ("failed", Reason.OUT_OF_MEMORY, None)
    assert "memory limit" in state.message


def test_out_of_memory_is_read_from_accounting() -> None:
    """Slurm tells it in a state of its own only with cgroups, which the cluster of the tests has not."""
    row = account_rows("5|OUT_OF_MEMORY|0:125|node1\n")[None]
    assert (row.state, row.place) == ("OUT_OF_MEMORY", "node1")
    assert account_rows("7_[0-1]|CANCELLED by 0|0:0|\n").keys() == {0, 1}


@pytest.mark.slow
def test_out_of_time_has_its_own_reason(cluster: Cluster, slurm: Slurm) -> None:
    """Slurm counts in minutes, and looks every 30 s; so the minute that was asked for is over at once."""
    job_id = slurm.submit(shell("sleep 200", resources=Resources(seconds=60)))
    until(slurm, job_id, "running")
    number = job_id.partition("-")[0]
    assert "TimeLimit=00:01:00" in cluster.run("scontrol", "show", "job", number).stdout
    cluster.run("scontrol", "update", f"jobid={number}", "EndTime=now")
    state = slurm.wait(job_id)
    assert (state.reason, state.exit_code) == (Reason.TIMEOUT, None)
