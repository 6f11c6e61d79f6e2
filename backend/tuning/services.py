"""What can be done with fine-tunes."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from flowloft.core.backend import BACKENDS
from flowloft.core.errors import FlowloftError, InputError, NoFit
from flowloft.core.framework import Choice
from flowloft.core.job import Job
from flowloft.core.local_env import model_store
from flowloft.core.model_facts import ModelFacts, read_model
from flowloft.core.online_tuning import OnlinePlan
from flowloft.core.resources import Resources
from flowloft.core.trainer import TRAINERS, DataFacts, TunePlan, TuneWish
from flowloft.tuning import choose, divide, measure, prepare, result_of
from flowloft.tuning.data import Example, with_system
from flowloft.tuning.job import environment
from flowloft.tuning.template import written

from backend.common.errors import ApiError
from backend.compute.models import BackendEntry
from backend.compute.services import backend_local, backends_of, job_cancel, job_preview, job_submit
from backend.datasets.models import DatasetVersion
from backend.datasets.services import examples_of
from backend.serving.launching import hardware_of
from backend.serving.models import LocalWeights, Service
from backend.serving.rates import Cost, cost_of, rates_of
from backend.serving.services import adapter_load, service_create, weights_add
from backend.serving.states import ANSWERING
from backend.tuning import online
from backend.tuning.following import PURPOSE
from backend.tuning.models import ENDED, Tune, TuneState
from backend.tuning.queueing import after_those_before, before

SHOWN = 8
"""Examples of the first batch that are shown."""


@dataclass(frozen=True)
class Asked:
    """What a person wants; checked, and nothing of it started."""

    base: str
    version: DatasetVersion
    wish: TuneWish
    validation: float = 0.0
    trainer: str = ""
    backend: BackendEntry | None = None
    gpus: int = 0
    """To ask a cluster for."""
    gpu_memory_gb: int = 0


def bases(user: Any) -> list[dict[str, Any]]:
    """Returns the models that could be trained, each with what is known of it: those in the store, then
    those that vendors train whom the person has a connection to."""
    found = []
    for place in sorted(model_store().glob("*")) if model_store().is_dir() else []:
        if place.name.startswith("."):
            continue
        try:
            facts = read_model(place)
        except FlowloftError as error:
            found.append({"name": place.name, "parameters": 0, "bytes": 0, "problem": error.message})
        else:
            problem = "" if facts.format == "safetensors" else "Only safetensors weights can be trained."
            size = {"parameters": facts.parameters, "bytes": facts.weight_bytes}
            found.append({"name": place.name, **size, "problem": problem})
    sizes = {"parameters": 0, "bytes": 0, "problem": ""}
    return found + [{"name": ref, "where": where, **sizes} for ref, where in online.models_of(user)]


def _base(name: str) -> tuple[Path, ModelFacts]:
    place = model_store() / name
    if not name or "/" in name or name.startswith(".") or not place.exists():
        raise InputError(
            f"There is no model “{name}” in the store.",
            code="unknown_base",
            hint="Run `make local-models` for a first one, or bring a folder on the page Models.",
            extra={"path": "/base"},
        )
    return place, read_model(place)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What would be done.

    Attributes:
        command: As the backend would be given it; empty for a vendor.
        texts: The examples of the first batch as the model will read them; empty where it has no template.
        cost: None where the person wrote down no rate.
    """

    choice: Choice[TunePlan] | Choice[OnlinePlan]
    data: DataFacts
    command: str
    texts: list[str]
    cost: Cost | None


def tune_choose(*, user: Any, asked: Asked) -> Chosen:
    """Says what would be done, why, and with which command. Starts nothing.

    Raises:
        InputError: ``unknown_base``, or why the model can't be read.
        NoFit: No framework can, or the vendor can't.
    """
    if online.is_online(asked.base):
        examples = examples_of(asked.version)
        plan, lengths = online.plan_of(user, asked.base, examples, asked.wish, asked.validation)
        shown = (with_system(one, asked.wish.system) for one in examples[:SHOWN])
        sent = [json.dumps(one, ensure_ascii=False) for one in shown]
        cost = cost_of(rates_of(user).get(asked.base), plan.trained_tokens / 1e6)
        return Chosen(Choice(plan, f"{plan.provider} trains it."), lengths, "", sent, cost)
    backend = asked.backend or backend_local()
    _shares_files(backend)
    place, facts = _base(asked.base)
    train, data = _data(asked, place)
    choice = _chosen(asked, facts, data, backend)
    command = job_preview(backend=backend, job=_job(folder_of("preview"), choice.value))
    first = [written(place, one) for one in train[: min(choice.value.batch, SHOWN)]]
    texts = [text for text in first if text is not None]
    return Chosen(choice, data, command.text, texts, _cost(user, backend, choice.value))


