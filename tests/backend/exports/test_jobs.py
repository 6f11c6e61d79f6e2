"""An export on its way to a file: made once, by somebody, until it is there or somebody stops it."""

from __future__ import annotations

import hashlib
import io
import json
import os
import uuid
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backend.exports import limits, reaper, worker
from backend.exports.models import ExportJob
from backend.exports.states import MAX_ATTEMPTS, JobState
from backend.exports.transitions import job_transition
from backend.hub.keys import key_add
from backend.hub.models import Connection
from tests.backend.exports.conftest import PLANTED, Bundles


def claimed(job_id: str, **lease: float) -> ExportJob:
    """Takes a job as a worker does, which then goes silent."""
    found = job_transition(
        job_id=uuid.UUID(job_id),
        to=JobState.RUNNING,
        source=[JobState.QUEUED],
        lease_until=timezone.now() + timedelta(**lease),
    )
    assert found is not None
    return found


def test_an_export_becomes_a_file(bundles: Bundles, flow: str) -> None:
    started = bundles.start(flow)
    assert started.status_code == 202
    waiting = started.json()
    assert started.headers["Location"] == f"/api/v1/exports/{waiting['id']}"
    assert (waiting["state"], waiting["available"], waiting["size"]) == ("queued", False, None)
    assert bundles.file(waiting).status_code == 409
    worker.job_work(job_id=uuid.UUID(waiting["id"]))
    job = bundles.job(waiting["id"])
    assert (job["state"], job["available"]) == ("succeeded", True)
    assert job["done"] == job["total"] > 0
    file = bundles.file(job)
    assert (len(file.body), hashlib.sha256(file.body).hexdigest()) == (job["size"], job["sha256"])
    assert "%E9%97%AE%E5%80%99%201-2.flowloft.zip" in file.headers["Content-Disposition"]
    names = zipfile.ZipFile(io.BytesIO(file.body)).namelist()
    assert names == ["flows/问候-1-2.json", "manifest.json"]


def test_the_same_content_is_not_made_twice(bundles: Bundles, api: Any, flow: str) -> None:
    first = bundles.start(flow)
    assert bundles.start(flow).json()["id"] == first.json()["id"], "one that waits will do as well"
    worker.job_work(job_id=uuid.UUID(first.json()["id"]))
    again = bundles.start(flow)
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    patch = [{"op": "add", "path": "/graph/nodes/n", "value": {"kind": "note"}}]
    api.patch(f"/api/v1/flows/{flow}/draft", patch, headers={"If-Match": '"1"'})
    other = bundles.start(flow)
    assert (other.status_code, other.json()["id"] != first.json()["id"]) == (202, True)


def test_a_key_stands_for_one_request(bundles: Bundles, flow: str) -> None:
    key = {"Idempotency-Key": "once"}
    first = bundles.start(flow, headers=key)
    assert bundles.start(flow, headers=key).json()["id"] == first.json()["id"]
    refused = bundles.start(flow, headers=key, form="docker_context")
    assert (refused.status_code, refused.json()["code"]) == (409, "key_reused")
    assert bundles.start(flow, headers={"Idempotency-Key": "a b"}).status_code == 400


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("bytes=0-9", (206, slice(0, 10))),
        ("bytes=10-", (206, slice(10, None))),
        ("bytes=-7", (206, slice(-7, None))),
        ("bytes=5-99999999", (206, slice(5, None))),
        ("bytes=99999999-", (416, slice(0, 0))),
        ("bytes=-0", (416, slice(0, 0))),
        ("bytes=9-5", (416, slice(0, 0))),
        ("bytes=0-1,4-5", (200, slice(None))),
        ("lines=1-2", (200, slice(None))),
    ],
)
def test_a_download_goes_on_where_it_broke(
    bundles: Bundles, flow: str, asked: str, expected: tuple[int, slice]
) -> None:
    job = bundles.made(flow)
    whole = bundles.file(job)
    status, part = expected
    answer = bundles.file(job, Range=asked)
    assert answer.status_code == status
    assert answer.body == whole.body[part]
    if status != 416:
        assert int(answer.headers["Content-Length"]) == len(answer.body)


