"""What a user of a machine over ssh would lose without each of these, on a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flowloft.backends.ssh import Ssh
from flowloft.core.errors import BackendError
from flowloft.core.job import Job, Reason
from flowloft.core.resources import Resources

from tests.conformance import ssh_server
from tests.conformance.ssh_server import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with ssh_server.server(tmp_path_factory.mktemp("ssh")) as running:
        yield running


@pytest.fixture
def machine(server: Server, tmp_path: Path) -> Ssh:
    return Ssh(
        host="127.0.0.1",
        port=server.port,
        key=str(server.key),
        options=[f"UserKnownHostsFile={server.known_hosts}"],
        folder=str(tmp_path / "jobs"),
    )


def test_a_machine_that_does_not_answer_is_not_a_failed_job(machine: Ssh) -> None:
    job_id = machine.submit(Job(argv=["sh", "-c", "exit 4"]))
    away = machine.model_copy(update={"port": 1})
    with pytest.raises(BackendError) as caught:
        away.states([job_id])
    assert not caught.value.permanent
    assert machine.wait(job_id).exit_code == 4


def test_a_machine_that_is_not_the_one_known_is_refused(machine: Ssh, tmp_path: Path) -> None:
    stranger = machine.model_copy(update={"options": [f"UserKnownHostsFile={tmp_path}/none"]})
    with pytest.raises(BackendError, match="Host key verification failed") as caught:
        stranger.submit(Job(argv=["true"]))
    assert caught.value.permanent


def test_a_machine_without_python_says_what_is_needed(machine: Ssh) -> None:
    with pytest.raises(BackendError) as caught:
        machine.model_copy(update={"python": "python-is-not-here"}).submit(Job(argv=["true"]))
    assert "Python 3.7" in caught.value.hint


def test_the_gpus_with_the_most_free_memory_are_chosen_there(machine: Ssh, tmp_path: Path) -> None:
    for name, line in (
        ("nvidia-smi", "printf '0, 100\\n1, 9000\\n2, 4000\\n'"),
        ("python", f'PATH="{tmp_path}:$PATH" exec python3 "$@"'),
    ):
        (tmp_path / name).write_text(f"#!/bin/sh\n{line}\n")
        (tmp_path / name).chmod(0o755)
    there = machine.model_copy(update={"python": str(tmp_path / "python")})
    job = Job(argv=["sh", "-c", "echo $CUDA_VISIBLE_DEVICES"], resources=Resources(gpus=2))
    assert "2 with the most free memory" in there.preview(job).text
    job_id = there.submit(job)
    there.wait(job_id, every=0.1)
    assert there.logs(job_id)[0] == b"1,2\n"
    with pytest.raises(BackendError, match="4 GPUs are asked for; the machine has 3"):
        there.submit(job.model_copy(update={"resources": Resources(gpus=4)}))


def test_a_job_may_run_out_of_memory_there(machine: Ssh) -> None:
    code = "x = bytearray(300 << 20); import time; time.sleep(30)"
    job = Job(argv=["python3", "-c", code], resources=Resources(memory=100 << 20))
    assert machine.wait(machine.submit(job)).reason is Reason.OUT_OF_MEMORY
