"""What a run hands to its nodes, and what it asks of whoever runs it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from flowloft.core.errors import Cancelled, Paused, StepTimeout
from flowloft.core.memory import Memory
from flowloft.core.prices import Price, price_of

if TYPE_CHECKING:
    from flowloft.core.files import FileSource
    from flowloft.core.knowledge import KnowledgeSource


@dataclass(frozen=True, slots=True)
class Connection:
    """An address where models answer.

    Attributes:
        provider: Key of a file in ``flowloft/providers``.
        name: What the person calls it; first part of a model reference.
        base_url: Up to and without ``/chat/completions``; empty where the provider knows it.
        api_key: Never printed: left out of ``repr``.
        model: The model asked for, where the connection was resolved for one.
        options: Further settings of the provider: ``idle_seconds``, ``total_seconds``, ``per_minute``, ...
        keys: Several keys by name, used in turn in place of ``api_key``. Never printed either.
        proxy: Address of a proxy to go through, with its user and password if it wants them.
        price: What the model costs, where it is another than the provider's own data say.
    """

    provider: str
    name: str
    base_url: str = ""
    api_key: str = field(default="", repr=False)
    model: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict, repr=False)
    proxy: str = field(default="", repr=False)
    price: Price | None = None

    @classmethod
    def of(cls, fields: dict[str, Any]) -> Connection:
        """Reads a connection from the plain data that ``dataclasses.asdict`` makes of one."""
        price = fields.get("price")
        return cls(**{**fields, "price": price_of(price) if price else None})

    def secret(self, key: str = "") -> str:
        """Returns a key in clear; of several the named one."""
        return self.keys.get(key) or self.api_key

    def any_key(self) -> str:
        """Returns the key in clear; of several the first."""
        return self.secret(next(iter(self.keys), ""))

    def hidden(self, text: str) -> str:
        """Returns a text without the keys that may stand in it."""
        for secret in (self.api_key, *self.keys.values()):
            text = text.replace(secret, "***") if len(secret) > 3 else text
        return text


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One line of the list of models that a person can choose from."""

    ref: str
    connection: str
    provider: str
    model: str
    title: str
    job: str
    """``chat``, ``embedding`` or ``rerank``."""
    builtin: bool = False
    note: str = ""
    price: Price | None = None
    """None where nobody knows it, and where it is free because it runs here."""
    dimensions: int = 0
    """Numbers of a vector, for an embedding model; 0 where nobody looked."""
    languages: str = ""
    """That it was made for, in words."""
    texts_per_second: float = 0.0
    """Texts of 500 characters, as it was measured; 0 where it was not."""


class ModelSource(Protocol):
    """Where model references are looked up: the environment for a script, the hub in the studio."""

    def resolve(self, ref: str) -> Connection:
        """Returns the connection for ``"<connection>/<model>"``.

        Raises:
            NoFit: Nothing is called so; the hint names what there is.
        """
        ...

    def entries(self) -> list[ModelEntry]:
        """Returns every model that can be chosen."""
        ...


class Journal(Protocol):
    """What earlier attempts of the same run have done. Keys are ``<path>/<node id>``."""

    def recall(self, key: str) -> dict[str, Any] | None:
        """Returns the outputs by port of a step that has finished, else None."""
        ...

    def intend(self, key: str, *, repeatable: bool) -> str:
        """Notes, durably, that a step with an effect is about to start.

        Returns:
            The idempotency key to send along; the same for every attempt of the step.

        Raises:
            FlowError: ``outcome_unknown``: it was started before and must not be repeated.
        """
        ...


class ResultCache(Protocol):
    """Where results are kept that other runs may use again. See ``core/cache.py``."""

    def get(self, key: str) -> dict[str, Any] | None:
        """Returns the outputs by port that were kept under a key, else None. Never raises."""
        ...

    def put(self, key: str, outputs: dict[str, Any]) -> None:
        """Keeps outputs by port, if it can. Never raises."""
        ...


