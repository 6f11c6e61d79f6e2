"""The contract of a local engine: one class in one file of ``flowloft/frameworks``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Generic, Literal, TypeVar

from flowloft.core.registry import Family

T = TypeVar("T")
Job = Literal["chat", "embedding", "rerank"]


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """A value with its reason.

    Attributes:
        value: What was chosen.
        reason: One sentence for the person.
        rejected: What else there was, each with why not.
    """

    value: T
    reason: str
    rejected: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A model on this machine.

    Attributes:
        name: What it is called in requests.
        job: What it is for.
        path: File or folder of its weights; empty where the framework carries them.
    """

    name: str
    job: Job
    path: str = ""


@dataclass(frozen=True, slots=True)
class Serving:
    """How a model is served.

    Attributes:
        threads: Threads that compute. One by default: on busy cores a second one waits for the
            first in a spin and makes everything slower.
        parallel: Requests answered at once; more wait.
        context: Tokens that all requests under way may hold together.
    """

    threads: int = 1
    parallel: int = 4
    context: int = 8192


class Framework:
    """Base of every local engine. It serves a model over the OpenAI protocol on loopback."""

    title: ClassVar[str] = ""
    jobs: ClassVar[tuple[Job, ...]] = ()

    def fits(self, model: LocalModel) -> Choice[bool]:
        """Says whether this engine can serve the model on this machine, and why."""
        raise NotImplementedError

    def command(self, model: LocalModel, serving: Serving) -> list[str]:
        """Returns the program and arguments of the server process.

        The server listens on a free port of 127.0.0.1, requires the key in the environment, and
        calls :func:`flowloft.core.server_child.attend`.
        """
        raise NotImplementedError


FRAMEWORKS: Family[Framework] = Family("flowloft.frameworks", Framework, "framework")
