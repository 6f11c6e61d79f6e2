"""Backends over REST. If these fail, a person reads another's key or starts what is not theirs to start."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from flowloft.backends.kubernetes import answers as kubernetes
from flowloft.backends.slurm import Slurm
from flowloft.backends.slurm import reasons as slurm
from flowloft.core.backend import Queued

from backend.compute.models import LOCAL_ID, BackendEntry, ComputeJob
from backend.compute.stream import text_of
from backend.config.environment import ROOT

pytestmark = pytest.mark.django_db

URL = "/api/v1/compute/backends"
CLUSTER = {
    "name": "Cluster",
    "kind": "kubernetes",
    "settings": {"server": "https://10.0.0.1:6443", "token": "s3cret-token", "namespace": "lab"},
}


def test_each_kind_says_what_it_needs(api: Any) -> None:
    kinds = {kind["key"]: kind for kind in api.get("/api/v1/compute/kinds").json()}
    assert {"local", "slurm", "ssh", "kubernetes", "sensecore"} <= kinds.keys()
    assert kinds["kubernetes"]["schema"]["properties"]["token"]["x-widget"] == "secret"
    assert kinds["slurm"]["summary"].startswith("Submits to Slurm. Needs sbatch")


def test_each_kind_is_told_in_chinese_too(api: Any) -> None:
    chinese = json.loads((ROOT / "frontend/src/shared/i18n/zh.json").read_text())
    for kind in api.get("/api/v1/compute/kinds").json():
        said = [kind["title"], kind["summary"]]
        for field in kind["schema"]["properties"].values():
            said += [field["title"], field.get("description", "")]
        assert [one for one in said if one and one not in chinese] == []


def test_what_to_do_about_a_job_that_waits_is_told_in_chinese_too() -> None:
    chinese = json.loads((ROOT / "frontend/src/shared/i18n/zh.json").read_text())
    said = [*slurm.HINTS.values(), slurm.LIMIT, *kubernetes.HINTS.values()]
    assert [one for one in said if one not in chinese] == []


def test_this_machine_is_listed_first_and_nobody_changes_it(api: Any) -> None:
    (here,) = api.get(URL).json()
    assert (here["id"], here["kind"], here["always"], here["mine"]) == (str(LOCAL_ID), "local", True, False)
    assert api.patch(f"{URL}/{LOCAL_ID}", {"name": "Mine"}).status_code == 403
    assert api.delete(f"{URL}/{LOCAL_ID}").status_code == 403


def test_a_secret_goes_in_and_never_comes_out(api: Any) -> None:
    made = api.post(URL, CLUSTER)
    assert made.status_code == 201, made.content
    id = made.json()["id"]
    assert made.json()["secrets"] == ["token"]
    assert "s3cret" not in made.content.decode() + api.get(URL).content.decode()
    entry = BackendEntry.objects.get(id=id)
    assert "s3cret" not in str(entry.settings) + entry.sealed
    same = {"server": "https://10.0.0.1:6443", "namespace": "other"}
    assert api.patch(f"{URL}/{id}", {"settings": same}).json()["secrets"] == ["token"]
    elsewhere = {"server": "https://evil.example:6443"}
    assert api.patch(f"{URL}/{id}", {"settings": elsewhere}).json()["secrets"] == []


def test_a_setting_that_does_not_fit_is_named_and_nothing_is_kept(api: Any) -> None:
    wrong = {"name": "X", "kind": "ssh", "settings": {"host": "h", "port": 99999}}
    answer = api.post(URL, wrong)
    assert (answer.status_code, answer.json()["extra"]["path"]) == (400, "/settings/port")
    answer = api.post(URL, {"name": "X", "kind": "abacus"})
    assert (answer.status_code, answer.json()["extra"]["path"]) == (400, "/kind")
    assert BackendEntry.objects.exclude(id=LOCAL_ID).count() == 0


def test_only_the_owner_sets_up_and_others_use_what_is_shared(api: Any, stranger_api: Any) -> None:
    assert stranger_api.post(URL, {"name": "Mine", "kind": "local"}).status_code == 403
    id = api.post(URL, CLUSTER).json()["id"]
    assert stranger_api.get(f"{URL}/{id}").status_code == 404
    assert api.post(URL, CLUSTER).status_code == 409
    api.patch(f"{URL}/{id}", {"shared": True})
    seen = stranger_api.get(f"{URL}/{id}").json()
    assert (seen["name"], seen["settings"], seen["mine"]) == ("Cluster", {}, False)
    assert stranger_api.patch(f"{URL}/{id}", {"name": "Mine"}).status_code == 403
    assert stranger_api.delete(f"{URL}/{id}").status_code == 403


def test_a_backend_is_checked_with_a_real_job(
    api: Any, stranger_api: Any, here: BackendEntry, look_until: Any
) -> None:
    checked = api.post(f"{URL}/{LOCAL_ID}/check", {"job": True}).json()
    assert checked["score"] > 0
    job = ComputeJob.objects.get(id=checked["job"])
    assert api.delete(f"{URL}/{LOCAL_ID}").status_code == 403
    look_until(job, "succeeded")
    where = f"/api/v1/compute/jobs/{job.id}"
    log = api.get(f"{where}/logs").json()
    assert log["text"].startswith("Hello from ")
    assert "flows can run here" in log["text"]
    assert api.get(f"{where}/logs?offset={log['next']}").json() == {"text": "", "next": log["next"]}
    assert api.get(where).json()["state"] == "succeeded"
    assert [one["id"] for one in api.get("/api/v1/compute/jobs?state=succeeded").json()["results"]] == [
        str(job.id)
    ]
    for address in (where, f"{where}/logs"):
        assert stranger_api.get(address).status_code == 404
    assert stranger_api.post(f"{where}/cancel").status_code == 404
    assert stranger_api.get("/api/v1/compute/jobs").json()["results"] == []


def test_the_queue_names_ones_own_jobs_and_hides_whose_the_others_are(
    api: Any, stranger_api: Any, stranger: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = api.post(URL, CLUSTER | {"kind": "slurm", "settings": {}, "shared": True}).json()["id"]
    mine = ComputeJob.objects.create(
        owner=stranger,
        backend_id=id,
        purpose="run",
        name="mine",
        spec={},
        remote_id="7-0123456789ab",
        state="running",
    )
    told = [
        Queued("7", "mine", "ada", running=True, message="node1"),
        Queued("8", "secret", "bob", running=False),
    ]
    monkeypatch.setattr(Slurm, "queue", lambda self: told)
    first, second = stranger_api.get(f"{URL}/{id}/queue").json()["jobs"]
    assert (first["name"], first["job"], first["message"]) == ("mine", str(mine.id), "node1")
    assert (second["number"], second["name"], second["user"], second["job"]) == ("8", "", "", None)
    assert [one["user"] for one in api.get(f"{URL}/{id}/queue").json()["jobs"]] == ["ada", "bob"]
    assert api.get(f"{URL}/{LOCAL_ID}/queue").json() == {"jobs": None}
    api.patch(f"{URL}/{id}", {"shared": False})
    assert stranger_api.get(f"{URL}/{id}/queue").status_code == 404


def test_a_backend_that_cannot_be_used_says_why(api: Any) -> None:
    made = api.post(URL, {"name": "Away", "kind": "kubernetes", "settings": {"server": "http://127.0.0.1:9"}})
    checked = api.post(f"{URL}/{made.json()['id']}/check", {"job": True}).json()
    assert (checked["score"], checked["job"]) == (0, None)
    assert "does not answer" in checked["reason"]


def test_a_busy_backend_is_not_removed(api: Any, owner: Any) -> None:
    from flowloft.core.job import Job

    from backend.compute.services import job_submit

    made = api.post(URL, {"name": "Bench", "kind": "local", "settings": {}}).json()
    entry = BackendEntry.objects.get(id=made["id"])
    job = job_submit(owner=owner, backend=entry, job=Job(argv=[sys.executable]), purpose="test")
    assert api.delete(f"{URL}/{entry.id}").json()["code"] == "backend_busy"
    assert api.post(f"/api/v1/compute/jobs/{job.id}/cancel").json()["state"] == "cancelled"
    assert api.delete(f"{URL}/{entry.id}").status_code == 204
    assert api.get(f"/api/v1/compute/jobs/{job.id}").json()["backend_name"] == ""


def test_the_nearest_choice_counts(api: Any, stranger_api: Any) -> None:
    id = api.post(URL, CLUSTER | {"shared": True}).json()["id"]
    where = "/api/v1/compute/choice"
    flow = "1b671a64-40d5-491e-99b0-da01ff1f3341"
    assert api.get(where).json() == {"backend": None, "scope": "none"}
    assert api.put(where, {"scope": "studio", "backend": id}).json() == {"backend": id, "scope": "studio"}
    assert stranger_api.get(where).json() == {"backend": id, "scope": "studio"}
    assert stranger_api.put(where, {"scope": "studio", "backend": None}).status_code == 403
    here = str(LOCAL_ID)
    assert stranger_api.put(where, {"scope": "person", "backend": here}).json()["scope"] == "person"
    chosen = stranger_api.put(where, {"scope": "flow", "flow": flow, "backend": id}).json()
    assert chosen == {"backend": id, "scope": "flow"}
    api.patch(f"{URL}/{id}", {"shared": False})
    assert stranger_api.get(f"{where}?flow={flow}").json() == {"backend": here, "scope": "person"}


@pytest.mark.parametrize("cut", range(12))
def test_a_log_is_cut_between_characters(cut: int) -> None:
    raw = "aä中🦊b".encode()
    first, following = text_of(raw[:cut], min(cut, len(raw)))
    rest, end = text_of(raw[following:], len(raw))
    assert (first + rest, end) == ("aä中🦊b", len(raw))