def tune_places(*, user: Any, asked: Asked) -> list[dict[str, Any]]:
    """Says for each backend whether it fits there, why, and with how much memory, time and money; of none
    where a vendor does it.

    Raises:
        InputError: ``unknown_base``, or why the model can't be read.
    """
    if online.is_online(asked.base):
        return []
    place, facts = _base(asked.base)
    _, data = _data(asked, place)
    return [_place(user, asked, facts, data, backend) for backend in backends_of(user)]


def _place(
    user: Any, asked: Asked, facts: ModelFacts, data: DataFacts, backend: BackendEntry
) -> dict[str, Any]:
    told: dict[str, Any] = {"backend": backend.pk, "backend_name": backend.name}
    told |= {"fits": False, "trainer": "", "method": "", "memory": 0, "gpus": 0, "seconds": 0, "cost": None}
    told["before"] = 0
    try:
        _shares_files(backend)
        choice = _chosen(asked, facts, data, backend)
    except (ApiError, NoFit) as error:
        return told | {"reason": error.message, "rejected": _named(error.extra.get("rejected", []))}
    plan = choice.value
    return told | {
        **{name: getattr(plan, name) for name in ("trainer", "method", "memory", "gpus", "seconds")},
        "fits": True,
        "cost": _cost(user, backend, plan),
        "before": before(backend),
        "reason": choice.reason,
        "rejected": _named(choice.rejected),
    }


def _named(rejected: Iterable[Sequence[str]]) -> list[dict[str, str]]:
    return [{"name": name, "reason": reason} for name, reason in rejected]


def _cost(user: Any, backend: BackendEntry, plan: TunePlan) -> Cost | None:
    return cost_of(rates_of(user).get(str(backend.pk)), plan.seconds / 3600 * max(1, plan.gpus))


def _shares_files(backend: BackendEntry) -> None:
    """Raises 422 where a backend can't see the model's files."""
    if not BACKENDS.get(backend.kind).shares_files:
        raise ApiError(
            422,
            "no_shared_files",
            f"“{backend.name}” does not see the files of this machine, where model and examples lie.",
            "Choose this machine, or a cluster with the same file system.",
            path="/backend",
        )


def _data(asked: Asked, place: Path) -> tuple[list[Example], DataFacts]:
    examples = [with_system(one, asked.wish.system) for one in examples_of(asked.version)]
    train, apart = divide(examples, asked.validation, asked.wish.seed)
    return train, measure(train, place / "tokenizer.json", len(apart))


def _chosen(asked: Asked, facts: ModelFacts, data: DataFacts, backend: BackendEntry) -> Choice[TunePlan]:
    """Chooses for the devices of this machine, or for those that a cluster is asked for."""
    asks = 0 if backend.kind == "local" else asked.gpus
    hardware = after_those_before(backend, hardware_of(backend, asks, asked.gpu_memory_gb))
    return choose(facts, data, asked.wish, hardware, asked.trainer)


def folder_of(id: Any) -> Path:
    """Returns the folder of a fine-tune."""
    return Path(settings.DATA) / "tuning" / str(id)


def _job(folder: Path, plan: TunePlan) -> Job:
    trainer = TRAINERS.get(plan.trainer)()
    try:
        argv = trainer.command(folder, plan)
    except NoFit:
        # Shown before the environment is there, so that people see what it would be.
        argv = [sys.executable, "-m", "flowloft.tuning.worker", str(folder)]
    resources = Resources(cpus=max(1, plan.threads), gpus=plan.gpus)
    return Job(argv=argv, name="tuning", env=environment(plan), resources=resources)


def tune_start(*, user: Any, name: str, asked: Asked) -> Tune:
    """Starts a fine-tune as a job, or has a vendor start it.

    Raises:
        NoFit: No framework can, or the one that could is not installed: ``no_trainer``.
        ApiError: 422 ``no_shared_files``: the backend can't see the model's files.
    """
    if online.is_online(asked.base):
        return _start_online(user, name, asked)
    backend = asked.backend or backend_local()
    _shares_files(backend)
    place, facts = _base(asked.base)
    choice = _chosen(asked, facts, _data(asked, place)[1], backend)
    runs = TRAINERS.get(choice.value.trainer)().probe()
    if not runs.value:
        raise NoFit(runs.reason, code="no_trainer", hint="Run `make local-models` on this machine.")
    tune = Tune(
        owner=user,
        name=name,
        base=asked.base,
        version=asked.version,
        wish=asked.wish.model_dump(exclude_unset=True),
        validation=asked.validation,
        plan=choice.value.model_dump(),
        reason=choice.reason,
    )
    train, apart = divide(examples_of(asked.version), asked.validation, asked.wish.seed)
    prepare(folder_of(tune.id), place, choice.value, train, apart)
    with transaction.atomic():
        tune.save(force_insert=True)
        _submit(tune, backend)
    return tune