@runtime_checkable
class Body(Protocol):
    """The inside of a container, as a callable. Thread-safe."""

    def __call__(self, index: int, inputs: dict[str, Any]) -> dict[str, Any]:
        """Runs the body once.

        Args:
            index: Number of the round, from 0; shown in the path of its events.
            inputs: Values of the ports of its ``body_input`` node.

        Returns:
            Values of the ports of its ``body_output`` node.
        """
        ...

    def each(
        self,
        rounds: Sequence[dict[str, Any]],
        *,
        limit: int,
        told: Callable[[int, int], None] | None = None,
    ) -> list[dict[str, Any]]:
        """Runs the body once for each inputs, at most ``limit`` at a time; results in order.

        Args:
            told: Hears how many rounds of how many are done, a few times a second.
        """
        ...


_TOKENS = threading.Lock()


class CancelToken:
    """Set once by whoever wants a run to stop; seen by all its threads.

    Cheap until someone waits on it: a run of many short bodies makes many tokens.
    """

    __slots__ = ("_event", "_listeners", "cancelled", "reason")

    def __init__(self) -> None:
        self.cancelled = False
        """The same as ``bool(token)``, for loops in which that call would show."""
        self._event: threading.Event | None = None
        self._listeners: list[Callable[[str], None]] = []
        self.reason: str = ""

    def cancel(self, reason: str = "cancelled") -> None:
        """Asks the run to stop. ``reason`` is ``cancelled``, ``failed`` or ``timed_out``."""
        with _TOKENS:
            if self.cancelled:
                return
            self.reason = reason
            self.cancelled = True
            listeners, self._listeners = self._listeners, []
            if self._event is not None:
                self._event.set()
        for listener in listeners:
            listener(reason)

    def __bool__(self) -> bool:
        return self.cancelled

    def wait(self, seconds: float) -> bool:
        """Sleeps until cancelled, at most ``seconds``; returns whether it was."""
        if self._event is None:
            with _TOKENS:
                if self._event is None:
                    self._event = threading.Event()
                    if self.cancelled:
                        self._event.set()
        return self._event.wait(seconds)

    def listen(self, listener: Callable[[str], None]) -> None:
        """Has ``listener(reason)`` called once when it is cancelled; at once if it already is."""
        with _TOKENS:
            if not self.cancelled:
                self._listeners.append(listener)
                return
        listener(self.reason)

    def unlisten(self, listener: Callable[[str], None]) -> None:
        """Takes a listener back."""
        with _TOKENS:
            if listener in self._listeners:
                self._listeners.remove(listener)


