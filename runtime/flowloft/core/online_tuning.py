"""The contract of fine-tuning at a vendor: examples go up, a job runs there, a model's name comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from flowloft.core.errors import NoFit
from flowloft.core.trainer import Method, Objective, TuneWish

if TYPE_CHECKING:
    from flowloft.core.provider import Provider

TuneState = Literal["queued", "running", "succeeded", "failed", "cancelled"]
ENDED: frozenset[TuneState] = frozenset({"succeeded", "failed", "cancelled"})


@dataclass(frozen=True, slots=True)
class OnlineTune:
    """A fine-tune at a vendor, as it stands.

    Attributes:
        id: What the vendor calls it; all that is needed to ask for it again.
        base: The model that is trained.
        state: Where it stands.
        model: The tuned model's name in requests; empty until it has succeeded.
        trained_tokens: What is paid for; 0 until the vendor tells.
        message: Why it failed, in the vendor's words.
    """

    id: str
    base: str
    state: TuneState
    model: str = ""
    trained_tokens: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True)
class TuneEvent:
    """A line of what the vendor tells of a fine-tune.

    Attributes:
        id: Unique within the fine-tune.
        message: In the vendor's words.
        numbers: What it names of ``step``, ``steps``, ``epoch``, ``loss``, ``validation_loss``,
            ``learning_rate``.
    """

    id: str
    message: str
    numbers: dict[str, float] = field(default_factory=dict)


class OnlinePlan(BaseModel):
    """A fine-tune at a vendor with every value settled that is not the vendor's to settle."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    trainer: Literal["online"] = "online"
    provider: str
    objective: Objective
    method: Method
    epochs: int
    examples: int
    trained_tokens: int
    """An estimate; the vendor counts with its own tokenizer."""
    system: str
    seed: int
    reasons: dict[str, str] = Field(default_factory=dict)
    """Why a value was chosen, by its name."""
    warnings: list[str] = Field(default_factory=list)


class OnlineTuning:
    """Base of fine-tuning at a vendor, for one connection.

    Args:
        provider: Whose keys, address and deadlines it uses.
    """

    models: ClassVar[tuple[str, ...]] = ()
    """Models that the vendor trains, as of the provider's ``offers_date``; others may be named."""
    methods: ClassVar[tuple[Method, ...]] = ("lora",)
    """The first is taken where none is wished for."""
    objectives: ClassVar[tuple[Objective, ...]] = ("sft",)
    least: ClassVar[int] = 10
    """Examples that the vendor wants at least."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider

    def check(self, train: Sequence[dict[str, Any]], wish: TuneWish) -> tuple[Objective, Method]:
        """Settles what is asked for, before anything is sent.

        Args:
            train: Examples as :func:`flowloft.tuning.read_examples` returns them.

        Raises:
            NoFit: The vendor has no such method, does not learn from pairs, or wants more examples.
        """
        objective: Objective = "dpo" if train and "chosen" in train[0] else "sft"
        method = wish.method or self.methods[0]
        title = self.provider.title
        if objective not in self.objectives:
            raise NoFit(
                f"{title} does not learn from pairs of answers.",
                hint="Give it plain examples, or tune a model of your own with DPO.",
            )
        if method not in self.methods:
            raise NoFit(
                f"{title} does not fine-tune by “{method}”.",
                hint=f"It does by: {', '.join(self.methods)}. Leave the method empty to have one chosen.",
            )
        if len(train) < self.least:
            raise NoFit(
                f"{title} wants at least {self.least} examples; these are {len(train)}.",
                hint="Add examples.",
            )
        return objective, method

    def start(
        self,
        base: str,
        train: Sequence[dict[str, Any]],
        validation: Sequence[dict[str, Any]],
        wish: TuneWish,
        name: str = "",
    ) -> OnlineTune:
        """Sends the examples and starts a fine-tune.

        Args:
            base: The vendor's name of the model.
            train: Examples as :func:`flowloft.tuning.read_examples` returns them.
            validation: To measure on; may be empty.
            wish: Epochs, batch, learning rate and so on; what a vendor has no setting for is left out.
            name: Becomes part of the model's name, where the vendor takes one.

        Raises:
            NoFit: See :meth:`check`.
            ProviderError: With the provider, the model, and what to do.
        """
        raise NotImplementedError

    def state(self, id: str) -> OnlineTune:
        """Asks how it stands.

        Raises:
            ProviderError: ``provider_model_unknown``: there is no such fine-tune.
        """
        raise NotImplementedError

    def events(self, id: str) -> list[TuneEvent]:
        """Returns what the vendor has told so far, oldest first; empty where it tells nothing."""
        raise NotImplementedError

    def cancel(self, id: str) -> OnlineTune:
        """Asks it to stop, and returns how it stands; stopping may take a while."""
        raise NotImplementedError
