"""Files of people are parsed in a process of their own: little memory, little time, no network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from flowloft.core.parser import Parsed


class ParseLimits(BaseModel):
    """What parsing one file may use up.

    Attributes:
        seconds: Of the clock on the wall.
        memory: Bytes.
        file: Bytes of the file itself.
        text: Characters of text that it may come to.
        unpacked: Bytes that a zip (docx, xlsx, pptx, epub) may come to.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    seconds: float = Field(120.0, gt=0, le=3600)
    memory: int = Field(1 << 30, ge=128 << 20, le=16 << 30)
    file: int = Field(200 << 20, ge=1, le=4 << 30)
    text: int = Field(20_000_000, ge=1)
    unpacked: int = Field(1 << 30, ge=1 << 20)


def _nothing() -> None:
    """Never gives up."""


def parse_limited(
    path: Path,
    *,
    filename: str = "",
    media_type: str = "",
    parser: str = "",
    settings: dict[str, Any] | None = None,
    limits: ParseLimits | None = None,
    check: Callable[[], None] = _nothing,
) -> Parsed:
    """Parses a file in a process with limits.

    Args:
        path: The file.
        filename: What it is called, where that is not ``path.name``.
        media_type: As the browser told it.
        parser: Key of a parser; chosen by name and media type where empty.
        settings: Fields of the parser.
        limits: What it may use up.
        check: Called at least every 0.1 s; what it raises ends the process.

    Returns:
        The document. Where the sandbox can't be had, its remarks say that only memory and time
        were limited.

    Raises:
        DocumentError: The reason as code: ``encrypted``, ``too_large``, ``zip_bomb``, ``timeout``,
            ``out_of_memory``, ``unreadable``, ``unsupported_format``, ``empty``, ``needs_ocr``.
    """
    raise NotImplementedError
