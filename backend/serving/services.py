"""What can be done with local models and services."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from flowloft.core.errors import FlowloftError, InputError, NoFit
from flowloft.core.framework import Wish
from flowloft.core.job import Job
from flowloft.core.local_env import env_folder, model_store
from flowloft.core.model_facts import read_model

from backend.common.errors import ApiError
from backend.common.objects import objects_of
from backend.compute.models import BackendEntry, ComputeJob
from backend.compute.services import backend_local, backends_of, job_cancel, job_preview, job_submit
from backend.hub.models import Connection
from backend.serving.adapters import check_adapter
from backend.serving.launching import (
    choose,
    hardware_of,
    job_of,
    key_of,
    launch_of,
    local_model,
    packaged_gguf,
    served_fields,
    service_job,
)
from backend.serving.models import LocalWeights, Rate, Service
from backend.serving.rates import cost_of, rates_of
from backend.serving.states import ACTIVE, ANSWERING, State

MAX_RESTARTS = 5
ADAPTER_SECONDS = 120.0


def _owner_only(user: Any) -> None:
    """Raises 403 for who may not: weights are files of the studio's machine, and engines take it up."""
    if not user.is_owner:
        raise ApiError(
            403,
            "owner_only",
            "Only the owner of the studio brings models and starts services.",
            "Ask the owner to start one and share it.",
        )


def weights_add(
    *, user: Any, path: str, name: str = "", allow_code: bool = False, allow_pickle: bool = False
) -> LocalWeights:
    """Registers a folder of weights. Its files stay where they are, and nothing in them is run.

    Raises:
        InputError: It is no model that may be used; see :func:`flowloft.core.model_facts.read_model`.
        ApiError: 403 ``owner_only``; 409 ``name_taken``.
    """
    _owner_only(user)
    place = Path(path).expanduser()
    if not place.is_absolute():
        raise InputError(
            "The path must be absolute.",
            code="no_such_model",
            hint="Write it from the root, for instance /data/models/qwen3-4b.",
            extra={"path": "/path"},
        )
    facts = read_model(place, allow_code=allow_code, allow_pickle=allow_pickle)
    known = LocalWeights.objects.filter(owner=user, path=str(place)).first()
    row = known or LocalWeights(owner=user, path=str(place))
    row.name = name or row.name or place.stem.lower().replace(" ", "-")[:60]
    row.facts, row.allow_code, row.allow_pickle = asdict(facts), allow_code, allow_pickle
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise ApiError(
            409, "name_taken", "A model of yours has this name already.", "Choose another.", path="/name"
        ) from None
    return row


def weights_of(user: Any) -> list[LocalWeights]:
    """Returns the local models of a person; the owner's include what lies in the model store."""
    if user.is_owner:
        store = model_store()
        found = [path for path in sorted(store.iterdir()) if path.is_dir()] if store.is_dir() else []
        box = packaged_gguf()
        known = set(LocalWeights.objects.filter(owner=user).values_list("path", flat=True))
        names = {str(path): path.name.lower() for path in found}
        if box is not None:
            names[str(box)] = "smollm2-135m-instruct-gguf"
        for path, name in names.items():
            if path in known or name.startswith("."):
                continue
            try:
                weights_add(user=user, path=path, name=name)
            except FlowloftError:
                continue  # half written, or no model: it is not offered
    return list(objects_of(user, LocalWeights))


def weights_delete(*, user: Any, weights: LocalWeights) -> None:
    """Forgets a folder; its files stay."""
    _owner_only(user)
    try:
        weights.delete()
    except ProtectedError:
        raise ApiError(
            409, "model_in_use", "A service uses this model.", "Delete the service first; it may be stopped."
        ) from None


def fits_of(
    *, user: Any, weights: LocalWeights, wish: Wish, framework: str, count: int, memory_gb: int
) -> list[dict[str, Any]]:
    """Says for each backend whether the model fits there, why, by which command, with how much memory, and
    what an hour costs."""
    rates = rates_of(user)
    return [
        _fit(weights, backend, wish, framework, count, memory_gb, rates.get(str(backend.pk)))
        for backend in backends_of(user)
    ]


