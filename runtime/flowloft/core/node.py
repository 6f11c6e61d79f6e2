"""The contract of a node kind: one class in one file of ``flowloft/nodes``.

Settings are the fields, input ports the parameters of ``run``, output ports its return
annotation. The palette, the form, the port checks, the listing and the docs are derived.

    class JoinText(Node):
        '''Joins two texts with a separator.'''

        title = "Join text"
        group = "text"
        separator: str = Field(" ", max_length=20, description="Put between the two texts.")

        def run(self, left: str, right: str) -> str:
            return f"{left}{self.separator}{right}"

Rules of ``run``:

- A parameter with a default is an optional port; ``*items`` is one port that gathers many edges;
  ``**variables`` are the ports that a setting declares with ``x-inputs``.
- ``ctx: Context`` and ``body: Body`` are handed over by the engine and are no ports. With ``Tools`` in
  the place of ``Body`` the nodes inside are tools, each by itself.
- One result is the port ``output``. A ``NamedTuple`` has a port for each field, a field left
  ``SKIPPED`` was not taken. ``Ports[T]`` has the ports that a setting declares with ``x-outputs``
  and the class variable ``fixed_outputs``. ``None`` has none.
- ``Stream[str]`` as return annotation: ``run`` is a generator of text chunks.
- ``role = "input"`` reads ``ctx.inputs``; ``role = "output"`` returns a dict that is merged into
  the outputs of its graph; ``role = "note"`` never runs.
- Metadata of ``Annotated`` that is a plain string describes the port.
"""

from __future__ import annotations

import functools
import inspect
import re
import typing
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from flowloft.core.context import Body, Context
from flowloft.core.fingerprint import fingerprint
from flowloft.core.plan import ERROR_PORT, Effect
from flowloft.core.tool import Tool, Tools, schema_of
from flowloft.core.types import Ports, PortType, port_type

__all__ = [
    "ERROR_PORT",
    "Effect",
    "Node",
    "Port",
    "Signature",
    "declarations",
    "fill",
    "model_settings",
    "placeholders",
    "signature_of",
    "wireable",
]


