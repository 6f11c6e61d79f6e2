"""What a user of SenseCore would lose without each of these, against a stand-in for its client."""

from __future__ import annotations

from pathlib import Path

import pytest
from flowloft.backends.sensecore import SenseCore
from flowloft.core.errors import BackendError
from flowloft.core.job import Job, Reason
from flowloft.core.resources import Resources
from pydantic import SecretStr

from tests.conformance import sensecore_stub


@pytest.fixture
def sensecore(tmp_path: Path) -> SenseCore:
    return SenseCore(
        workspace="share",
        cluster="pool",
        image="registry/image:1",
        worker_spec="N6lS.Iu.I80.{gpus}",
        mount="volume/me:/data",
        folder=str(tmp_path / "jobs"),
        program=str(sensecore_stub.install(tmp_path)),
    )


def test_a_refusal_is_told_in_the_clients_words_and_leaves_nothing(
    sensecore: SenseCore, tmp_path: Path
) -> None:
    with pytest.raises(BackendError, match="worker spec not supported by the cluster") as caught:
        sensecore.submit(Job(argv=["true"], resources=Resources(gpus=9)))
    assert caught.value.permanent
    assert list((tmp_path / "jobs").iterdir()) == []


def test_a_client_that_fails_is_not_a_failed_job(sensecore: SenseCore) -> None:
    job_id = sensecore.submit(Job(argv=["sleep", "60"]))
    logged_out = sensecore.model_copy(update={"program": "/bin/false"})
    with pytest.raises(BackendError) as caught:
        logged_out.states([job_id])
    assert not caught.value.permanent
    sensecore.cancel(job_id)
    assert sensecore.wait(job_id).reason is Reason.CANCELLED


def test_the_variables_are_gone_from_the_shared_folder_once_read(
    sensecore: SenseCore, tmp_path: Path
) -> None:
    job_id = sensecore.submit(Job(argv=["true"], secrets={"KEY": SecretStr("hidden")}))
    sensecore.wait(job_id)
    kept = (path for path in (tmp_path / "jobs").rglob("*") if path.is_file())
    assert not any(b"hidden" in path.read_bytes() for path in kept)


def test_the_preview_is_the_call_of_the_client(sensecore: SenseCore) -> None:
    shown = sensecore.preview(Job(argv=["python", "train.py"], resources=Resources(gpus=4, machines=2)))
    assert "--worker-spec=N6lS.Iu.I80.4" in shown.argv
    assert "--worker-nodes=2" in shown.argv
    assert "--storage-mount=volume/me:/data" in shown.argv
    assert "python train.py" in shown.text
