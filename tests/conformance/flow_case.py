"""Builds and runs one case of ``flow_cases.json``: recorded behaviour of LazyLLM, as data.

The functions of a case are source code. They are run here, and nowhere else.
"""

from __future__ import annotations

import contextlib
import time
import types
from typing import Any

from flowloft.flow import (
    Flow,
    JsonLike,
    bind,
    compat,
    diverter,
    graph,
    ifs,
    kwargs,
    loop,
    package,
    parallel,
    pipeline,
    save_pipeline_result,
    switch,
    warp,
)
from flowloft.flow.bound import Placeholder
from flowloft.flow.engine_graph import engine_graph

Case = dict[str, Any]


class Builder:
    """Turns the description of a flow into the flow."""

    def __init__(self, functions: dict[str, str]) -> None:
        self._names: dict[str, Any] = {
            "package": package,
            "kwargs": kwargs,
            "time": time,
            "lazyllm": types.SimpleNamespace(package=package, kwargs=kwargs),
        }
        for source in functions.values():
            exec(source, self._names)
        self._open: list[tuple[str | None, Flow]] = []

    def build(self, flow: Any) -> Any:
        """Returns the flow, function or bound function that is described."""
        if "fn" in flow:
            made = self._names[flow["fn"]]
            made = made(*flow["make"]) if "make" in flow else made
        else:
            made = getattr(self, f"_{flow['kind']}")(flow)
        if "bind" in flow:
            described = flow["bind"]
            args = [self._bound(value) for value in described.get("args", [])]
            named = {name: self._bound(value) for name, value in described.get("kwargs", {}).items()}
            made = bind(made, *args, **named)
        return made

    def _bound(self, value: Case) -> Any:
        if "ph" in value:
            return Placeholder(value["ph"])
        if "const" in value:
            return decoded(value["const"])
        scope = value.get("scope")
        flows = [flow for name, flow in reversed(self._open) if scope is None or name == scope]
        flow: Any = flows[0]
        unpack = value.get("unpack", False)
        ref = {
            "input": lambda: flow.input,
            "kwargs": lambda: flow.kwargs,
            "output": lambda: flow.output(value["of"], unpack=unpack),
        }[value["ref"]]()
        return ref[value["item"]] if "item" in value else ref

    def _filled(self, flow: Any, described: Case) -> Any:
        """Adds the items; references inside mean the innermost pipeline or the one named."""
        refers = hasattr(type(flow), "input")
        if refers:
            self._open.append((described.get("id"), flow))
        for item in described["items"]:
            flow.add(item.get("name"), self.build(item["do"]))
        if refers:
            self._open.pop()
        if "post_action" in described:
            flow.post_action = self.build(described["post_action"])
        post = described.get("post")
        if post == "join":
            return flow.join(described.get("join_arg", ""))
        return getattr(flow, post) if post else flow

    def _pipeline(self, flow: Case) -> Any:
        return self._filled(pipeline(), flow)

    def _parallel(self, flow: Case) -> Any:
        return self._filled(parallel.sequential() if flow.get("sequential") else parallel(), flow)

    def _diverter(self, flow: Case) -> Any:
        return self._filled(diverter.sequential() if flow.get("sequential") else diverter(), flow)

    def _warp(self, flow: Case) -> Any:
        return self._filled(warp.sequential() if flow.get("sequential") else warp(), flow)

    def _loop(self, flow: Case) -> Any:
        options = {name: flow[name] for name in ("count", "judge_on_full_input", "on_limit") if name in flow}
        if "stop_condition" in flow:
            options["stop_condition"] = self.build(flow["stop_condition"])
        return self._filled(loop(**options), flow)

    def _switch(self, flow: Case) -> Any:
        options = {name: flow[name] for name in ("judge_on_full_input",) if name in flow}
        if "conversion" in flow:
            options["conversion"] = self.build(flow["conversion"])
        pairs = [(self._condition(case["when"]), self.build(case["do"])) for case in flow["cases"]]
        made = switch(*[one for pair in pairs for one in pair], **options)
        if "post_action" in flow:
            made.post_action = self.build(flow["post_action"])
        return made

    def _condition(self, when: Any) -> Any:
        described = isinstance(when, dict) and ("fn" in when or "kind" in when)
        return self.build(when) if described else decoded(when)

    def _ifs(self, flow: Case) -> Any:
        return ifs(self._condition(flow["cond"]), self.build(flow["true"]), self.build(flow["false"]))

    def _graph(self, flow: Case) -> Any:
        made = graph()
        for node in flow["nodes"]:
            made.add(node["name"], self.build(node["do"]))
        for edge in flow["edges"]:
            if "constant" in edge:
                made.add_const_edge(decoded(edge["constant"]), edge["to"])
            else:
                rule = edge.get("formatter")
                made.add_edge(edge["from"], edge["to"], JsonLike(rule) if rule else None)
        return made

    def _engine_graph(self, flow: Case) -> Any:
        return engine_graph(flow["nodes"], flow["edges"], flow.get("resources"), code=_function)


def _function(source: str) -> Any:
    """Returns the first function that the source defines."""
    names: dict[str, Any] = {}
    exec(source, names)
    return next(value for value in names.values() if isinstance(value, types.FunctionType))


def decoded(value: Any) -> Any:
    """Returns a tagged JSON value as the Python value it stands for."""
    if isinstance(value, list):
        return [decoded(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"$package"}:
        return package.of(decoded(item) for item in value["$package"])
    if value.keys() == {"$tuple"}:
        return tuple(decoded(item) for item in value["$tuple"])
    return {key: decoded(item) for key, item in value.items()}


def encoded(value: Any) -> Any:
    """Returns a Python value as tagged JSON."""
    if type(value) is package:
        return {"$package": [encoded(item) for item in value]}
    if isinstance(value, tuple):
        return {"$tuple": [encoded(item) for item in value]}
    if isinstance(value, list):
        return [encoded(item) for item in value]
    if isinstance(value, dict):
        return {key: encoded(item) for key, item in value.items()}
    return value


def run_case(case: Case, *, lenient: bool) -> Any:
    """Builds the flow of a case, calls it, and returns the tagged result.

    Args:
        lenient: Whether as LazyLLM does it; else in Flowloft's strict way.
    """
    saving = save_pipeline_result if case.get("context") == "save_pipeline_result" else None
    with compat(lenient), saving() if saving else contextlib.nullcontext():
        try:
            flow = Builder(case.get("functions") or {}).build(case["flow"])
            given = case["input"]
            args = [decoded(value) for value in given.get("args", [])]
            named = {name: decoded(value) for name, value in given.get("kwargs", {}).items()}
            return encoded(flow(*args, **named))
        except Exception as error:  # noqa: BLE001 - an error is what some cases ask for
            return {"$error": {"type": type(error).__name__, "message": str(error)}}


def is_error(value: Any) -> bool:
    """Says whether a result is an error."""
    return isinstance(value, dict) and value.keys() == {"$error"}


def agrees(result: Any, expected: Any) -> bool:
    """Says whether a result is what a case asks for; of an error only that it is one."""
    if is_error(expected):
        return is_error(result)
    return type(result) is type(expected) and bool(result == expected)
