"""What a job asks of the place where it computes."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ByteSize, ConfigDict, Field, WithJsonSchema

Memory = Annotated[ByteSize, WithJsonSchema({"type": ["integer", "string"]})]
"""Bytes, as a number or as text: ``"16GiB"``, ``"512MB"``."""


class Resources(BaseModel):
    """Limits of one task of a job. What is not asked for is left to the backend's default.

    Attributes:
        cpus: Cores.
        memory: Bytes of main memory.
        gpus: Accelerators on each machine.
        gpu_type: Model of accelerator as the backend names it, for instance ``a100``.
        seconds: Longest time it may run.
        machines: How many machines work together.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    cpus: int = Field(1, ge=1, le=4096, title="Cores")
    memory: Memory | None = Field(None, ge=1 << 20, title="Memory")
    gpus: int = Field(0, ge=0, le=1024, title="GPUs")
    gpu_type: str = Field("", max_length=80, pattern=r"^[A-Za-z0-9_.-]*$", title="GPU type")
    seconds: float | None = Field(None, gt=0, le=366 * 86_400, title="Time limit in seconds")
    machines: int = Field(1, ge=1, le=10_000, title="Machines")