def _fit(
    weights: LocalWeights,
    backend: BackendEntry,
    wish: Wish,
    framework: str,
    count: int,
    memory_gb: int,
    rate: Rate | None,
) -> dict[str, Any]:
    told: dict[str, Any] = {"backend": str(backend.pk), "backend_name": backend.name}
    told |= {"memory": 0, "gpus": 0, "cost": None}
    try:
        choice = choose(weights, backend, wish, framework, count, memory_gb)
    except NoFit as error:
        return told | {
            "fits": False,
            "framework": "",
            "serving": None,
            "reason": error.message,
            "command": "",
            "rejected": [
                {"what": one["framework"], "reason": one["reason"]} for one in error.extra.get("rejected", [])
            ],
        }
    job = job_of(weights, choice.value, backend, name=weights.name)
    try:
        command = job_preview(backend=backend, job=job).text
    except FlowloftError as error:
        command = error.message
    launch = launch_of(weights, choice.value, backend)
    devices = hardware_of(backend, count, memory_gb).devices
    share = choice.value.serving.memory_fraction
    told |= {
        "memory": int(devices[0].memory * share) if launch.gpus and devices else launch.memory,
        "gpus": launch.gpus,
        "cost": cost_of(rate, max(1, launch.gpus)),
    }
    return told | served_fields(choice, named=bool(framework)) | {"fits": True, "command": command}


def service_create(*, user: Any, given: dict[str, Any]) -> Service:
    """Makes a service and starts it.

    Args:
        given: ``name``, ``weights``, ``backend`` (rows), ``wish``, ``framework``, ``gpus``,
            ``gpu_memory_gb``, ``idle_seconds``, ``shared``.

    Raises:
        NoFit: Nothing can serve it there.
        ApiError: 403 ``owner_only``; 409 ``name_taken``.
    """
    _owner_only(user)
    name = given["name"]
    if Connection.objects.filter(owner=user, name__iexact=name).exists():
        raise ApiError(
            409, "name_taken", "A connection of yours has this name.", "Choose another.", path="/name"
        )
    backend = given.get("backend") or backend_local()
    choice = choose(
        given["weights"],
        backend,
        given.get("wish") or Wish(),
        given.get("framework", ""),
        given.get("gpus", 0),
        given.get("gpu_memory_gb", 0),
    )
    service = Service(
        owner=user,
        name=name,
        weights=given["weights"],
        backend=backend,
        shared=given.get("shared", False),
        idle_seconds=given.get("idle_seconds", 0),
        **served_fields(choice, named=bool(given.get("framework"))),
    )
    try:
        with transaction.atomic():
            service.save(force_insert=True)
    except IntegrityError:
        raise ApiError(
            409, "name_taken", "A service of yours has this name already.", "Choose another.", path="/name"
        ) from None
    return service_start(user=user, service=service)


def service_start(*, user: Any, service: Service) -> Service:
    """Starts a service that does not run; one that does stays as it is."""
    _owner_only(user)
    with transaction.atomic():
        row = Service.objects.select_for_update().get(pk=service.pk)
        if row.state in ACTIVE:
            return row
        if row.backend is None:
            raise ApiError(
                409, "backend_removed", "The backend of this service has been removed.", "Make it anew."
            )
        row.restarts = 0
        launch(row)
    return row


def launch(row: Service) -> None:
    """Hands a service to its backend. The row is locked by the caller."""
    if row.backend is None:
        fail(row, "Its backend has been removed.")
        return
    row.state, row.message, row.url, row.log_tail = State.PENDING, "", "", ""
    row.samples, row.misses = [], 0
    row.next_start_at = row.ready_at = None
    row.job = job_submit(
        owner=row.owner,
        backend=row.backend,
        job=service_job(row),
        purpose="service",
        subject=str(row.pk),
        follow=True,
        title=row.name,
    )
    row.save()


def fail(row: Service, message: str) -> None:
    """Ends a service with its reason; nothing of it stays running."""
    row.state, row.message, row.url, row.next_start_at = State.FAILED, message, "", None
    row.save()


def fell(row: Service, message: str) -> None:
    """Books the end of an engine that nobody asked to end: again after a pause where it had answered
    since a person started it, for good where it never did or falls over and over."""
    if row.ready_at and timezone.now() - row.ready_at > timedelta(minutes=10):
        row.restarts = 0
    if (row.ready_at is None and not row.restarts) or row.restarts >= MAX_RESTARTS:
        fail(row, message)
        return
    row.restarts += 1
    pause = min(60, 2**row.restarts)
    row.state, row.url = State.PENDING, ""
    row.message = f"{message} It starts again in {pause} s ({row.restarts} of {MAX_RESTARTS})."
    row.next_start_at = timezone.now() + timedelta(seconds=pause)
    row.save()


def stuck(row: Service) -> None:
    """Ends an engine that runs and has not answered for long, and starts it again as after a fall."""
    job, row.job = row.job, None  # its end is of no interest any more
    fell(row, "It ran, and did not answer for its health.")
    if job is not None:
        job_cancel(job=job)


def service_stop(*, user: Any, service: Service) -> Service:
    """Stops a service; its row stays, to be started again."""
    _owner_only(user)
    with transaction.atomic():
        row = Service.objects.select_for_update(of=("self",)).select_related("job").get(pk=service.pk)
        row.state, row.message, row.url, row.next_start_at = State.STOPPED, "", "", None
        row.save()
        if row.job is not None:
            job_cancel(job=row.job)
    return row


