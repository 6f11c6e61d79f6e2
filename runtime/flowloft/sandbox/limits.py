"""What code in the sandbox may use up."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Limits(BaseModel):
    """Limits of one call. The whole of it counts: all processes together.

    Attributes:
        seconds: Of the clock on the wall.
        cpu: Seconds of processor time of one process.
        memory: Bytes.
        processes: Processes and threads at the same time.
        files: Bytes of one file, and of all files in its folder.
        output: Bytes of the result and of what it prints.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    seconds: float = Field(30.0, gt=0, le=3600)
    cpu: int = Field(30, ge=1, le=3600)
    memory: int = Field(512 << 20, ge=64 << 20, le=64 << 30)
    processes: int = Field(32, ge=1, le=1024)
    files: int = Field(64 << 20, ge=1 << 20, le=4 << 30)
    output: int = Field(4 << 20, ge=1 << 10, le=256 << 20)
