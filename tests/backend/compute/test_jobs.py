"""Jobs of the studio. If these fail, a job is lost, runs twice, or nobody hears how it ended."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core import serializers as dumps
from flowloft.backends.local import Local
from flowloft.core.errors import BackendError
from flowloft.core.job import Job
from flowloft.core.resources import Resources

from backend.compute.models import BackendEntry, ComputeJob
from backend.compute.poller import Lookout, Poller
from backend.compute.services import backend_affinity, job_cancel, job_logs, job_preview, job_submit
from backend.compute.signals import job_changed, job_wrote
from backend.compute.stream import written

pytestmark = pytest.mark.django_db


def python(code: str, *argv: str, **fields: Any) -> Job:
    return Job(argv=[sys.executable, "-c", code, *argv], **fields)


@pytest.fixture
def submit(owner: Any, here: BackendEntry) -> Callable[..., ComputeJob]:
    def make(code: str, *argv: str, follow: bool = False, **fields: Any) -> ComputeJob:
        job = python(code, *argv, **fields)
        return job_submit(owner=owner, backend=here, job=job, purpose="test", subject="1", follow=follow)

    return make


@pytest.fixture
def told() -> Iterator[list[tuple[str, Any]]]:
    """What the others heard."""
    heard: list[tuple[str, Any]] = []

    def changed(sender: Any, job: ComputeJob, **_: Any) -> None:
        heard.append(("state", job.state))

    def wrote(sender: Any, job: ComputeJob, piece: bytes, **_: Any) -> None:
        heard.append(("piece", piece))

    job_changed.connect(changed)
    job_wrote.connect(wrote)
    yield heard
    job_changed.disconnect(changed)
    job_wrote.disconnect(wrote)


def test_a_job_from_submission_to_its_log(submit: Any, look_until: Any, told: list[tuple[str, Any]]) -> None:
    job = submit("import sys; print('hello'); sys.exit(3)", follow=True)
    look_until(job, "failed")
    assert (job.reason, job.exit_code, job.place != "") == ("FAILED", 3, True)
    assert job_logs(job=job) == (b"hello\n", 6)
    assert job_logs(job=job, offset=6) == (b"", 6)
    assert written(job, 0) == ("hello\n", 6), "a person reads it, too"
    states = [what for kind, what in told if kind == "state"]
    assert states[0] == "queued"
    assert states[-1] == "failed"
    assert [what for kind, what in told if kind == "piece"] == [b"hello\n"]
    assert told[-1] == ("state", "failed")
    assert job.finished_at >= job.started_at >= job.created_at


def test_a_studio_that_dies_between_handing_over_and_noting_it_runs_the_job_once(
    submit: Any, look_until: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = submit("import sys; open(sys.argv[1], 'a').write('x')", str(tmp_path / "count"))
    handed_over = Local.submit

    def dies(self: Local, job: Job) -> str:
        handed_over(self, job)
        raise SystemExit("the power is gone")

    monkeypatch.setattr(Local, "submit", dies)
    with pytest.raises(SystemExit):
        look_until(job, "succeeded")
    monkeypatch.undo()
    assert (job.state, job.tries) == ("submitting", 0)
    BackendEntry.objects.update(poller_until=None)
    look_until(job, "succeeded")
    assert job.tries == 2
    assert (tmp_path / "count").read_text() == "x"


def test_a_backend_that_is_silent_for_a_while_fails_no_job(
    submit: Any, here: BackendEntry, look_until: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    job = submit(f"import pathlib, time\nwhile not pathlib.Path({str(go)!r}).exists(): time.sleep(0.05)")
    look_until(job, "running")

    def silent(self: Local, ids: Any) -> None:
        raise BackendError("slurm_load_jobs error: Unable to contact", permanent=False)

    monkeypatch.setattr(Local, "states", silent)
    go.touch()
    with pytest.raises(AssertionError):
        look_until(job, "succeeded", "failed", seconds=1)
    here.refresh_from_db()
    assert here.silence == "slurm_load_jobs error: Unable to contact"
    assert here.silent_since is not None
    monkeypatch.undo()
    BackendEntry.objects.update(poller_until=None)
    look_until(job, "succeeded")
    here.refresh_from_db()
    assert (here.silence, here.silent_since) == ("", None)


def test_what_the_backend_refuses_fails_with_its_words(submit: Any, look_until: Any) -> None:
    job = submit("pass", resources=Resources(cpus=4000))
    look_until(job, "failed")
    assert (job.reason, job.exit_code) == ("REFUSED", None)
    assert job.message.startswith("4000 cores are asked for")


def test_a_job_can_be_cancelled_before_anybody_heard_of_it_and_later(
    submit: Any, look_until: Any, told: list[tuple[str, Any]]
) -> None:
    early = submit("pass")
    assert job_cancel(job=early).state == "cancelled"
    late = submit("import time; time.sleep(60)")
    look_until(late, "running")
    assert job_cancel(job=late).state == "running"
    look_until(late, "cancelled")
    assert late.reason == "CANCELLED"
    assert job_cancel(job=late).state == "cancelled"
    assert [what for _, what in told].count("cancelled") == 2


def test_a_secret_is_never_readable_and_gone_when_it_was_handed_over(
    submit: Any, here: BackendEntry, look_until: Any
) -> None:
    code = "import os; print(len(os.environ['TOKEN']))"
    job = submit(code, secrets={"TOKEN": "s3cret-s3cret"})
    assert "s3cret" not in dumps.serialize("json", ComputeJob.objects.all())
    assert "s3cret" not in job_preview(backend=here, job=python(code, secrets={"TOKEN": "s3cret"})).text
    look_until(job, "succeeded")
    assert job_logs(job=job)[0] == b"13\n"
    assert job.sealed == ""


def test_this_machine_is_there_without_being_set_up(here: BackendEntry) -> None:
    assert backend_affinity(backend=here).score > 0


def test_one_worker_looks_after_a_backend_and_the_next_takes_over_when_it_goes(
    submit: Any, here: BackendEntry
) -> None:
    submit("pass")
    first, second = Lookout(), Lookout()
    assert first.take() == [here.pk]
    assert second.take() == []
    assert Poller(here.pk, second.name).look() is None
    first.stop()
    assert second.take() == [here.pk]
    assert Poller(here.pk, first.name).look() is None