class Port(BaseModel):
    """One place where an edge can end."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    type: PortType
    required: bool = True
    multiple: bool = False
    streams: bool = False
    description: str = ""


class Node(BaseModel):
    """Base of every kind. Instances are settings: frozen, comparable, safe to share by threads."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=False)

    title: ClassVar[str] = ""
    group: ClassVar[str] = "logic"
    icon: ClassVar[str] = "box"
    """Name of a Tabler icon."""
    version: ClassVar[int] = 1
    quick: ClassVar[bool] = False
    """True where ``run`` takes microseconds and never waits; such a step gets no thread."""
    has_body: ClassVar[bool] = False
    role: ClassVar[Literal["node", "input", "output", "note"]] = "node"
    fixed_outputs: ClassVar[tuple[str, ...]] = ()
    service: ClassVar[Literal["", "server", "page", "model"]] = ""
    """What it is where it runs as a service of its own, which ``Context.services`` then has; ``server``
    and ``page`` serve their body."""
    extra: ClassVar[str] = ""
    """Extra of the package ``flowloft`` whose libraries it needs, as ``rag``; empty for none."""
    cacheable: ClassVar[bool | None] = None
    """Whether a result may be used again for equal inputs and settings. None: where running it has no
    effect. True also where it merely costs. False for what reads a clock, a page, anything that can
    change by itself; or say in ``depends`` what that is."""

    def effect(self) -> Effect:
        """Returns what a second run of this step would mean, given its settings."""
        return "none"

    def depends(self, ctx: Context) -> Any:
        """Returns, as plain data, what the result depends on besides inputs, settings and code.

        By default: the connections of the models that the settings name, so that another address
        behind the same name is another model. A kind that reads from a store adds its fingerprint.
        """
        if ctx.models is None:
            return []
        found = [ctx.models.resolve(getattr(self, name)) for name in model_settings(type(self))]
        return [[one.provider, one.base_url, one.model, one.options] for one in found]

    @classmethod
    def code_mark(cls) -> str | None:
        """Returns what stands for the code of the kind: it changes when the code does."""
        return _code_of(cls)

    def runs_flow(self) -> str | None:
        """Returns the saved flow that is the body of this node, as ``<id>@<version>``.

        Such a kind keeps the id in its setting ``flow``, where an import finds it.
        """
        return None

    def offers(self, ctx: Context) -> list[Tool] | None:
        """Returns the tools that it stands for inside an agent, where these are others than itself; it is
        then called with ``tool``, the name of one, and ``arguments``. None: it is one tool, by its ports."""
        return None

    def about(self) -> str:
        """Returns what a model is told that it does, where it is a tool."""
        return inspect.cleandoc(type(self).__doc__ or "").split("\n\n")[0].replace("\n", " ")

    def parameters(self, ports: list[Port]) -> dict[str, Any]:
        """Returns the JSON Schema of its arguments, where it is a tool with these inputs."""
        return schema_of(ports)

    def asks(self) -> list[Port]:
        """Returns what a run is started with for this node; of kinds whose role is ``input``."""
        return []

    def answers(self) -> list[Port]:
        """Returns what this node adds to the outputs of its graph; of kinds whose role is ``output``."""
        return []

    def run(self, *args: Any, **kwargs: Any) -> Any:
        """Does the work. See the module's docstring for what the signature says."""
        raise NotImplementedError

    def input_ports(self) -> list[Port]:
        """Returns the input ports under these settings, declared ones last."""
        return [*signature_of(type(self)).inputs, *self._declared("x-inputs", PortType.TEXT)]

    def output_ports(self) -> list[Port]:
        """Returns the output ports under these settings, declared ones first."""
        signature = signature_of(type(self))
        return [*self._declared("x-outputs", signature.declared_type), *signature.outputs]

    def _declared(self, marker: str, of_type: PortType) -> list[Port]:
        ports: dict[str, Port] = {}
        for name, how in declarations(type(self), marker):
            value = getattr(self, name)
            names = _placeholders_in(value) if how == "placeholders" else [item.name for item in value]
            for port in names:
                ports.setdefault(port, Port(name=port, title=port, type=of_type))
        return list(ports.values())


class Signature(BaseModel):
    """What ``run``'s signature says, read once a class."""

    model_config = ConfigDict(frozen=True)

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    declared_type: PortType
    shape: Literal["none", "single", "fields", "ports"]
    takes_context: str | None
    takes_body: str | None
    takes_tools: bool
    """Whether what it takes as a body are tools."""
    gathers: str | None
    open_ended: bool


@functools.cache
def signature_of(kind: type[Node]) -> Signature:
    """Reads the ports off ``kind.run``."""
    hints = typing.get_type_hints(kind.run, include_extras=True)
    inputs: list[Port] = []
    context = body = gathers = None
    open_ended = takes_tools = False
    for parameter in list(inspect.signature(kind.run).parameters.values())[1:]:
        hint = hints.get(parameter.name, Any)
        if hint is Context:
            context = parameter.name
        elif hint is Body or hint is Tools:
            body, takes_tools = parameter.name, hint is Tools
        elif parameter.kind is parameter.VAR_KEYWORD:
            open_ended = True
        else:
            gathering = parameter.kind is parameter.VAR_POSITIONAL
            gathers = parameter.name if gathering else gathers
            required = parameter.default is parameter.empty and not gathering
            inputs.append(_port(parameter.name, hint, required=required, multiple=gathering))
    shape, outputs, declared = _outputs(kind, hints.get("return", Any))
    return Signature(
        inputs=tuple(inputs),
        outputs=tuple(outputs),
        declared_type=declared,
        shape=shape,
        takes_context=context,
        takes_body=body,
        takes_tools=takes_tools,
        gathers=gathers,
        open_ended=open_ended,
    )