def test_a_range_of_another_file_is_not_sent(bundles: Bundles, flow: str) -> None:
    job = bundles.made(flow)
    whole = bundles.file(job)
    assert bundles.file(job, Range="bytes=0-3", **{"If-Range": '"other"'}).status_code == 200
    kept = bundles.file(job, Range="bytes=0-3", **{"If-Range": whole.headers["ETag"]})
    assert (kept.status_code, kept.headers["Content-Range"]) == (206, f"bytes 0-3/{len(whole.body)}")
    assert bundles.file(job, **{"If-None-Match": whole.headers["ETag"]}).status_code == 304


def test_no_key_leaves_in_any_form(bundles: Bundles, api: Any, owner: Any, document: dict[str, Any]) -> None:
    connection = Connection(owner=owner, name="acme", provider="openai", base_url="https://acme.example/v1")
    connection.save()
    key_add(connection, PLANTED)
    document["graph"]["nodes"]["model"] = {"kind": "chat_model", "settings": {"model": "acme/large"}}
    made = api.post("/api/v1/flows", {"name": "Keys", "document": document}).json()["id"]
    for form in ("archive", "python_project", "docker_context"):
        packed = zipfile.ZipFile(io.BytesIO(bundles.exported(made, form=form)))
        for name in packed.namelist():
            content = packed.read(name)
            assert PLANTED.encode() not in content, name
            assert b"acme.example" not in content, name
            assert str(owner.pk).encode() not in content, name
        if form == "archive":
            needs = json.loads(packed.read("manifest.json"))["requirements"]
            assert (needs["credentials"], needs["models"]) == (["acme"], ["acme/large"])


def test_cancelling_ends_it(bundles: Bundles, api: Any, flow: str, monkeypatch: pytest.MonkeyPatch) -> None:
    waits = bundles.start(flow).json()
    assert api.delete(f"/api/v1/exports/{waits['id']}").status_code == 409
    assert api.post(f"/api/v1/exports/{waits['id']}/cancel").json()["state"] == "cancelled"
    worker.job_work(job_id=uuid.UUID(waits["id"]))
    assert bundles.job(waits["id"])["state"] == "cancelled"
    running = bundles.start(flow, form="python_project").json()
    told = worker.Hold.told

    def cancelled(hold: worker.Hold, done: int) -> None:
        api.post(f"/api/v1/exports/{running['id']}/cancel")
        told(hold, done)

    monkeypatch.setattr(worker.Hold, "told", cancelled)
    worker.job_work(job_id=uuid.UUID(running["id"]))
    assert bundles.job(running["id"])["state"] == "cancelled"
    assert list(limits.folder().glob(f"{running['id']}*")) == []
    assert list(limits.folder().glob("making-*")) == []


def test_a_deleted_export_leaves_no_file(bundles: Bundles, api: Any, flow: str) -> None:
    job = bundles.made(flow)
    assert list(limits.folder().glob(f"{job['id']}*"))
    assert api.delete(f"/api/v1/exports/{job['id']}").status_code == 204
    assert list(limits.folder().glob(f"{job['id']}*")) == []
    assert api.get("/api/v1/exports").json()["results"] == []


def test_an_old_export_goes_by_itself(bundles: Bundles, flow: str) -> None:
    job = bundles.made(flow)
    assert reaper.jobs_prune(now=timezone.now()) == 0
    ExportJob.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert bundles.file(job).status_code == 410
    assert bundles.start(flow).status_code == 202, "what is over is made again"
    assert reaper.jobs_prune(now=timezone.now()) == 1
    assert list(limits.folder().glob(f"{job['id']}*")) == []


