"""The contract of a local engine: one class in one file of ``flowloft/frameworks``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Generic, Literal, TypeVar

from flowloft.core.errors import NoFit
from flowloft.core.registry import Family

if TYPE_CHECKING:
    from flowloft.core.hardware import Hardware
    from flowloft.core.model_facts import ModelFacts

T_co = TypeVar("T_co", covariant=True)
Job = Literal["chat", "embedding", "rerank", "module", "service"]


@dataclass(frozen=True, slots=True)
class Choice(Generic[T_co]):
    """A value with its reason.

    Attributes:
        value: What was chosen.
        reason: For the person, in a sentence or a few.
        rejected: What else there was, each with why not.
    """

    value: T_co
    reason: str
    rejected: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A model on this machine.

    Attributes:
        name: What it is called in requests.
        job: What it is for.
        path: File or folder of its weights; empty where the framework carries them.
        facts: What was read from its files; None where the framework carries it.
    """

    name: str
    job: Job
    path: str = ""
    facts: ModelFacts | None = None


@dataclass(frozen=True, slots=True)
class Serving:
    """How a model is served.

    Attributes:
        threads: Threads that compute. One by default: on busy cores a second one waits for the
            first in a spin and makes everything slower.
        parallel: Requests answered at once; more wait.
        context: Tokens that one request may hold, answer included.
        tensor_parallel: Devices that share one copy of the model.
        replicas: Copies of the model behind one address.
        dtype: What the weights are computed in; empty for what they are stored in.
        quantisation: Made smaller while loading, for instance ``fp8``; empty for no change.
        memory_fraction: Part of each device's memory that the engine may take, 0 to 1.
        cache_tokens: Tokens that all requests under way may hold together; 0 for what is left.
        cache_bytes: Room for them in main memory, where the engine computes on the processor.
        adapters: Adapters that may be loaded while it serves.
        allow_code: Runs code that the model's folder brings.
    """

    threads: int = 1
    parallel: int = 4
    context: int = 8192
    tensor_parallel: int = 1
    replicas: int = 1
    dtype: str = ""
    quantisation: str = ""
    memory_fraction: float = 0.9
    cache_tokens: int = 0
    cache_bytes: int = 0
    adapters: int = 0
    allow_code: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants of a service; 0 and empty leave the choice to the framework.

    Attributes:
        context: Tokens that one request shall hold.
        parallel: Requests at once.
        tensor_parallel: Devices for one copy.
        dtype: For instance ``bfloat16``.
        threads: Threads that compute, on a processor.
        adapters: Adapters that may be loaded while it serves.
        allow_code: Runs code that the model's folder brings.
    """

    context: int = 0
    parallel: int = 0
    tensor_parallel: int = 0
    dtype: str = ""
    threads: int = 0
    adapters: int = 0
    allow_code: bool = False


NO_WISH = Wish()


@dataclass(frozen=True, slots=True)
class Launch:
    """A command for an engine that listens on ``{host}`` and ``{port}``.

    Attributes:
        argv: The words ``{host}``, ``{port}`` and ``{spare_port}`` are filled in where it starts.
        env: Variables that may be shown.
        key_env: Variable that the engine takes its key from; empty where it knows no key, so that
            only the door in front of it asks for one.
        cpus: Cores to ask the backend for.
        memory: Bytes of main memory to ask for.
        gpus: Devices to ask for.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    key_env: str = ""
    cpus: int = 1
    memory: int = 0
    gpus: int = 0


class Framework:
    """Base of every local engine. It serves a model over the OpenAI protocol."""

    title: ClassVar[str] = ""
    jobs: ClassVar[tuple[Job, ...]] = ()
    preference: ClassVar[int] = 0
    """Which is taken where several fit: the highest."""
    serves: ClassVar[bool] = True
    """Whether it can be started as a service; one that only carries its own model cannot."""

    health: ClassVar[str] = "/health"
    """Path that answers 200 once it can be used."""
    metrics: ClassVar[str] = "/metrics"
    """Path of its Prometheus metrics; empty where it has none."""

    def fits(self, model: LocalModel, hardware: Hardware, wish: Wish = NO_WISH) -> Choice[Serving | None]:
        """Says how this engine would serve the model on that hardware, or None with the reason.

        Nothing is started: it is arithmetic over what the model's files and the hardware say.
        """
        raise NotImplementedError

    def probe(self) -> Choice[bool]:
        """Says whether the engine runs on this machine, by asking the engine. May take seconds the
        first time."""
        raise NotImplementedError

    def command(self, model: LocalModel, serving: Serving) -> list[str]:
        """Returns the program and arguments of the built-in server process.

        The server listens on a free port of 127.0.0.1, requires the key in the environment, and
        calls :func:`flowloft.core.server_child.attend`.
        """
        raise NotImplementedError

    def launch(self, model: LocalModel, serving: Serving, *, python: str = "") -> Launch:
        """Returns the command of a service.

        Args:
            model: With its facts.
            serving: As :meth:`fits` chose it, or as a person changed it.
            python: The interpreter of the place where it will run; empty for the one here.
        """
        raise NotImplementedError


FRAMEWORKS: Family[Framework] = Family("flowloft.frameworks", Framework, "framework")


@dataclass(frozen=True, slots=True)
class Served:
    """A framework with its parameters."""

    framework: str
    serving: Serving


def choose_serving(
    model: LocalModel,
    hardware: Hardware,
    wish: Wish = NO_WISH,
    *,
    framework: str = "",
    here: bool = True,
) -> Choice[Served]:
    """Chooses who serves a model and how.

    Args:
        model: With its facts.
        hardware: Of the machine where it would run.
        wish: What shall not be chosen.
        framework: Takes this one, whatever else fits.
        here: Whether that machine is this one, so that each engine can be asked whether it runs.

    Raises:
        NoFit: ``nothing_serves``, with why not for each framework.
    """
    rejected: list[tuple[str, str]] = []
    fitting: list[tuple[str, Framework, Choice[Serving]]] = []
    for key, member in FRAMEWORKS.all().items():
        if not member.serves or (framework and key != framework):
            continue
        found = member()
        choice = found.fits(model, hardware, wish)
        runs = found.probe() if here and choice.value is not None else None
        if choice.value is None:
            rejected.append((key, choice.reason))
        elif runs is not None and not runs.value:
            rejected.append((key, runs.reason))
        else:
            fitting.append((key, found, Choice(choice.value, choice.reason, choice.rejected)))
    fitting.sort(key=lambda one: -one[1].preference)
    if not fitting:
        why = " ".join(f"{key}: {reason}" for key, reason in rejected)
        raise NoFit(
            f"Nothing can serve “{model.name}” there.",
            code="nothing_serves",
            hint=why or f"There is no framework “{framework}”.",
            extra={"rejected": [{"framework": key, "reason": reason} for key, reason in rejected]},
        )
    key, best, choice = fitting[0]
    others = [
        (other, f"It would fit too; {best.title} is preferred where both do. {also.reason}")
        for other, _, also in fitting[1:]
    ]
    return Choice(Served(key, choice.value), choice.reason, (*choice.rejected, *others, *rejected))