def _outputs(
    kind: type[Node], hint: Any
) -> tuple[Literal["none", "single", "fields", "ports"], list[Port], PortType]:
    if hint is type(None) or hint is None:
        return "none", [], PortType.ANY
    if typing.get_origin(hint) is Ports:
        (value,) = typing.get_args(hint)
        ports = [_port(name, value) for name in kind.fixed_outputs]
        return "ports", ports, port_type(value)[0]
    if inspect.isclass(hint) and issubclass(hint, tuple) and hasattr(hint, "_fields"):
        fields = typing.get_type_hints(hint, include_extras=True)
        return "fields", [_port(name, fields[name]) for name in hint._fields], PortType.ANY
    return "single", [_port("output", hint)], PortType.ANY


def _port(name: str, hint: Any, *, required: bool = True, multiple: bool = False) -> Port:
    kind, streams = port_type(hint)
    metadata = getattr(hint, "__metadata__", ())
    return Port(
        name=name,
        title=name.replace("_", " ").capitalize(),
        type=kind,
        required=required,
        multiple=multiple,
        streams=streams,
        description=next((item for item in metadata if isinstance(item, str)), ""),
    )


@functools.cache
def declarations(kind: type[Node], marker: str) -> tuple[tuple[str, str], ...]:
    """Returns the settings of a kind that declare ports: (name of the setting, how)."""
    found = []
    for name, field in kind.model_fields.items():
        extra = field.json_schema_extra
        if isinstance(extra, dict) and marker in extra:
            found.append((name, str(extra[marker])))
    return tuple(found)


@functools.cache
def _code_of(kind: type[Node]) -> str | None:
    return fingerprint(kind, strict=False)


@functools.cache
def model_settings(kind: type[Node]) -> tuple[str, ...]:
    """Returns the settings of a kind that name a model."""
    return tuple(
        name
        for name, field in kind.model_fields.items()
        if isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("x-widget") == "model"
    )


_FIXED = frozenset(
    {"code", "flow", "flow_version", "knowledge_base", "model", "ports", "secret_reference", "select"}
)
"""Widgets of settings that say what a node is, where its code comes from or what it may reach."""


@functools.cache
def wireable(kind: type[Node]) -> dict[str, Port]:
    """Returns the settings of a kind that may take their value along an edge, each as a port.

    Not those that declare ports, that choose one of a few ways to work, or that name a model, a
    knowledge base or a secret: what a node reaches and whether it may be repeated is known before a run.
    """
    if kind.role != "node":
        return {}
    fixed = {port.name for port in signature_of(kind).inputs}
    found = {}
    for name, field in kind.model_fields.items():
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        declares = "x-inputs" in extra or "x-outputs" in extra
        choice = typing.get_origin(field.annotation) is Literal or field.annotation is bool
        if name in fixed or declares or choice or extra.get("x-widget") in _FIXED:
            continue
        found[name] = Port(name=name, title=field.title or name, type=port_type(field.annotation)[0])
    return found


_NAME = re.compile(r"^[^\W\d]\w*$")


def placeholders(template: str) -> list[str]:
    """Returns the names of the ``{name}`` in a template, in order, each once.

    ``{{`` and ``}}`` are literal braces. Text in braces that is no name stands for itself, so
    that JSON in a prompt needs no escaping.
    """
    names: dict[str, None] = {}
    for match in PLACEHOLDER.finditer(template):
        name = match.group(1)
        if name is not None and _NAME.match(name):
            names.setdefault(name)
    return list(names)


PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([^{}\s]+)\}")
"""A literal brace pair, or a name in braces (group 1)."""


def _placeholders_in(value: Any) -> list[str]:
    """Returns those of a template, or of all texts of a list of records."""
    if isinstance(value, str):
        return placeholders(value)
    texts = [text for item in value for text in dict(item).values() if isinstance(text, str)]
    return [name for text in texts for name in placeholders(text)]


def fill(template: str, values: dict[str, Any]) -> str:
    """Puts values in for the placeholders of a template; see :func:`placeholders`."""

    def one(match: re.Match[str]) -> str:
        name = match.group(1)
        if name is None:
            return match.group(0)[0]
        return str(values[name]) if name in values else match.group(0)

    return PLACEHOLDER.sub(one, template)
