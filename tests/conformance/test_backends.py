"""What every compute backend promises, shown on each that can run here."""

from __future__ import annotations

import secrets
import shlex
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import flowloft
import pytest
from flowloft import launchers
from flowloft.components import component_register
from flowloft.components.folder import load_file
from flowloft.core.backend import BACKENDS, Backend
from flowloft.core.errors import BackendError, FlowError
from flowloft.core.job import Job, JobState, Reason
from flowloft.core.resources import Resources

from tests.conformance.places import Place, open_place

NASTY = [
    "'; touch x; '",
    "$HOME",
    "`id`",
    "$(id)",
    "two\nlines",
    "*",
    "-n",
    "",
    "ein Umlaut ä 中文",
    '"',
    "\\",
]
SAY = "import sys; [print(repr(word)) for word in sys.argv[1:]]"


QUICK = {"kubernetes", "local"}
"""The others start a cluster, a server or many processes."""
MEMBERS = [pytest.param(key, marks=() if key in QUICK else pytest.mark.slow) for key in BACKENDS.keys]


@pytest.fixture(scope="module", params=MEMBERS)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with open_place(request.param, tmp_path_factory.mktemp(request.param)) as opened:
        yield opened


@pytest.fixture
def backend(place: Place) -> Backend:
    return place.backend


def until(backend: Backend, job_id: str, state: str, seconds: float = 30) -> JobState:
    end = time.monotonic() + seconds
    while True:
        now = backend.states([job_id])[job_id]
        if now.state == state or time.monotonic() > end:
            assert now.state == state, now
            return now
        time.sleep(0.1)


def done(backend: Backend, job_id: str, seconds: float = 60) -> JobState:
    end = time.monotonic() + seconds

    def pause(wait: float) -> None:
        assert time.monotonic() < end, backend.states([job_id])
        time.sleep(wait)

    return backend.wait(job_id, pause=pause, every=0.3)


def log_of(backend: Backend, job_id: str, *, errors: bool = False) -> str:
    whole, offset = b"", 0
    while True:
        piece, offset = backend.logs(job_id, offset, errors=errors)
        if not piece:
            return whole.decode()
        whole += piece


def python(code: str, *argv: str, **fields: object) -> Job:
    return Job(argv=[sys.executable, "-c", code, *argv], **fields)  # type: ignore[arg-type]


def test_an_argument_arrives_as_it_was_written(backend: Backend, tmp_path: Path) -> None:
    job_id = backend.submit(python(SAY, *NASTY, directory=str(tmp_path)))
    assert done(backend, job_id).reason is Reason.COMPLETED
    assert log_of(backend, job_id).splitlines() == [repr(word) for word in NASTY]
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def demo() -> Iterator[None]:
    """The components of LazyLLM's README, and some more."""
    loaded = load_file(Path(__file__).parents[1] / "runtime" / "components" / "demo.py")
    yield
    for component in loaded:
        component_register.remove(component)


