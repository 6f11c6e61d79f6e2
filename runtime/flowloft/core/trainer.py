"""The contract of a fine-tuning framework: one class in one file of ``flowloft/trainers``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from flowloft.core.framework import Choice
from flowloft.core.registry import Family

if TYPE_CHECKING:
    from flowloft.core.hardware import Hardware
    from flowloft.core.model_facts import ModelFacts

Method = Literal["lora", "dora", "qlora", "full"]
Objective = Literal["sft", "dpo"]
Precision = Literal["bf16", "fp16", "fp32"]
"""Learning from answers, or from pairs of a better and a worse answer."""


class TuneWish(BaseModel):
    """What a person wants of a fine-tune. What is left out is chosen, with a reason."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: Method | None = Field(None, title="Method", description="Empty: chosen by what fits.")
    epochs: float = Field(3, gt=0, le=100, title="Epochs", description="How often each example is seen.")
    learning_rate: float | None = Field(
        None, gt=0, le=1, title="Learning rate", description="Empty: chosen by the size of the model."
    )
    rank: int = Field(8, ge=1, le=512, title="LoRA rank", description="Width of what is learned beside it.")
    alpha: int | None = Field(None, ge=1, le=1024, title="LoRA alpha", description="Empty: twice the rank.")
    dropout: float = Field(
        0.0, ge=0, lt=1, title="LoRA dropout", description="Left out by chance in each step."
    )
    batch: int = Field(8, ge=1, le=4096, title="Examples a step", description="Over all devices.")
    micro_batch: int | None = Field(
        None, ge=1, le=4096, title="Examples at once on a device", description="Empty: what memory holds."
    )
    max_tokens: int | None = Field(
        None, ge=16, le=1_000_000, title="Longest example", description="In tokens; longer ones are cut."
    )
    system: str = Field(
        "You are a helpful assistant.",
        max_length=20_000,
        title="System message",
        description="For examples that have none.",
    )
    seed: int = Field(7, ge=0, le=2**31 - 1, title="Seed", description="The same one learns the same.")
    save_every: int = Field(0, ge=0, title="Save every", description="In steps; 0: five times in all.")
    merge: bool = Field(True, title="Merge", description="Also write the model with the adapter in it.")
    gguf: bool = Field(True, title="GGUF", description="Also write one file that the built-in engine serves.")


@dataclass(frozen=True, slots=True)
class DataFacts:
    """What sizes are computed from.

    Attributes:
        examples: How many there are.
        mean: Tokens of an example, on average.
        longest: Tokens of the longest.
        objective: ``dpo`` where the examples are pairs.
        validation: Examples kept apart to measure on.
    """

    examples: int
    mean: float
    longest: int
    objective: Objective = "sft"
    validation: int = 0


class TunePlan(BaseModel):
    """A fine-tune with every value settled.

    ``batch = micro_batch * accumulation * dp``. Times and sizes are estimates.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    trainer: str
    objective: Objective
    method: Method
    epochs: float
    steps: int
    learning_rate: float
    rank: int
    alpha: int
    dropout: float
    batch: int
    micro_batch: int
    accumulation: int
    max_tokens: int
    checkpointing: bool
    precision: Precision
    tp: int = 1
    pp: int = 1
    dp: int = 1
    zero: Literal[0, 2, 3] = 0
    gpus: int = 0
    """Devices that it asks for; 0 where it computes on the processor."""
    threads: int = 1
    system: str
    seed: int
    save_every: int
    merge: bool
    gguf: bool
    memory: int
    """Bytes at the peak, on each device, or of main memory where there is none."""
    seconds: float
    reasons: dict[str, str] = Field(default_factory=dict)
    """Why a value was chosen, by its name."""
    warnings: list[str] = Field(default_factory=list)


class Trainer:
    """Base of every fine-tuning framework.

    It reads ``plan.json``, ``train.jsonl`` and ``validation.jsonl`` in the folder of the job, and tells
    its progress as records (``core/records.py``) of the forms ``["progress", {...}]``,
    ``["sample", {...}]``, ``["stage", {...}]``, ``["failed", {...}]`` and ``["done", {...}]``.
    """

    title: ClassVar[str] = ""
    preference: ClassVar[int] = 0
    """Where several fit, the highest is taken."""

    def fits(
        self, model: ModelFacts, data: DataFacts, wish: TuneWish, hardware: Hardware
    ) -> Choice[TunePlan | None]:
        """Settles every value for this model on these devices, or says why it can't."""
        raise NotImplementedError

    def probe(self) -> Choice[bool]:
        """Says whether it runs on this machine. Asks its environment, which may take seconds."""
        raise NotImplementedError

    def command(self, folder: Path, plan: TunePlan) -> list[str]:
        """Returns the program and arguments that do it."""
        raise NotImplementedError


TRAINERS: Family[Trainer] = Family("flowloft.trainers", Trainer, "trainer")