class Context:
    """What a node may ask for while it runs. One a run; the engine hands each step a view of it
    whose ``inputs``, ``log``, ``progress``, ``text``, ``usage`` and ``idempotency_key`` are its own.

    Args:
        models: Where model references are looked up.
        knowledge: Where references to knowledge bases are looked up.
        files: Where references to files are looked up.
        journal: What earlier attempts did; None for a run that has no memory.
        cache: Results of other runs, found by what they were computed from; ``MemoryCache()`` or
            ``DirectoryCache("folder")`` of ``flowloft.core.cache``. None computes everything.
        memory: What is known of steps beforehand, and where to pause.
        services: Where nodes that stand for a service of their own answer, by :meth:`place`.
        answer: Asked in place of a person, in the thread of the step; takes the question. Without it a
            step that asks pauses the run.
        run_id: For idempotency keys and messages.
        timeout: Seconds for the whole run; None for no limit.
        seed: Handed to models and samplers that take one.
    """

    def __init__(
        self,
        *,
        models: ModelSource | None = None,
        knowledge: KnowledgeSource | None = None,
        files: FileSource | None = None,
        journal: Journal | None = None,
        cache: ResultCache | None = None,
        memory: Memory | None = None,
        services: Mapping[str, Connection] | None = None,
        answer: Callable[[dict[str, Any]], Any] | None = None,
        run_id: str = "",
        timeout: float | None = None,
        seed: int | None = None,
        cancel: CancelToken | None = None,
    ) -> None:
        self.models = models
        self.knowledge = knowledge
        self.files = files
        self.journal = journal
        self.cache = cache
        self.memory = memory
        self.services = services or {}
        self.answer = answer
        self.run_id = run_id
        self.seed = seed
        self.cancel = CancelToken() if cancel is None else cancel
        self.deadline = time.monotonic() + timeout if timeout else None
        self.inputs: dict[str, Any] = {}
        """Inputs of the graph that the step stands in: the run's, or of one round of a body."""
        self.idempotency_key: str = ""
        """Set for a step with an effect, the same for each attempt of it; else empty."""

    def place(self) -> str:
        """Returns where in the flow the step stands, whatever the round: ``loop_1/ask``."""
        return ""

    def log(self, message: str, level: Literal["debug", "info", "warning", "error"] = "info") -> None:
        """Leaves a line in the log of the run, at this step."""

    def progress(self, done: int, total: int | None = None) -> None:
        """Says how far the step is; ``total`` None where nobody knows."""

    def text(self, chunk: str, port: str = "output") -> None:
        """Shows a piece of text of this step while it is being made."""

    def usage(self, counts: dict[str, float]) -> None:
        """Adds to what the step has used, for instance ``{"prompt_tokens": 12}``."""

    def ask(self, question: dict[str, Any]) -> Any:
        """Asks a person, and returns the answer. Call it once, before anything with an effect: a run
        that waits lets go of its thread, and ``run`` is called again when the answer is there.

        Args:
            question: Plain data, with ``kind``: ``form`` or ``approval``.

        Raises:
            Paused: Nobody has answered yet.
            StepTimeout: Nobody has answered in time.
        """
        if self.answer is not None:
            from flowloft.core.forms import answer_check  # noqa: PLC0415 - loads pydantic

            return answer_check(question, self.answer(question))
        raise Paused(question)

    def check(self) -> None:
        """Raises when the run is over. Call it in every loop that waits or works for long.

        Raises:
            Cancelled: Someone asked for it, or a sibling failed.
            StepTimeout: The time of the run or of the step has passed.
        """
        if self.cancel:
            raise Cancelled(self.cancel.reason)
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise StepTimeout("The time allowed has passed.", hint="Allow more time, or do less.")

    def sleep(self, seconds: float) -> None:
        """Sleeps, but raises at once when the run is over; see :meth:`check`."""
        if self.deadline is not None:
            seconds = max(0.0, min(seconds, self.deadline - time.monotonic()))
        self.cancel.wait(seconds)
        self.check()

    def remaining(self, at_most: float) -> float:
        """Returns the seconds left, at most ``at_most``: the timeout to give to a call."""
        if self.deadline is None:
            return at_most
        return max(0.001, min(at_most, self.deadline - time.monotonic()))


class ChatModel(Protocol):
    """A model that answers messages."""

    def stream(self, messages: list[dict[str, Any]], **options: Any) -> Iterator[ChatChunk]:
        """Yields the answer in pieces; the last carries the usage, where it is known.

        Args:
            messages: Oldest first.
            options: ``temperature`` (0 to 2), ``max_tokens``, ``stop``, ``seed``,
                ``response_format``, ``tools``, ``tool_choice``; None values are left out.

        Raises:
            ProviderError: With the provider, the model, and what to do.
        """
        ...


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that the model wants to be called.

    Attributes:
        id: Named by the message that answers it, as ``tool_call_id``.
        name: Of the tool.
        arguments: JSON, as the model wrote it: it may be broken.
    """

    id: str
    name: str
    arguments: str

    def message(self) -> dict[str, Any]:
        """Returns the form in which it stands in ``tool_calls`` of the assistant's message."""
        return {
            "id": self.id,
            "type": "function",
            "function": {"name": self.name, "arguments": self.arguments},
        }


@dataclass(frozen=True, slots=True)
class ChatChunk:
    """A piece of an answer."""

    text: str = ""
    reasoning: str = ""
    usage: dict[str, float] | None = None
    """``{"prompt_tokens": n, "completion_tokens": n}``, with ``cached_tokens`` where some were, and
    ``cost_usd`` (or another currency) where the price is known."""
    finish_reason: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    """Whole, and all of them, in the last piece."""