def _start_online(user: Any, name: str, asked: Asked) -> Tune:
    chosen = tune_choose(user=user, asked=asked).choice
    return Tune.objects.create(
        owner=user,
        name=name,
        base=asked.base,
        version=asked.version,
        wish=asked.wish.model_dump(exclude_unset=True),
        validation=asked.validation,
        plan=chosen.value.model_dump(),
        reason=chosen.reason,
        connection=online.connection_of(user, asked.base),
    )


def _submit(tune: Tune, backend: BackendEntry) -> None:
    job = _job(folder_of(tune.id), TunePlan.model_validate(tune.plan))
    tune.job = job_submit(
        owner=tune.owner,
        backend=backend,
        job=job,
        purpose=PURPOSE,
        subject=str(tune.id),
        follow=True,
        title=tune.name,
        device_memory=int(tune.plan["memory"]),
    )
    tune.save(update_fields=["job"])


def tune_cancel(*, tune: Tune) -> None:
    """Asks it to stop; its checkpoints stay."""
    if tune.online and tune.state not in ENDED:
        online.cancel(tune)
    if tune.job is not None and tune.state not in ENDED:
        job_cancel(job=tune.job)


def tune_resume(*, tune: Tune) -> Tune:
    """Goes on from the last checkpoint.

    Raises:
        ApiError: 409 ``not_ended``, ``already_done`` or ``no_checkpoint``.
    """
    if tune.state == TuneState.SUCCEEDED:
        raise ApiError(409, "already_done", "This fine-tune is done.", "Start another one.")
    if tune.state not in ENDED:
        raise ApiError(409, "not_ended", "This fine-tune is still at work.", "Wait for it, or stop it first.")
    if tune.online:
        raise ApiError(
            409, "no_checkpoint", "A vendor does not go on with a fine-tune that has ended.", "Start another."
        )
    backend = tune.job.backend if tune.job and tune.job.backend else backend_local()
    with transaction.atomic():
        tune.state, tune.error, tune.finished_at = TuneState.QUEUED, None, None
        tune.save()
        _submit(tune, backend)
    return tune


def tune_delete(*, tune: Tune) -> None:
    """Removes it with everything it left.

    Raises:
        ApiError: 409 ``not_ended``; 409 ``model_in_use`` while a service has its weights.
    """
    if tune.state not in ENDED:
        raise ApiError(409, "not_ended", "This fine-tune is still at work.", "Stop it first.")
    folder = folder_of(tune.id)
    served = LocalWeights.objects.filter(path__startswith=f"{folder}/")
    if Service.objects.filter(weights__in=served).exists():
        raise ApiError(
            409, "model_in_use", "A service uses this model.", "Delete the service on the page Models first."
        )
    served.delete()
    tune.delete()
    shutil.rmtree(folder, ignore_errors=True)


def tune_keep(*, tune: Tune, name: str) -> str:
    """Puts the tuned model into the store under a name, where it can be served and trained further.

    Raises:
        ApiError: 409 ``not_done`` or ``name_taken``.
    """
    made = result_of(folder_of(tune.id)).merged
    if tune.state != TuneState.SUCCEEDED or made is None:
        raise ApiError(
            409, "not_done", "There is no whole model yet.", "Wait until it is done; it must be merged."
        )
    target = model_store() / name
    try:
        shutil.copytree(made, target)
    except FileExistsError:
        raise ApiError(
            409, "name_taken", f"There is a model “{name}” already.", "Choose another name.", path="/name"
        ) from None
    return name


def tune_serve(*, user: Any, tune: Tune, name: str, base: Service | None = None) -> Service:
    """Serves what a fine-tune has left.

    Args:
        base: A running service of the base model, which then answers under ``name`` with the adapter; a
            service of its own where None, of the GGUF file if there is one, for the built-in engine.

    Raises:
        NoFit: Nothing here can serve it.
        ApiError: 403 ``owner_only``; 409 ``not_done`` or ``name_taken``; what the service's engine refuses.
    """
    left = result_of(folder_of(tune.id))
    whole = left.gguf or left.merged
    if tune.state != TuneState.SUCCEEDED or (left.adapter if base else whole) is None:
        raise ApiError(
            409,
            "not_done",
            "There is nothing to serve yet.",
            "Wait until it is done. It must be merged, or loaded into a service of its base.",
        )
    if base is not None:
        return adapter_load(user=user, service=base, name=name, path=str(left.adapter))
    weights = weights_add(user=user, path=str(whole), name=f"{name}-weights"[:60])
    return service_create(user=user, given={"name": name, "weights": weights})


def tune_served(tune: Tune, services: Sequence[Service]) -> list[str]:
    """Returns where what it made answers, of its owner's services, as flows name it: what can be asked now
    first."""
    if tune.model:
        return [tune.model]
    folder = f"{folder_of(tune.id)}/"
    return [
        f"{one.name}/{model}"
        for one in sorted(services, key=lambda one: one.state not in ANSWERING)
        for model, path in [
            *((each["name"], each["path"]) for each in reversed(one.adapters)),
            (one.weights.name, one.weights.path),
        ]
        if path.startswith(folder)
    ]