def service_delete(*, user: Any, service: Service) -> None:
    """Stops a service and forgets it."""
    service_stop(user=user, service=service)
    service.delete()


def ask(service: Service, method: str, path: str, *, seconds: float, body: Any = None) -> httpx.Response:
    """Asks a service at its door.

    Raises:
        ApiError: 502 ``service_silent``.
    """
    headers = {"Authorization": f"Bearer {key_of(service)}"}
    try:
        # trust_env off: a proxy of the company must not see what stays on this machine.
        with httpx.Client(trust_env=False, timeout=seconds) as client:
            return client.request(method, service.url + path, headers=headers, json=body)
    except httpx.HTTPError as error:
        raise ApiError(
            502, "service_silent", f"The service “{service.name}” does not answer.", str(error)
        ) from error


def require_ready(service: Service) -> None:
    """Raises 409 unless the service answers."""
    if service.state not in ANSWERING or not service.url:
        raise ApiError(
            409,
            "service_not_ready",
            f"The service “{service.name}” is {service.state}.",
            "Start it on the page Models, and wait until it is ready.",
        )


def adapter_load(*, user: Any, service: Service, name: str, path: str) -> Service:
    """Loads an adapter into a service that runs.

    Raises:
        InputError: ``not_an_adapter``, ``adapter_of_another_base``.
        ApiError: The engine refuses it, in its words.
    """
    _owner_only(user)
    if not Path(path).is_absolute() or not (Path(path) / "adapter_config.json").is_file():
        raise InputError(
            f"{path} holds no adapter.",
            code="not_an_adapter",
            hint="Give the absolute path of a folder with adapter_config.json and adapter_model.safetensors.",
            extra={"path": "/path"},
        )
    if not service.serving.get("adapters"):
        raise ApiError(
            409,
            "no_adapters",
            "This service was started without room for adapters.",
            "Start one with vLLM that has.",
        )
    require_ready(service)
    check_adapter(Path(path), local_model(service.weights))
    _load(service, name, path)
    with transaction.atomic():
        row = Service.objects.select_for_update().get(pk=service.pk)
        kept = [one for one in row.adapters if one["name"] != name]
        row.adapters = [*kept, {"name": name, "path": path}]
        row.save()
    return row


def _load(service: Service, name: str, path: str) -> None:
    body = {"lora_name": name, "lora_path": path}
    _accepted(ask(service, "POST", "/v1/load_lora_adapter", seconds=ADAPTER_SECONDS, body=body))


def adapters_again(service: Service) -> list[str]:
    """Loads the adapters of a service whose engine has just come up; returns why some could not be."""
    failed = []
    for one in service.adapters:
        try:
            _load(service, one["name"], one["path"])
        except ApiError as error:
            failed.append(f"The adapter {one['name']} is not loaded: {error.message}")
    return failed


def adapter_unload(*, user: Any, service: Service, name: str) -> Service:
    """Takes an adapter out of a service; one that does not run will not load it any more."""
    _owner_only(user)
    if service.state in ANSWERING:
        body = {"lora_name": name}
        _accepted(ask(service, "POST", "/v1/unload_lora_adapter", seconds=ADAPTER_SECONDS, body=body))
    with transaction.atomic():
        row = Service.objects.select_for_update().get(pk=service.pk)
        row.adapters = [one for one in row.adapters if one["name"] != name]
        row.save()
    return row


def _accepted(answer: httpx.Response) -> None:
    if answer.status_code >= 400:
        try:
            told = answer.json()
            message = str(told.get("message") or told.get("error", {}).get("message") or told)
        except (ValueError, AttributeError):
            message = answer.text
        raise ApiError(
            422, "adapter_refused", f"The engine refuses it: {message[:500]}", "Look at its log for more."
        )


ROOT = Path(__file__).resolve().parents[2]
SCRIPT = "scripts/local_models.py"


def setup_purpose(what: str) -> str:
    """Returns the purpose of the job that makes a set of packages."""
    return f"local-{what}"


def environment_make(*, user: Any, what: str) -> ComputeJob:
    """Has a set of packages for local models installed, as a job of this machine.

    Args:
        user: The owner.
        what: ``embeddings`` or ``engines``.
    """
    _owner_only(user)
    purpose = setup_purpose(what)
    job = Job(
        argv=[sys.executable, "-u", str(ROOT / SCRIPT), what],
        name=purpose,
        env={"FLOWLOFT_LOCAL_ENV": str(env_folder()), "FLOWLOFT_DATA": str(model_store().parent)},
    )
    active = ComputeJob.objects.filter(owner=user, purpose=purpose, finished_at=None).first()
    return active or job_submit(owner=user, backend=backend_local(), job=job, purpose=purpose)
