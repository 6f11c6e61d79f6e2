"""The node kinds as data: what the palette, the forms and the docs are drawn from."""

from __future__ import annotations

import inspect
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic_core import to_jsonable_python

from flowloft.core.node import Node, Port, signature_of, wireable
from flowloft.core.registry import KINDS
from flowloft.core.types import PortType, connection_table

GROUPS = ["chat", "models", "knowledge", "text", "logic", "data", "code", "network", "notes"]
"""Order of the groups in the palette; a group that is not named here comes last."""


class KindEntry(BaseModel):
    """One kind of node. Ports that depend on settings are not among ``inputs`` and ``outputs``;
    the settings schema declares them (``x-inputs``, ``x-outputs``). ``wireable``: the settings that may take
    their value along an edge, as the ports they become."""

    model_config = ConfigDict(frozen=True)

    key: str
    title: str
    description: str
    group: str
    icon: str
    version: int
    settings_schema: dict[str, Any]
    inputs: list[Port]
    outputs: list[Port]
    wireable: list[Port]
    declared_type: PortType
    body: bool
    tools: bool
    """Whether what stands inside it are tools, each by itself."""
    quick: bool
    role: str
    docs: str


class Catalogue(BaseModel):
    """All kinds, and which port types connect."""

    model_config = ConfigDict(frozen=True)

    types: list[PortType]
    connects: dict[str, list[str]]
    groups: list[str]
    kinds: list[KindEntry]


def kind_entry(key: str, kind: type[Node]) -> KindEntry:
    """Describes one kind."""
    docs = inspect.cleandoc(kind.__doc__ or "")
    signature = signature_of(kind)
    schema = kind.model_json_schema()
    schema.pop("description", None)
    for name, field in kind.model_fields.items():
        # JSON Schema has no word for a factory, but a form needs to know what a fresh node holds.
        if field.default_factory is not None and name in schema["properties"]:
            value = field.get_default(call_default_factory=True, validated_data={})
            schema["properties"][name]["default"] = to_jsonable_python(value)
    return KindEntry(
        key=key,
        title=kind.title or key.replace("_", " ").capitalize(),
        description=docs.split("\n\n")[0].replace("\n", " "),
        group=kind.group,
        icon=kind.icon,
        version=kind.version,
        settings_schema=schema,
        inputs=list(signature.inputs),
        outputs=list(signature.outputs),
        wireable=list(wireable(kind).values()),
        declared_type=signature.declared_type,
        body=kind.has_body,
        tools=signature.takes_tools,
        quick=kind.quick,
        role=kind.role,
        docs=docs,
    )


def catalogue() -> Catalogue:
    """Describes every kind there is."""
    entries = [kind_entry(key, kind) for key, kind in KINDS.all().items()]
    named = [*GROUPS, *sorted({entry.group for entry in entries} - set(GROUPS))]
    entries.sort(key=lambda entry: (named.index(entry.group), entry.title))
    return Catalogue(
        types=list(PortType),
        connects=connection_table(),
        groups=[group for group in named if any(entry.group == group for entry in entries)],
        kinds=entries,
    )
