"""What a user of this machine as a backend would lose without each of these."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from flowloft.backends.local import Local
from flowloft.core.errors import BackendError
from flowloft.core.job import Job, JobState, Reason
from flowloft.core.resources import Resources


@pytest.fixture
def here(tmp_path: Path) -> Local:
    return Local(folder=str(tmp_path / "jobs"))


def run(here: Local, code: str, *argv: str, **resources: object) -> JobState:
    job = Job(argv=[sys.executable, "-c", code, *argv], resources=Resources(**resources))  # type: ignore[arg-type]
    return here.wait(here.submit(job), every=0.1)


def gone(pid: int, seconds: float = 30) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not Path(f"/proc/{pid}").exists():
            return True
        time.sleep(0.05)
    return False


def appears(path: Path) -> str:
    end = time.monotonic() + 60
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return path.read_text()


def test_a_job_outlives_whoever_submitted_it(here: Local, tmp_path: Path) -> None:
    """The studio is killed with its whole process group in the middle of the job."""
    code = (
        "import sys, time\nfrom flowloft.backends.local import Local\nfrom flowloft.core.job import Job\n"
        "job = Job(argv=['sh', '-c', 'sleep 1; echo survived; exit 5'])\n"
        "print(Local(folder=sys.argv[1]).submit(job), flush=True)\ntime.sleep(60)"
    )
    studio = subprocess.Popen(
        [sys.executable, "-c", code, here.folder],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert studio.stdout is not None
    job_id = studio.stdout.readline().strip()
    os.killpg(studio.pid, signal.SIGKILL)
    studio.wait()
    studio.stdout.close()
    assert here.states([job_id])[job_id].state == "running"
    assert here.wait(job_id, every=0.1).exit_code == 5
    assert here.logs(job_id)[0] == b"survived\n"


def test_a_process_that_hides_in_a_new_session_ends_with_the_job(here: Local, tmp_path: Path) -> None:
    code = (
        "import os, sys, time\n"
        "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        open(sys.argv[1], 'w').write(str(os.getpid()))\n        time.sleep(300)\n    os._exit(0)\n"
        "os.wait()\nwhile not os.path.exists(sys.argv[1]): time.sleep(0.01)"
    )
    pid = tmp_path / "pid"
    assert run(here, code, str(pid)).reason is Reason.COMPLETED
    assert gone(int(pid.read_text()))


def test_a_process_that_ignores_the_request_to_end_is_ended(here: Local, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    shell = f"trap '' TERM; echo $$ > {pid}; while true; do sleep 0.1; done"
    job_id = here.submit(Job(argv=["sh", "-c", shell]))
    number = int(appears(pid))
    here.cancel(job_id)
    assert here.wait(job_id).reason is Reason.CANCELLED
    assert gone(number)


def test_a_killed_supervisor_is_a_failed_node_and_leaves_no_process(here: Local, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    job_id = here.submit(Job(argv=["sh", "-c", f"sleep 300 & echo $! > {pid}; wait"]))
    orphan = int(appears(pid))
    supervisor = here.folder + f"/{job_id}/started.json"
    os.kill(int(Path(supervisor).read_text().split('"pid": ')[1].split(",")[0]), signal.SIGKILL)
    end = time.monotonic() + 30
    while not here.states([job_id])[job_id].ended and time.monotonic() < end:
        time.sleep(0.05)
    assert here.states([job_id])[job_id].reason is Reason.NODE_FAIL
    here.cancel(job_id)
    assert gone(orphan)


def test_too_much_memory_has_its_own_reason(here: Local) -> None:
    state = run(here, "x = bytearray(300 << 20); import time; time.sleep(30)", memory=100 << 20)
    assert state.reason is Reason.OUT_OF_MEMORY


def test_a_signal_is_named(here: Local) -> None:
    state = run(here, "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert (state.exit_code, state.message) == (139, "Signal SIGSEGV ended it.")


def test_the_gpus_with_the_most_free_memory_are_chosen(
    here: Local, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "bin" / "nvidia-smi"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\nprintf '0, 100\\n1, 9000\\n2, 4000\\n'\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    job = Job(argv=["sh", "-c", "echo $CUDA_VISIBLE_DEVICES"], resources=Resources(gpus=2))
    assert "CUDA_VISIBLE_DEVICES=1,2" in here.preview(job).text
    job_id = here.submit(job)
    here.wait(job_id, every=0.1)
    assert here.logs(job_id)[0] == b"1,2\n"
    with pytest.raises(BackendError, match="4 GPUs are asked for; this machine has 3"):
        here.submit(Job(argv=["true"], resources=Resources(gpus=4)))


def test_a_command_that_ends_at_once_keeps_its_exit_code(here: Local) -> None:
    """It may end before its supervisor first looks."""
    ids = [here.submit(Job(argv=["sh", "-c", f"exit {n}"])) for n in range(20)]
    assert [here.wait(job_id, every=0.1).exit_code for job_id in ids] == list(range(20))
