"""Foreign code that means harm: each attempt ends with its reason, in time, and leaves nothing."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flowloft.core.errors import Cancelled, FlowError, FlowloftError
from flowloft.sandbox import Limits, check, run_command, run_function, sandbox_report

from tests.stopwatch import Stopwatch

pytestmark = pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap")

QUICK = Limits(seconds=10, cpu=2, processes=8)


def run(body: str, limits: Limits = QUICK, **inputs: Any) -> Any:
    names = ", ".join(inputs)
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return run_function(f"def f({names}):\n{lines}", "f", inputs, limits=limits).value


@pytest.fixture(autouse=True)
def in_time() -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < QUICK.seconds + 20


def fails(body: str, limits: Limits = QUICK, **inputs: Any) -> FlowError:
    with pytest.raises(FlowError) as caught:
        run(body, limits, **inputs)
    return caught.value


def test_the_self_test_holds_against_every_probe() -> None:
    report = sandbox_report()
    assert report.error is None
    assert report.layers == ("namespaces", "limits", "landlock", "seccomp")
    assert report.probes is not None
    assert len(report.probes) >= 18


def test_a_function_gets_plain_data_and_returns_it() -> None:
    assert run("return {'sum': a + sum(b), 'text': c}", a=1, b=[2, 3], c="中") == {"sum": 6, "text": "中"}


def test_a_secret_file_is_not_there(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    error = fails("return open(path).read()", path=str(secret))
    assert (error.error_code, error.extra["type"]) == ("code_failed", "FileNotFoundError")
    for path in (
        "/etc/shadow",
        str(Path.home() / ".bashrc"),
        str(Path("/proc/1/root", "etc/shadow")),
        "/proc/1/environ",
    ):
        assert fails("return open(path).read()", path=path).error_code == "code_failed"


def test_the_environment_of_the_studio_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWLOFT_MASTER_KEY", "do-not-tell")
    told = run("import os, glob\nreturn [dict(os.environ), glob.glob('/proc/[0-9]*')]")
    assert "do-not-tell" not in str(told)
    assert len(told[1]) <= 2


def test_the_network_is_not_there() -> None:
    error = fails("import socket\nsocket.create_connection(('127.0.0.1', 22), 1)")
    assert error.extra["type"] == "PermissionError"
    assert "no network" in error.hint


def test_other_processes_cannot_be_touched() -> None:
    assert fails("import os\nos.kill(pid, 9)", pid=os.getpid()).extra["type"] == "ProcessLookupError"


def test_a_fork_bomb_meets_its_limit() -> None:
    assert fails("import os\nwhile True: os.fork()").error_code == "sandbox_processes"
    with pytest.raises(FlowError) as caught:
        run_command(
            ["bash", "-c", "bomb() { bomb | bomb & }; bomb; sleep 100"],
            limits=QUICK.model_copy(update={"seconds": 4}),
        )
    assert caught.value.error_code == "sandbox_processes"


def test_threads_without_end_meet_the_limit() -> None:
    body = (
        "import threading, time\n"
        "while True: threading.Thread(target=time.sleep, args=(9,), daemon=True).start()"
    )
    assert fails(body).error_code == "sandbox_processes"


def test_four_gibibytes_are_too_much() -> None:
    assert fails("x = bytearray(4 << 30)").error_code == "sandbox_memory"


def test_memory_is_counted_over_all_processes() -> None:
    body = (
        "import os, time\n"
        "for _ in range(6):\n"
        "    if os.fork() == 0:\n        x = os.urandom(60 << 20)\n        time.sleep(60)\n"
        "time.sleep(60)"
    )
    assert fails(body, Limits(seconds=30, memory=200 << 20)).error_code == "sandbox_memory"


def test_an_endless_loop_meets_the_clock() -> None:
    assert fails("while True: pass").error_code == "sandbox_timeout"
    assert fails("import time\ntime.sleep(100)", Limits(seconds=0.5)).error_code == "sandbox_timeout"


def test_output_without_end_is_cut() -> None:
    assert fails("while True: print('x' * 1000)").error_code == "sandbox_output"
    assert fails("return 'x' * (5 << 20)").error_code == "sandbox_output"


def test_a_full_disk_is_its_own() -> None:
    body = "with open('/work/big', 'wb') as f:\n    while True: f.write(bytes(1 << 20))"
    assert fails(body, Limits(seconds=20, files=4 << 20)).error_code == "sandbox_files"


def test_a_daemon_does_not_survive() -> None:
    body = (
        "import os, subprocess\n"
        "subprocess.Popen(['sh', '-c', 'exec -a endless-sleep sleep 300'], start_new_session=True)\nreturn 1"
    )
    assert run(body) == 1


def test_a_pickle_or_an_object_cannot_come_out() -> None:
    assert fails("return object()").error_code == "code_failed"
    assert fails("import os\nos.write(1, b'{\"value\": 1}')\nos._exit(0)").error_code == "code_failed"


def test_an_error_names_its_line() -> None:
    error = fails("a = 1\nb = 0\nreturn a / b")
    assert error.message == "ZeroDivisionError: division by zero (line 4)"


def test_a_cancelled_run_ends_at_once() -> None:
    cancelled = threading.Event()
    threading.Timer(0.5, cancelled.set).start()

    def check() -> None:
        if cancelled.is_set():
            raise Cancelled

    with Stopwatch() as took, pytest.raises(Cancelled):
        run_function("import time\ndef f(): time.sleep(60)", "f", {}, limits=QUICK, check=check)
    assert took.seconds < 2


def test_a_job_that_is_ended_with_all_its_processes_is_cancelled_and_has_not_failed() -> None:
    """A cluster signals a job's command and the job itself at once; which of them hears first is chance."""
    ended = run_command(["sh", "-c", "kill -TERM $$"], limits=QUICK)
    assert ended.exit_code == 128 + signal.SIGTERM
    cancelled = threading.Event()

    def check() -> None:
        if cancelled.is_set():
            raise Cancelled

    threading.Timer(0.4, cancelled.set).start()
    with pytest.raises(Cancelled):
        run_command(["sh", "-c", "kill -TERM $$"], limits=QUICK, check=check)


def test_without_bubblewrap_nothing_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(check, "_report", None)
    with pytest.raises(FlowloftError) as caught:
        run_function("def f(): return 1", "f", {})
    assert caught.value.error_code == "sandbox_unavailable"
    assert "apt install bubblewrap" in caught.value.hint
