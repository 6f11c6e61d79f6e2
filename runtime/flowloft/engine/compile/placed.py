"""One node of a document with its kind, its settings and its ports."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import ValidationError

from flowloft.core.findings import Level
from flowloft.core.node import ERROR_PORT, Node, Port, Signature, signature_of, wireable
from flowloft.core.plan import Graph
from flowloft.core.registry import KINDS
from flowloft.core.spec import NodeSpec
from flowloft.core.types import PortType
from flowloft.engine.compile.document import pointer, remark
from flowloft.engine.compile.scope import Scope


@dataclass(slots=True)
class Placed:
    """A node as far as it could be understood.

    Attributes:
        node: Its settings; None where they, or the kind, are not valid.
        inputs, outputs: Its ports by name; empty where ``node`` is None.
    """

    node_id: str
    spec: NodeSpec
    path: str
    node: Node | None = None
    signature: Signature | None = None
    inputs: dict[str, Port] = field(default_factory=dict)
    outputs: dict[str, Port] = field(default_factory=dict)
    body: Graph | None = None


def place(node_id: str, spec: NodeSpec, scope: Scope, path: str) -> Placed:
    """Looks up the kind of a node and checks its settings."""
    placed = Placed(node_id, spec, path)
    level: Level = "warning" if spec.disabled else "error"
    if spec.kind not in KINDS:
        scope.tell(
            "unknown_kind",
            f"This Flowloft has no kind of node called “{spec.kind}”.",
            "Install what brings it, or take the node out. Nothing in it is lost.",
            level=level,
            node_id=node_id,
            path=f"{path}/kind",
        )
        return placed
    kind = KINDS.get(spec.kind)
    scope.kinds[spec.kind] = kind.version
    placed.signature = signature_of(kind)
    try:
        placed.node = kind.model_validate(spec.settings)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            message, hint = remark(detail)
            scope.tell(
                "unknown_setting" if detail["type"] == "extra_forbidden" else "invalid_setting",
                message,
                hint or "Correct it in the node's settings.",
                level=level,
                node_id=node_id,
                path=pointer(f"{path}/settings", detail["loc"]),
            )
        return placed
    placed.inputs = {port.name: port for port in placed.node.input_ports()}
    _add_wired(placed, kind, scope)
    placed.outputs = {port.name: port for port in placed.node.output_ports()}
    _check_names(placed, kind, scope)
    if spec.policy.on_error == "branch":
        placed.outputs[ERROR_PORT] = Port(name=ERROR_PORT, title="Error", type=PortType.RECORD)
    return placed


def _add_wired(placed: Placed, kind: type[Node], scope: Scope) -> None:
    """Settings that take their value along an edge are inputs besides."""
    able = wireable(kind)
    for index, name in enumerate(placed.spec.wired):
        if name in able and name not in placed.inputs:
            placed.inputs[name] = able[name]
            continue
        scope.tell(
            "not_wireable",
            f"The setting “{name}” can't take its value from a wire.",
            f"These can: {', '.join(able)}." if able else "Set it in the node's settings.",
            node_id=placed.node_id,
            path=f"{placed.path}/wired/{index}",
        )


def _check_names(placed: Placed, kind: type[Node], scope: Scope) -> None:
    """Ports that a setting declares must not clash with what ``run`` takes besides."""
    signature = signature_of(kind)
    fixed = {port.name for port in signature.inputs}
    taken = {"self", signature.takes_context, signature.takes_body}
    ports = [port.name for port in placed.node.input_ports()] if placed.node is not None else []
    clashes = {name for name in ports if name in taken or (ports.count(name) > 1 and name in fixed)}
    for name in sorted(clashes):
        scope.tell(
            "reserved_name",
            f"An input can't be called “{name}”.",
            "Choose another name.",
            node_id=placed.node_id,
            path=f"{placed.path}/settings",
        )
