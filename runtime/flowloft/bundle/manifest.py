"""What an archive says about itself: ``manifest.json``."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from flowloft.core.spec import Requirements

MANIFEST = "manifest.json"
SCHEMA_VERSION = 1
_LONGEST_NAME = 60
_NO_WORD = re.compile(r"[^\w]+")

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Key = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
"""Tells a thing from others wherever it goes: the id it had where it was made."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FileEntry(_Part):
    """One file of the archive."""

    sha256: Digest
    bytes: int = Field(ge=0)


class FlowEntry(_Part):
    """A flow, and where its document stands in the archive."""

    key: Key
    name: str = Field(min_length=1, max_length=200)
    description: str = Field("", max_length=2000)
    path: str = Field(min_length=1, max_length=300)


class Manifest(_Part):
    """The whole of ``manifest.json``. It names no person, no address, no time.

    Attributes:
        flows: By key, those asked for and their subflows.
        parts: What else is in the archive, by the name of the part; each reads its own.
        requirements: What the flows need where they are imported. ``credentials`` are logical names:
            the first half of a model reference, to be bound to a connection of the reader's own.
        files: All other files of the archive.
    """

    schema_: Literal["flowloft/bundle"] = Field("flowloft/bundle", alias="schema")
    schema_version: Literal[1] = 1
    flows: list[FlowEntry] = Field(default_factory=list, max_length=1_000)
    parts: dict[str, JsonValue] = Field(default_factory=dict)
    requirements: Requirements = Field(default_factory=Requirements)
    files: dict[str, FileEntry] = Field(default_factory=dict)

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    def text(self) -> str:
        """Returns the file's text; the same for the same content."""
        return plain_json(self.model_dump(mode="json", by_alias=True))


def plain_json(value: Any) -> str:
    """Returns JSON as it stands in files: keys sorted, readable, a newline at the end."""
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def file_stem(name: str, taken: Collection[str], *, ascii_only: bool = False) -> str:
    """Returns a name for the file of something that a person named.

    Args:
        taken: Names that are in use.
        ascii_only: Whether it must be a Python identifier as well.
    """
    text = unicodedata.normalize("NFKD" if ascii_only else "NFC", name).lower()
    if ascii_only:
        text = text.encode("ascii", "ignore").decode()
    stem = _NO_WORD.sub("_" if ascii_only else "-", text).strip("-_")[:_LONGEST_NAME].strip("-_") or "flow"
    if ascii_only and stem[0].isdigit():
        stem = f"flow_{stem}"
    found, number = stem, 1
    while found in taken:
        number += 1
        found = f"{stem}{'_' if ascii_only else '-'}{number}"
    return found
