"""Remarks on a graph whose edges stand: what is missing, ambiguous or without effect."""

from __future__ import annotations

from flowloft.engine.compile.placed import Placed
from flowloft.engine.compile.scope import Scope
from flowloft.engine.compile.wiring import Source, Wiring, runs

Branches = dict[str, frozenset[str]]
"""What must have happened for a node to run: by branching node, the ports one of which it took."""

Needs = dict[str, Branches]
"""The same for each node."""


def check_inputs(placed: dict[str, Placed], wiring: Wiring, scope: Scope) -> None:
    """Every required input needs an edge."""
    for node_id, ports in wiring.items():
        node = placed[node_id]
        for port in node.inputs.values():
            if port.required and port.name not in ports:
                scope.tell(
                    "missing_input",
                    f"The input “{port.name}” is not connected.",
                    f"Connect something that gives {port.type} to it.",
                    node_id=node_id,
                    path=node.path,
                )


def check_retries(placed: dict[str, Placed], scope: Scope) -> None:
    """What must not happen twice is not tried twice."""
    for node in placed.values():
        if runs(node) and node.node is not None and node.spec.policy.retry.attempts > 1:
            if node.node.effect() != "once":
                continue
            scope.tell(
                "retry_ignored",
                "This node is not tried again when it fails: what it does must not happen twice.",
                "Set its retries to 1, or its effect to one that may be repeated.",
                level="warning",
                node_id=node.node_id,
                path=f"{node.path}/policy/retry/attempts",
            )


def check_outputs(placed: dict[str, Placed], wiring: Wiring, order: list[str], scope: Scope) -> None:
    """Outputs that never get a value say nothing, and a graph without any result is of little use."""
    dead: set[str] = set()
    for node_id in order:
        live = {
            port: [source for source in sources if source.node_id not in dead]
            for port, sources in wiring[node_id].items()
        }
        needed = [
            live[port.name] for port in placed[node_id].inputs.values() if port.required and port.name in live
        ]
        if live and (not all(needed) or not any(live.values())):
            dead.add(node_id)
            node = placed[node_id].node
            if node is not None and node.role == "output":
                scope.tell(
                    "unreachable_output",
                    "This output never gets a value, because a node before it is switched off.",
                    "Switch that node on, or connect another.",
                    level="warning",
                    node_id=node_id,
                    path=placed[node_id].path,
                )


def check_roles(placed: dict[str, Placed], scope: Scope, path: str, *, is_body: bool) -> None:
    """A graph gives what its output nodes give."""
    nodes = [node.node for node in placed.values() if runs(node) and node.node is not None]
    roles = {node.role for node in nodes}
    if is_body:
        owner = path.split("/")[-2]
        for role, level in (("input", "warning"), ("output", "error")):
            if role not in roles:
                scope.tell(
                    f"body_without_{role}",
                    f"The inside of “{owner}” has no body {role}.",
                    f"Add the node “Body {role}”.",
                    level="error" if level == "error" else "warning",
                    node_id=owner,
                    path=path,
                )
    elif nodes and "output" not in roles and all(node.node for node in placed.values()):
        scope.tell(
            "no_output",
            "The flow has no output, so a run gives no result.",
            "Add a chat output or an output.",
            level="warning",
            path=f"{path}/nodes",
        )


def check_merges(placed: dict[str, Placed], wiring: Wiring, order: list[str], scope: Scope) -> Needs:
    """Several edges at one input are meant for branches of which one is taken.

    Returns:
        On which branches each node stands.
    """
    needs: Needs = {}
    for node_id in order:
        node = placed[node_id]
        by_port: dict[str, list[Branches]] = {
            port: [_through(source, placed, needs) for source in sources]
            for port, sources in wiring[node_id].items()
        }
        for port, ways in by_port.items():
            if len(ways) > 1 and not node.inputs[port].multiple and not _exclusive(ways):
                scope.tell(
                    "ambiguous_input",
                    f"Several edges end at “{port}”, and more than one of them may bring a value.",
                    "The first one that does is taken. Join them first, or lead only branches of "
                    "one If or Switch here.",
                    level="warning",
                    node_id=node_id,
                    path=node.path,
                )
        merged = [(node.inputs[port].required, _either(ways)) for port, ways in by_port.items() if ways]
        required = [way for is_required, way in merged if is_required]
        needs[node_id] = _both(required) if required else _either([way for _, way in merged])
    return needs


def _through(source: Source, placed: dict[str, Placed], needs: Needs) -> Branches:
    node = placed[source.node_id]
    before = needs.get(source.node_id, {})
    if len(node.outputs) < 2 or node.node is None or node.node.role == "input":
        return before
    return {**before, source.node_id: frozenset({source.port})}


def _either(ways: list[Branches]) -> Branches:
    if len(ways) <= 1:
        return ways[0] if ways else {}
    first, *others = ways
    return {
        name: ports.union(*(other[name] for other in others))
        for name, ports in first.items()
        if all(name in other for other in others)
    }


def _both(ways: list[Branches]) -> Branches:
    if len(ways) == 1:
        return ways[0]
    result: Branches = {}
    for way in ways:
        for name, ports in way.items():
            common = ports & result.get(name, ports)
            result[name] = common or ports | result[name]
    return result


def _exclusive(ways: list[Branches]) -> bool:
    return all(are_exclusive(one, other) for index, one in enumerate(ways) for other in ways[:index])


def are_exclusive(one: Branches, other: Branches) -> bool:
    """Says whether two nodes stand on branches of which only one is taken."""
    return any(one[name].isdisjoint(other[name]) for name in one.keys() & other.keys())
