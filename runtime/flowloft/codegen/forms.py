"""How each flow of the language is drawn."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flowloft.codegen.canvas import End, Scope, Value, Way
from flowloft.codegen.flow_reading import Unreadable, Written
from flowloft.codegen.functions import Argument, Callee, Code, code_of

if TYPE_CHECKING:
    from flowloft.codegen.drawer import Drawer, Opened

MOST_ROUNDS = 100_000
"""The most that a Loop node takes."""


def pipeline(drawer: Drawer, flow: Written, value: Value, scope: Scope, name: str) -> Value:
    with drawer.opening(flow, value) as opened:
        return _series(drawer, flow, opened, value, scope)


def _series(drawer: Drawer, flow: Written, opened: Opened, value: Value, scope: Scope) -> Value:
    for name, item in flow.items:
        value = drawer.step(item, value, scope, name)
        for known in (name, item.id if isinstance(item, ast.Name) else ""):
            if known:
                opened.outputs[known] = value
    return value


def parallel(drawer: Drawer, flow: Written, value: Value, scope: Scope, name: str) -> Value:
    if not flow.items:
        raise Unreadable("it has no branches")
    results = [drawer.step(item, value, scope, branch) for branch, item in flow.items]
    return _gathered(drawer, flow, results, scope, name)


def diverter(drawer: Drawer, flow: Written, value: Value, scope: Scope, name: str) -> Value:
    if len(value.ways) == len(flow.items) and not value.spread and len(flow.items) > 1:
        shares = [Value((way,)) for way in value.ways]
    elif len(value.ways) == 1:
        shares = [_share(drawer, flow, index, value.ways[0], scope) for index in range(len(flow.items))]
    else:
        raise Unreadable("it has not as many branches as values")
    results = [
        drawer.step(item, share, scope, branch)
        for share, (branch, item) in zip(shares, flow.items, strict=True)
    ]
    return _gathered(drawer, flow, results, scope, name)


def _share(drawer: Drawer, flow: Written, index: int, way: Way, scope: Scope) -> Value:
    branch, count = flow.items[index][0], len(flow.items)
    by_name = f"\n    if isinstance(values, dict):\n        return values[{branch!r}]" if branch else ""
    code = (
        f"def run(values):{by_name}\n"
        f"    if len(values) != {count}:\n"
        f'        raise ValueError("there must be {count} values")\n'
        f"    return values[{index}]\n"
    )
    return Value((drawer.placed(Code(code, [("values", way)], []), scope, f"share_{index + 1}", None),))


def _gathered(drawer: Drawer, flow: Written, results: list[Value], scope: Scope, name: str) -> Value:
    """Gives the results of branches in the form that was asked for."""
    ways: list[Way] = [one(drawer, result, scope) for result in results]
    if not flow.post:
        return Value(tuple(ways)) if len(ways) > 1 else _list_of(drawer, ways, scope, name, spread=True)
    if flow.post in ("aslist", "astuple"):
        return _list_of(drawer, ways, scope, name)
    if flow.post == "asdict":
        branches = [branch for branch, _ in flow.items]
        if not all(branches):
            raise Unreadable("its branches have no names")
        return _joined(drawer, ways, scope, name, {"how": "record", "names": branches})
    if flow.post == "sum" and len(ways) > 1:
        return _joined(drawer, ways, scope, name, {"how": "sum"})
    if flow.post == "join" and len(ways) > 1 and all(result.text for result in results):
        return _joined(drawer, ways, scope, name, {"how": "text", "separator": flow.separator}, text=True)
    gathered = _list_of(drawer, ways, scope, name)
    return _put_together(drawer, flow, gathered, scope, name)


def _joined(
    drawer: Drawer, ways: list[Way], scope: Scope, name: str, settings: dict[str, Any], *, text: bool = False
) -> Value:
    if len(ways) == 1:
        # A join takes a single list for its items, so one more step makes the record.
        code = f"def run(value):\n    return {{{settings['names'][0]!r}: value}}\n"
        way = drawer.placed(Code(code, [("value", ways[0])], []), scope, name or "results", None)
        return Value((way,))
    wires = [("items", way) for way in ways]
    node_id = drawer.canvas.node(scope, "join", settings, f"{name or 'all'}_results", wires)
    return Value(((End(scope, node_id, "output"),),), text=text)


def _list_of(drawer: Drawer, ways: list[Way], scope: Scope, name: str, *, spread: bool = False) -> Value:
    if len(ways) == 1:
        code = Code("def run(value):\n    return [value]\n", [("value", ways[0])], [])
        return Value((drawer.placed(code, scope, f"{name or 'all'}_results", None),), spread=spread)
    wires = [("items", way) for way in ways]
    node_id = drawer.canvas.node(scope, "join", {"how": "list"}, f"{name or 'all'}_results", wires)
    return Value(((End(scope, node_id, "output"),),), spread=spread)


def _put_together(drawer: Drawer, flow: Written, value: Value, scope: Scope, name: str) -> Value:
    """Adds up, or joins as text, as the flow language does."""
    if flow.post == "join":
        body = f"    return {flow.separator!r}.join(str(value) for value in values)\n"
    else:
        body = (
            "    if isinstance(values[0], str):\n"
            '        return "".join(str(value) for value in values)\n'
            "    return sum(values, type(values[0])())\n"
        )
    code = Code(f"def run(values):\n{body}", [("values", value.ways[0])], [])
    return Value(
        (drawer.placed(code, scope, f"{name or 'all'}_{flow.post}", None),), text=flow.post == "join"
    )


def one(drawer: Drawer, value: Value, scope: Scope) -> Way:
    """Returns the only value; several become a list."""
    if len(value.ways) == 1:
        return value.ways[0]
    return _list_of(drawer, list(value.ways), scope, "all").ways[0]


def warp(drawer: Drawer, flow: Written, value: Value, scope: Scope, name: str) -> Value:
    if not flow.items:
        raise Unreadable("it has no step")
    wanted = flow.option("_concurrent", True)
    settings: dict[str, Any] = {}
    if wanted is not True:
        settings["concurrency"] = max(1, min(256, int(str(int(wanted or 1)))))  # type: ignore[call-overload]
    given = one(drawer, value, scope)
    node_id, inside = drawer.canvas.container(
        scope, "warp", settings, name or "warp", [("items", given)], title=_title(name)
    )
    result = Value(((End(inside, inside.entry, "item"),),))
    for branch, item in flow.items:
        result = drawer.step(item, result, inside, branch)
    _end(drawer, node_id, inside, [("value", one(drawer, result, inside))])
    gathered = Value(((End(scope, node_id, "output"),),), spread=not flow.post)
    if flow.post in ("sum", "join"):
        return _put_together(drawer, flow, gathered, scope, name)
    if flow.post == "asdict":
        raise Unreadable("the results of a warp have no names")
    return gathered


def _end(drawer: Drawer, node_id: str, inside: Scope, wires: list[tuple[str, Way]]) -> None:
    drawer.canvas.node(inside, "body_output", {}, f"{node_id}_end", wires)


def loop(drawer: Drawer, flow: Written, value: Value, scope: Scope, name: str) -> Value:
    given = value.single
    count = flow.option("count")
    if given is None or (count is None and "stop_condition" not in flow.options):
        raise Unreadable("it loops over several values" if given is None else "nothing ends it")
    settings: dict[str, Any] = {
        "times": min(MOST_ROUNDS, int(count)) if isinstance(count, int) else MOST_ROUNDS
    }
    if flow.option("on_limit") == "raise":
        settings["must_stop"] = True
    node_id, inside = drawer.canvas.container(
        scope, "loop", settings, name or "loop", [("initial", given)], title=_title(name)
    )
    begin = Value(((End(inside, inside.entry, "value"),),))
    with drawer.opening(flow, value) as opened:
        result = _series(drawer, flow, opened, begin, inside)
    judged = result
    if flow.option("judge_on_full_input", True) is False:
        if result.spread or len(result.ways) != 2:
            raise Unreadable("what its condition is judged on is not known before it runs")
        judged, result = Value(result.ways[:1]), Value(result.ways[1:])
    if result.single is None:
        raise Unreadable("it loops over several values")
    wires = [("value", result.ways[0])]
    if "stop_condition" in flow.options:
        wires.append(
            ("stop", _holds(drawer, flow.options["stop_condition"], judged, inside, f"{node_id}_stop"))
        )
    _end(drawer, node_id, inside, wires)
    way = (End(scope, node_id, "output"),)
    # What is left of several values is still several: a list of one, whose item goes on.
    return Value((way,)) if judged is result else _list_of(drawer, [way], scope, name, spread=True)


def _holds(
    drawer: Drawer, condition: ast.expr, value: Value, scope: Scope, name: str, *, result: str = "bool({})"
) -> Way:
    """Draws a condition."""
    if drawer.reader.flow(condition) is not None or drawer.bound(condition) is not None:
        found = one(drawer, drawer.step(condition, value, scope, name), scope)
        code = Code(f"def run(value):\n    return {result.replace('{}', 'value')}\n", [("value", found)], [])
        return drawer.placed(code, scope, name, None)
    callee = Callee(drawer.names, condition)
    arguments = [Argument(way, "*{}" if value.spread else "{}") for way in value.ways]
    guard = None
    if (
        callee.definition is not None
        and not callee.required
        and not callee.definition.args.vararg
        and result == "bool({})"
    ):
        arguments, guard = [], next(iter(value.ways))
    code = code_of(drawer.names, callee, arguments, {}, guard=guard, result=result)
    return drawer.placed(code, scope, name, condition)


def graph(drawer: Drawer, flow: Written, value: Value, scope: Scope, name: str) -> Value:
    steps = {step: item for step, item in flow.items if step}
    if len(steps) != len(flow.items):
        raise Unreadable("a step of the graph has no name")
    ends = {step for edge in flow.edges for step in (edge.origin, edge.target) if step is not None}
    if ends - {START, END, *steps} or END not in {edge.target for edge in flow.edges}:
        raise Unreadable("its edges lead to steps that are not there, or never to its end")
    arg_names = dict(zip(steps, flow.arg_names, strict=False))
    known = {START: value}
    waiting = [step for step in steps if step in ends]
    while waiting:
        ready = [step for step in waiting if all(one in known for one in _origins(flow, step))]
        if not ready:
            raise Unreadable("it goes in a circle")
        for step in ready:
            arguments = _arguments(drawer, flow, step, known, scope)
            names = arg_names.get(step)
            known[step] = drawer.called(steps[step], arguments, names, value, scope, step)
        waiting = [step for step in waiting if step not in known]
    arguments = _arguments(drawer, flow, END, known, scope)
    given = [one for one in arguments if isinstance(one, Value)]
    if len(given) < len(arguments):
        raise Unreadable("its end is given a constant")
    return given[0] if len(given) == 1 else _together(given)


START, END = "__start__", "__end__"


def _origins(flow: Written, step: str) -> list[str]:
    return [edge.origin for edge in flow.edges if edge.target == step and edge.origin is not None]


def _arguments(
    drawer: Drawer, flow: Written, step: str, known: dict[str, Value], scope: Scope
) -> list[Value | ast.expr]:
    """Returns what the edges of a step bring, in their order: values, and constants as they are written."""
    found: list[Value | ast.expr] = []
    for edge in flow.edges:
        if edge.target != step:
            continue
        if edge.origin is None:
            assert edge.value is not None  # noqa: S101 - a constant edge has its constant
            found.append(edge.value)
            continue
        value = known[edge.origin]
        if isinstance(edge.value, ast.Constant):
            raise Unreadable("a rule changes what passes along an edge")
        if edge.value is not None:
            value = drawer.step(edge.value, value, scope, f"{edge.origin}_to_{step.strip('_')}")
        found.append(value)
    return found


def _together(values: list[Value]) -> Value:
    """Returns several values as the arguments of one call."""
    if any(one.spread for one in values):
        raise Unreadable("how many values an edge brings is not known before it runs")
    return Value(tuple(way for one in values for way in one.ways))


def ifs(drawer: Drawer, flow: Written, value: Value, scope: Scope, name: str) -> Value:
    (condition,) = flow.cases
    if isinstance(condition, ast.Constant):
        if not isinstance(condition.value, bool):
            raise Unreadable("its condition is no condition")
        return drawer.step(flow.items[0 if condition.value else 1][1], value, scope, name)
    holds = _holds(drawer, condition, value, scope, f"{name or 'if'}_condition")
    forks = [
        drawer.canvas.node(
            scope,
            "if_else",
            {"operator": "is_true"},
            name or "if",
            [("value", way), ("on", holds)],
            title=_title(name),
        )
        for way in value.ways
    ]
    return _branches(drawer, flow, value, forks, ["true", "false"], scope)


def switch(drawer: Drawer, flow: Written, value: Value, scope: Scope, name: str) -> Value:
    if not flow.cases:
        raise Unreadable("it has no cases")
    going = judged = value
    if flow.option("judge_on_full_input", True) is False:
        if value.spread or len(value.ways) < 2:
            raise Unreadable("what its cases are judged on is not known before it runs")
        judged, going = Value(value.ways[:1]), Value(value.ways[1:])
    if "conversion" in flow.options:
        judged = drawer.step(flow.options["conversion"], judged, scope, f"{name or 'switch'}_conversion")
    ports = [f"case {index}" for index in range(1, len(flow.cases) + 1)]
    chosen = _chooser(drawer, flow, judged, ports, scope, name)
    cases = [{"name": port} for port in ports if port != "otherwise"]
    has_default = _is_default(flow.cases[-1])
    if has_default:
        cases, ports = cases[:-1], [*ports[:-1], "otherwise"]
    forks = [
        drawer.canvas.node(
            scope,
            "switch",
            {"cases": cases},
            name or "switch",
            [("value", way), ("on", chosen)],
            title=_title(name),
        )
        for way in going.ways
    ]
    if not has_default:
        ports.append("otherwise")
    return _branches(drawer, flow, going, forks, ports, scope)


def _is_default(condition: ast.expr) -> bool:
    return isinstance(condition, ast.Constant) and condition.value == "default"


def _chooser(drawer: Drawer, flow: Written, value: Value, ports: list[str], scope: Scope, name: str) -> Way:
    """Draws what names the case that fits."""
    way = value.single
    if way is None:
        raise Unreadable("its cases look at several values")
    lines = []
    needs: list[Argument] = [Argument(way)]
    for port, condition in zip(ports, flow.cases, strict=True):
        if _is_default(condition):
            if condition is not flow.cases[-1]:
                raise Unreadable("a case after “default” could never be taken")
            break
        if drawer.reader.flow(condition) is not None or drawer.bound(condition) is not None:
            raise Unreadable("a condition is a flow")
        test = _test(drawer, condition)
        needs.append(Argument(None, "", condition))
        lines.append(f"    if {test}:\n        return {port!r}\n")
    needed = code_of(drawer.names, Callee(drawer.names, ast.Constant(None)), needs, {})
    code = _replaced_entry(needed.code, f"def run(value):\n{''.join(lines)}    return 'otherwise'\n")
    found = Code(code, [("value", way)], needed.foreign)
    return drawer.placed(found, scope, f"{name or 'switch'}_case", flow.cases[0])


def _test(drawer: Drawer, condition: ast.expr) -> str:
    source = drawer.names.text(condition)
    if isinstance(condition, ast.Constant):
        return f"value == {source}"
    callee = Callee(drawer.names, condition)
    is_call = callee.definition is not None or isinstance(condition, (ast.Lambda, ast.Attribute))
    if not is_call:
        raise Unreadable("it is not certain whether a condition is a function")
    return f"{callee.source}(value) is True"


def _branches(
    drawer: Drawer, flow: Written, value: Value, forks: list[str], ports: list[str], scope: Scope
) -> Value:
    """Draws the ways that a fork may take; the result is that of whichever was taken."""
    before, drawer.forked = drawer.forked, True
    results: list[Value] = []
    try:
        for index, port in enumerate(ports):
            given = Value(tuple((End(scope, fork, port),) for fork in forks), value.spread, value.text)
            if index < len(flow.items):
                branch, item = flow.items[index]
                results.append(drawer.step(item, given, scope, branch if flow.kind != "ifs" else ""))
            else:
                code = Code("def run(value):\n    return None\n", [("value", given.ways[0])], [])
                results.append(Value((drawer.placed(code, scope, "no_case", None),)))
    finally:
        drawer.forked = before
    first = results[0]
    if any((len(one.ways), one.spread) != (len(first.ways), first.spread) for one in results):
        raise Unreadable("its ways give different numbers of values")
    ways = tuple(
        tuple(end for result in results for end in result.ways[index]) for index in range(len(first.ways))
    )
    return Value(ways, first.spread, all(one.text for one in results))


def _replaced_entry(code: str, entry: str) -> str:
    head = code[: code.rindex("def run(")]
    return f"{head}{entry}"


def _title(name: str) -> str:
    return name.replace("_", " ").strip().capitalize()


FORMS: dict[str, Callable[[Drawer, Written, Value, Scope, str], Value]] = {
    "pipeline": pipeline,
    "parallel": parallel,
    "diverter": diverter,
    "warp": warp,
    "loop": loop,
    "ifs": ifs,
    "switch": switch,
    "graph": graph,
}
