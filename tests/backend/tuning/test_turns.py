"""What people lose if this fails: a machine that two trainings share until one falls, or a silent queue."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flowloft.backends.local import Local
from flowloft.core import hardware
from flowloft.core.framework import Choice
from flowloft.core.hardware import GIB, Hardware
from flowloft.core.job import Job
from flowloft.core.trainer import TRAINERS, TunePlan
from flowloft.trainers.peft import Peft

from backend.compute.models import ComputeJob
from backend.compute.poller import Lookout, Poller
from backend.compute.services import backend_local, job_submit
from backend.tuning.models import Tune
from backend.tuning.services import folder_of
from tests.backend.serving.conftest import all_end, here
from tests.backend.tuning.test_tuning import base, version
from tests.stubs.gpu_machine import gpu_machine

__all__ = ["all_end", "base", "here", "version"]

LEARNS = """
import json, os, pathlib, sys, time
folder = pathlib.Path(sys.argv[1])
seen = os.environ.get("CUDA_VISIBLE_DEVICES", "")
print("\\x1e" + json.dumps(["progress", {"step": 1, "steps": 9, "seen": seen}]), flush=True)
while not (folder / "enough").exists():
    time.sleep(0.05)
"""


class Patient(Peft):
    """Learns until it is told that it is enough."""

    preference = 99

    def fits(self, *asked: Any) -> Choice[TunePlan | None]:
        found = super().fits(*asked)
        assert found.value is not None, found.reason
        return Choice(found.value.model_copy(update={"trainer": "patient"}), found.reason, found.rejected)

    def probe(self) -> Choice[bool]:
        return Choice(True, "It waits.")

    def command(self, folder: Path, plan: TunePlan) -> list[str]:
        return [sys.executable, "-c", LEARNS, str(folder)]


@pytest.fixture
def patient() -> Iterator[None]:
    TRAINERS.register("patient", Patient)
    yield
    TRAINERS.unregister("patient")


Start = Callable[..., str]


@pytest.fixture
def start(client_of: Callable[[Any], Any], base: str, version: str, patient: None, all_end: None) -> Start:
    """Starts a fine-tune of a person; returns its address."""

    def started(user: Any, name: str, **more: Any) -> str:
        asked = {"base": base, "version": version, "name": name, **more}
        made = client_of(user).post("/api/v1/tuning/jobs", asked, format="json")
        assert made.status_code == 201, made.json()
        return f"/api/v1/tuning/jobs/{made.json()['id']}"

    return started


def until(seen: Callable[[], bool]) -> None:
    """Lets a worker look after the jobs until a test has seen what it wants to."""
    lookout, pollers, end = Lookout(), {}, time.monotonic() + 180
    while True:
        for entry_id in lookout.take():
            pollers.setdefault(entry_id, Poller(entry_id, lookout.name))
        for poller in pollers.values():
            poller.look()
        if seen():
            lookout.stop()
            return
        told = list(ComputeJob.objects.values_list("title", "state", "message"))
        assert time.monotonic() < end, told
        time.sleep(0.05)


def enough(tune: str) -> None:
    (folder_of(tune.rpartition("/")[2]) / "enough").touch()


@pytest.mark.django_db(transaction=True)
def test_trainings_on_one_device_wait_for_one_another_and_say_so(
    owner: Any, client_of: Callable[[Any], Any], base: str, version: str, start: Start
) -> None:
    client = client_of(owner)

    def shown(at: str) -> dict[str, Any]:
        return dict(client.get(at).json())

    first, second, third = (start(owner, name) for name in ("first", "second", "third"))
    until(lambda: shown(first)["state"] == "running" and "1." in shown(third)["waits"])
    assert shown(second)["state"] == shown(third)["state"] == "queued"
    assert shown(second)["waits"] == "It waits for “first”, which has the processor to itself."
    assert shown(third)["waits"] == f"{shown(second)['waits']} Before it in the queue: 1."
    (place,) = client.post("/api/v1/tuning/places", {"base": base, "version": version}, format="json").json()
    assert (place["fits"], place["before"]) == (True, 3)

    other = job_submit(
        owner=owner,
        backend=backend_local(),
        purpose="check",
        job=Job(argv=[sys.executable, "-c", ""]),
        title="quick",
    )
    until(lambda: ComputeJob.objects.get(pk=other.pk).state == "succeeded")
    assert shown(second)["state"] == "queued", "only what needs a device for itself waits"

    assert client.post(f"{second}/cancel").json()["state"] == "cancelled", "who waits leaves at once"
    enough(first)
    until(lambda: shown(third)["state"] == "running")
    assert shown(first)["state"] == "succeeded"
    assert shown(third)["waits"] == ""
    again = client.post(f"{second}/resume").json()
    assert again["state"] == "queued"
    until(lambda: "“third”" in shown(second)["waits"])
    client.post(f"{third}/cancel")
    until(lambda: shown(third)["state"] == "cancelled" and shown(second)["state"] == "running")


@pytest.mark.django_db(transaction=True)
def test_fine_tunes_that_nobody_named_can_be_told_apart(
    owner: Any, client_of: Callable[[Any], Any], start: Start
) -> None:
    first, second = (client_of(owner).get(start(owner, "")).json()["name"] for _ in range(2))
    assert second == f"{first} 2"


@pytest.mark.django_db(transaction=True)
def test_of_other_people_it_is_told_only_that_they_are_there(
    owner: Any, stranger: Any, client_of: Callable[[Any], Any], start: Start
) -> None:
    start(owner, "secret plans")
    asked = {"base": "tiny", "name": "mine"}
    rows = b'{"question": "q?", "answer": "a"}\n' * 9
    client = client_of(stranger)
    data = client.post("/api/v1/datasets?file_name=a.jsonl", rows, content_type="application/octet-stream")
    asked["version"] = data.json()["versions"][0]["id"]
    made = client.post("/api/v1/tuning/jobs", asked, format="json").json()
    at = f"/api/v1/tuning/jobs/{made['id']}"
    until(lambda: bool(client.get(at).json()["waits"]))
    assert client.get(at).json()["waits"] == (
        "It waits for somebody else's job, which has the processor to itself."
    )


@pytest.mark.django_db(transaction=True)
def test_a_training_waits_for_the_memory_that_a_service_has(
    owner: Any, client_of: Callable[[Any], Any], start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = [8 * GIB]
    monkeypatch.setattr(Local, "devices", lambda self: Hardware((), 2, 16 * GIB, free[0]))
    forever = Job(argv=[sys.executable, "-c", "import time; time.sleep(600)"])
    service = job_submit(owner=owner, backend=backend_local(), purpose="service", job=forever, title="near")
    until(lambda: ComputeJob.objects.get(pk=service.pk).state == "running")
    at = start(owner, "faq")
    needed = Tune.objects.get().plan["memory"]
    free[0] = needed - (1 << 20)
    client = client_of(owner)
    until(lambda: bool(client.get(at).json()["waits"]))
    waits = client.get(at).json()["waits"]
    assert waits.startswith("It waits for memory: it needs 1.")
    assert "Running there: “near”." in waits
    assert waits.endswith("Stop a service on the page Models, or wait until memory is free.")
    free[0] = needed
    until(lambda: client.get(at).json()["state"] == "running")


@pytest.mark.django_db(transaction=True)
def test_each_gpu_has_one_training_and_a_further_one_waits(
    owner: Any,
    client_of: Callable[[Any], Any],
    start: Start,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine = gpu_machine(tmp_path / "machine", count=2)
    monkeypatch.setenv("PATH", f"{machine.programs}:{os.environ['PATH']}")
    hardware._here.cache_clear()
    client = client_of(owner)
    one_gpu = {"wish": {"batch": 1}}
    first, second, third = (start(owner, name, **one_gpu) for name in ("first", "second", "third"))
    until(lambda: bool(client.get(third).json()["waits"]))
    until(lambda: all(client.get(at).json()["progress"].get("step") for at in (first, second)))
    seen = [client.get(at).json()["progress"]["seen"] for at in (first, second)]
    assert sorted(seen) == ["0", "1"], "each sees its own"
    assert client.get(third).json()["waits"] == (
        "It waits for GPUs: it needs 1, and 0 are free. Running there: “first”, “second”."
    )
    enough(second)
    until(lambda: bool(client.get(third).json()["progress"].get("step")))
    assert client.get(third).json()["progress"]["seen"] == seen[1]
    hardware._here.cache_clear()