@pytest.mark.usefixtures("demo")
def test_a_component_runs_under_every_launcher_without_a_change(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    key = next(key for key, member in BACKENDS.all().items() if type(place.backend) is member)
    there = launchers.find(key)(**{**place.backend.model_dump(), "python": sys.executable})
    assert flowloft.demo.test_cmd(launcher=there)(2) == "input is 2"
    assert flowloft.demo.repeat(launcher=there, between="-")("a", times=3) == "a-a-a"
    assert flowloft.demo.say(launcher=there)(*NASTY) == str(NASTY)
    with pytest.raises(FlowError) as caught:
        flowloft.demo.fail(launcher=there)(3)
    assert caught.value.extra == {"exit_code": 3, "stderr": "going wrong"}
    assert list(tmp_path.iterdir()) == []


def test_a_failing_command_says_its_exit_code(backend: Backend) -> None:
    state = done(backend, backend.submit(python("import sys; sys.exit(7)")))
    assert (state.state, state.reason, state.exit_code) == ("failed", Reason.FAILED, 7)


def test_a_program_that_is_not_there_fails_and_says_so(backend: Backend) -> None:
    state = done(backend, backend.submit(Job(argv=["no-such-program-at-all"])))
    assert (state.reason, state.exit_code) == (Reason.FAILED, 127)


def test_a_secret_arrives_but_is_nowhere_to_be_seen(backend: Backend, tmp_path: Path) -> None:
    shown = tmp_path / "environment"
    code = (
        "import os, pathlib, sys; pathlib.Path(sys.argv[1]).write_text(os.environ['TOKEN'] + os.environ['A'])"
    )
    secret = "s3cret, with = and 'quotes'"
    job = python(code, str(shown), env={"A": "b\nc"}, secrets={"TOKEN": secret})
    assert "s3cret" not in backend.preview(job).text
    assert "s3cret" not in " ".join(backend.preview(job).argv)
    assert "s3cret" not in repr(job)
    assert done(backend, backend.submit(job)).reason is Reason.COMPLETED
    assert shown.read_text() == secret + "b\nc"


def test_the_studios_own_secrets_are_not_inherited(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWLOFT_MASTER_KEY", "do-not-tell")
    job_id = backend.submit(python("import os; print(sorted(os.environ.values()))"))
    assert done(backend, job_id).reason is Reason.COMPLETED
    assert "do-not-tell" not in log_of(backend, job_id)


def test_a_log_is_read_while_the_job_writes_it(backend: Backend, tmp_path: Path) -> None:
    go = tmp_path / "go"
    code = (
        "import pathlib, sys, time\nprint('first', flush=True)\n"
        "while not pathlib.Path(sys.argv[1]).exists(): time.sleep(0.05)\nprint('second')"
    )
    job_id = backend.submit(python(code, str(go)))
    until(backend, job_id, "running")
    end = time.monotonic() + 20
    piece, offset = backend.logs(job_id)
    while piece != b"first\n":
        assert time.monotonic() < end, piece
        time.sleep(0.1)
        piece, offset = backend.logs(job_id)
    assert offset == 6
    assert backend.logs(job_id, offset) == (b"", 6)
    go.touch()
    done(backend, job_id)
    assert backend.logs(job_id, offset) == (b"second\n", 13)


def test_errors_are_kept_apart_when_asked(place: Place) -> None:
    if not place.errors_apart:
        pytest.skip("this backend keeps one log")
    code = "import sys; print('out'); print('err', file=sys.stderr)"
    job_id = place.backend.submit(python(code, errors_apart=True))
    done(place.backend, job_id)
    assert log_of(place.backend, job_id) == "out\n"
    assert log_of(place.backend, job_id, errors=True) == "err\n"


def test_cancel_ends_the_whole_tree(backend: Backend, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    shell = f"sleep 300 & echo $! >> {shlex.quote(str(pids))}; echo $$ >> {shlex.quote(str(pids))}; wait"
    job_id = backend.submit(Job(argv=["sh", "-c", shell]))
    until(backend, job_id, "running")
    end = time.monotonic() + 60
    while not (pids.exists() and len(pids.read_text().split()) == 2):
        assert time.monotonic() < end
        time.sleep(0.05)
    backend.cancel(job_id)
    state = done(backend, job_id)
    assert (state.state, state.reason) == ("cancelled", Reason.CANCELLED)
    end = time.monotonic() + 60
    while any(Path(f"/proc/{pid}").exists() for pid in pids.read_text().split()):
        assert time.monotonic() < end, "a process outlived its job"
        time.sleep(0.1)
    backend.cancel(job_id)


def test_states_answers_for_all_ids_at_once(backend: Backend) -> None:
    good, bad = backend.submit(python("pass")), backend.submit(python("1/0"))
    done(backend, good)
    done(backend, bad)
    states = backend.states([good, bad])
    assert [states[good].state, states[bad].state] == ["succeeded", "failed"]


def test_a_job_is_found_again_by_a_new_instance(place: Place) -> None:
    """What a restart of the studio needs: nothing is kept in memory."""
    job_id = place.backend.submit(python("print('still here')"))
    again = type(place.backend).model_validate_json(place.backend.model_dump_json())
    assert done(again, job_id).reason is Reason.COMPLETED
    assert log_of(again, job_id) == "still here\n"


def test_a_job_that_is_submitted_twice_with_one_ticket_runs_once(backend: Backend, tmp_path: Path) -> None:
    """What a studio does that died between handing a job over and noting its id."""
    count = tmp_path / "count"
    code = "import sys; open(sys.argv[1], 'a').write('x')"
    job = python(code, str(count), ticket=secrets.token_hex(6))
    first = backend.submit(job)
    assert backend.submit(job) == first
    done(backend, first)
    assert backend.submit(job) == first
    assert count.read_text() == "x"


def test_an_impossible_request_is_refused_and_says_why(place: Place) -> None:
    job = python("pass", resources=Resources(cpus=4000))
    if not place.refuses:
        pytest.skip("this backend queues what it cannot do")
    with pytest.raises(BackendError) as caught:
        place.backend.submit(job)
    assert caught.value.permanent
    assert caught.value.message


def test_a_job_that_nobody_knows_is_lost_and_not_running(place: Place) -> None:
    state = place.backend.states([place.unknown])[place.unknown]
    assert state.reason is Reason.LOST


def test_a_time_limit_ends_the_job_with_its_own_reason(place: Place) -> None:
    if place.shortest > 10:
        pytest.skip("shown by a slow test of its own")
    job = python("import time; time.sleep(60)", resources=Resources(seconds=place.shortest))
    state = done(place.backend, place.backend.submit(job), seconds=60)
    assert (state.state, state.reason) == ("failed", Reason.TIMEOUT)


def test_affinity_gives_a_reason(backend: Backend) -> None:
    affinity = backend.affinity()
    assert 0 < affinity.score <= 1
    assert affinity.reason