def test_what_a_killed_worker_left_is_swept_up(bundles: Bundles, flow: str) -> None:
    job = bundles.made(flow)
    left = limits.folder() / "making-x"
    (left / "tree").mkdir(parents=True)
    upload = limits.folder() / "upload-x"
    upload.write_bytes(b"half")
    for place in (left, upload):
        os.utime(place, (0, 0))
    os.utime(limits.folder() / ExportJob.objects.get().stored, (0, 0))
    (limits.folder() / "making-y").mkdir(exist_ok=True)
    reaper.jobs_prune(now=timezone.now())
    assert not left.exists()
    assert not upload.exists()
    assert (limits.folder() / "making-y").exists(), "somebody works in it"
    assert bundles.file(job).status_code == 200
    (limits.folder() / "making-y").rmdir()


def test_a_lost_worker_loses_the_job(bundles: Bundles, flow: str) -> None:
    waiting = bundles.start(flow).json()
    lost = claimed(waiting["id"], seconds=-1)
    reaper.jobs_recover(now=timezone.now())
    job = ExportJob.objects.get()
    assert (job.state, job.attempt) == ("queued", 2)
    late = job_transition(
        job_id=job.id, to=JobState.SUCCEEDED, source=[JobState.RUNNING], fence=lost.fence, stored="late.zip"
    )
    assert late is None
    reaper.jobs_take(now=timezone.now() + timedelta(seconds=limits.HINT_AGAIN + 1))
    assert bundles.job(waiting["id"])["state"] == "succeeded"


def test_after_the_last_attempt_it_says_so(bundles: Bundles, flow: str) -> None:
    waiting = bundles.start(flow).json()
    for _ in range(MAX_ATTEMPTS):
        claimed(waiting["id"], seconds=-1)
        reaper.jobs_recover(now=timezone.now())
    job = bundles.job(waiting["id"])
    assert (job["state"], job["error"]["code"]) == ("failed", "worker_lost")


def test_a_flow_that_is_gone_fails_with_its_reason(bundles: Bundles, api: Any, flow: str) -> None:
    waiting = bundles.start(flow).json()
    api.delete(f"/api/v1/flows/{flow}")
    worker.job_work(job_id=uuid.UUID(waiting["id"]))
    job = bundles.job(waiting["id"])
    assert (job["state"], job["error"]["code"]) == ("failed", "not_found")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"flows": []}, "/flows"),
        ({"flows": [{"id": "x"}]}, "/flows/0/id"),
        ({"flows": [{"id": str(uuid.uuid4()), "version": "newest"}]}, "/flows/0/version"),
        ({"parts": {"pictures": {}}}, "/parts/pictures"),
        ({"parts": {"components": {"include": 7}}}, "/parts/components/include"),
        ({"form": "tar"}, "/form"),
    ],
)
def test_nonsense_is_refused_with_its_place(api: Any, flow: str, body: dict[str, Any], path: str) -> None:
    for place in ("exports", "exports/preview"):
        refused = api.post(f"/api/v1/{place}", {"flows": [{"id": flow}], **body})
        assert (refused.status_code, refused.json()["extra"]["path"]) == (400, path), refused.content
    assert ExportJob.objects.count() == 0


def test_other_people_see_none_of_it(bundles: Bundles, stranger_api: Any, flow: str) -> None:
    job = bundles.made(flow)
    assert stranger_api.post("/api/v1/exports", {"flows": [{"id": flow}]}).status_code == 404
    assert stranger_api.post("/api/v1/exports/preview", {"flows": [{"id": flow}]}).status_code == 404
    assert stranger_api.get("/api/v1/exports").json()["results"] == []
    place = f"/api/v1/exports/{job['id']}"
    assert {stranger_api.get(place).status_code, stranger_api.get(f"{place}/file").status_code} == {404}
    assert {stranger_api.delete(place).status_code, stranger_api.post(f"{place}/cancel").status_code} == {404}


def test_a_preview_says_what_goes_out(api: Any, flow: str) -> None:
    told = api.post("/api/v1/exports/preview", {"flows": [{"id": flow}]}).json()
    assert (told["flows"], told["files"]) == (["问候 1/2"], 1)
    assert told["bytes"] > 500
    assert ExportJob.objects.count() == 0
