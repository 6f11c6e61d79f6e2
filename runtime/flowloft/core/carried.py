"""Values that a container hands to its body by name, besides the item or the last result."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator

RESERVED = frozenset({"value", "item", "index", "items", "initial", "error", "body", "ctx"})
"""Names that ports of containers and bodies have already."""


class Carried(BaseModel):
    """The name of one such value: an input of the container, an output of its body input."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(
        title="Name",
        pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,59}$",
        description="The same at the container and at its body input.",
    )

    @field_validator("name")
    @classmethod
    def _free(cls, name: str) -> str:
        if name in RESERVED:
            raise ValueError(f"“{name}” has a meaning of its own; choose another name")
        return name
