"""The flow language in a syntax tree: which expressions are flows, and of what."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from flowloft.codegen.names import Names

FLOWS = frozenset({"pipeline", "parallel", "diverter", "warp", "ifs", "switch", "loop", "graph"})
WRAPPERS = frozenset({"ActionModule", "ServerModule", "WebModule"})
POSTS = frozenset({"asdict", "astuple", "aslist", "sum"})
_OPTIONS = frozenset(
    {
        "post_action",
        "save_result",
        "_concurrent",
        "stop_condition",
        "count",
        "judge_on_full_input",
        "on_limit",
        "conversion",
    }
)


class Unreadable(Exception):  # noqa: N818 - an answer: this piece has no drawing
    """A piece of the source can't be drawn.

    Attributes:
        why: For the finding.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class EdgeWritten:
    """An edge of a graph.

    Attributes:
        origin: Name of a step; None where ``value`` is a constant.
        value: The constant, or what changes the value that passes; None where nothing does.
    """

    origin: str | None
    target: str
    value: ast.expr | None = None


@dataclass
class Written:
    """A flow as it is written.

    Attributes:
        kind: The word of the flow language.
        items: Its steps, each with its name if it has one; of a switch, the steps of its cases.
        cases: Of a switch: the condition of each step.
        options: Keyword arguments that are no steps.
        post: What becomes of the results of branches; empty for nothing.
        separator: For ``join``.
        variables: What the source calls it, for references such as ``p.input``.
        edges: Of a graph.
    """

    kind: str
    items: list[tuple[str, ast.expr | Written]] = field(default_factory=list)
    cases: list[ast.expr] = field(default_factory=list)
    options: dict[str, ast.expr] = field(default_factory=dict)
    post: str = ""
    separator: str = ""
    variables: set[str] = field(default_factory=set)
    edges: list[EdgeWritten] = field(default_factory=list)
    arg_names: list[list[str] | None] = field(default_factory=list)

    def option(self, name: str, default: object = None) -> object:
        """Returns the value of an option that is plain data.

        Raises:
            Unreadable: It is computed.
        """
        if name not in self.options:
            return default
        try:
            return ast.literal_eval(self.options[name])
        except ValueError as error:
            raise Unreadable(f"{name} is computed") from error


class FlowReader:
    """Finds flows in the source of a module."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def flow(self, node: ast.expr, local: dict[str, Written] | None = None) -> Written | None:
        """Returns the flow that an expression makes or names; None where it is none.

        Raises:
            Unreadable: It is one, but can't be read.
        """
        if isinstance(node, ast.Name):
            return (local or {}).get(node.id) or self._named(node.id)
        if isinstance(node, ast.Attribute) and node.attr in POSTS:
            return self._with_post(self.flow(node.value, local), node.attr)
        if not isinstance(node, ast.Call):
            return None
        function = node.func
        if isinstance(function, ast.Attribute):
            if function.attr == "join":
                return self._joined(self.flow(function.value, local), node)
            if function.attr == "sequential" and self._names.flow_word(function.value) in FLOWS:
                return self._made(self._names.flow_word(function.value), node)
            if function.attr in ("start", "wait", "update", "update_server"):
                return self.flow(function.value, local)
        word = self._names.flow_word(function)
        if word in WRAPPERS:
            return self._wrapped(word, node, local)
        return self._made(word, node) if word in FLOWS else None

    def _wrapped(self, word: str, node: ast.Call, local: dict[str, Written] | None) -> Written | None:
        if len(node.args) == 1 or word != "ActionModule":
            return self.flow(node.args[0], local) if node.args else None
        return Written("pipeline", [("", item) for item in node.args])

    def _named(self, name: str) -> Written | None:
        statement = self._names.definition(name)
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            found = self.flow(statement.value)
        elif isinstance(statement, ast.With):
            found = self._opened(statement, {}).get(name)
        else:
            return None
        if found is not None:
            found.variables.add(name)
            if found.kind == "graph" and not found.edges:
                for call in self._names.touching(name):
                    self._edge(call, found)
        return found

    def _edge(self, call: ast.Call, made: Written) -> None:
        """Reads ``g.add_edge(...)`` and what else a graph is told after it was made."""
        method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        given = dict(zip(("first", "target", "formatter"), call.args, strict=False))
        names = {"origin": "first", "constant": "first", "arg_names": "first"}
        given |= {names.get(word.arg or "", word.arg or ""): word.value for word in call.keywords}
        try:
            if method == "set_node_arg_name":
                made.arg_names = list(ast.literal_eval(given["first"]))
                return
            targets = _listed(given["target"])
            if method == "add_const_edge":
                made.edges += [EdgeWritten(None, target, given["first"]) for target in targets]
                return
            change = given.get("formatter")
            made.edges += [
                EdgeWritten(origin, target, change)
                for origin in _listed(given["first"])
                for target in targets
            ]
        except (ValueError, KeyError, TypeError) as error:
            raise Unreadable(f"line {call.lineno} connects steps that are computed") from error

    def _made(self, word: str, node: ast.Call) -> Written:
        if any(isinstance(argument, ast.Starred) for argument in node.args):
            raise Unreadable("its steps are computed")
        if any(word.arg is None for word in node.keywords):
            raise Unreadable("its steps are computed")
        made = Written(word)
        named = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg is not None}
        made.options = {name: value for name, value in named.items() if name in _OPTIONS}
        steps = {name: value for name, value in named.items() if name not in _OPTIONS}
        args = list(node.args)
        if word == "switch":
            self._switch(made, args)
        elif word == "ifs":
            self._ifs(made, args, steps)
        else:
            if len(args) == 1 and isinstance(args[0], (ast.List, ast.Tuple)):
                args = list(args[0].elts)
            made.items = [*(("", item) for item in args), *steps.items()]
        return made

    def _ifs(self, made: Written, args: list[ast.expr], named: dict[str, ast.expr]) -> None:
        given = dict(zip(("cond", "true", "false"), args, strict=False)) | named
        if given.keys() != {"cond", "true", "false"}:
            raise Unreadable("it is no ifs(cond, true, false)")
        made.cases = [given["cond"]]
        made.items = [("true", given["true"]), ("false", given["false"])]

    def _switch(self, made: Written, args: list[ast.expr]) -> None:
        if len(args) == 1 and isinstance(args[0], ast.Dict):
            pairs = list(zip(args[0].keys, args[0].values, strict=True))
        elif len(args) % 2 == 0:
            pairs = list(zip(args[::2], args[1::2], strict=True))
        else:
            raise Unreadable("a condition has no step")
        for condition, step in pairs:
            if condition is None:
                raise Unreadable("its cases are computed")
            made.cases.append(condition)
            made.items.append(("", step))

    def _with_post(self, flow: Written | None, post: str) -> Written | None:
        if flow is None or flow.kind not in ("parallel", "diverter", "warp") or flow.post:
            return None
        flow.post = post
        return flow

    def _joined(self, flow: Written | None, node: ast.Call) -> Written | None:
        if flow is None or flow.post:
            return None
        try:
            flow.separator = str(ast.literal_eval(node.args[0])) if node.args else ""
        except ValueError as error:
            raise Unreadable("the separator is computed") from error
        flow.post = "join"
        return flow

    def _opened(self, statement: ast.With, local: dict[str, Written]) -> dict[str, Written]:
        """Reads ``with pipeline() as p:``; returns the flows by what they are called."""
        if len(statement.items) != 1 or statement.items[0].optional_vars is None:
            raise Unreadable("its `with` opens no flow under a name")
        made = self.flow(statement.items[0].context_expr)
        name = _dotted(statement.items[0].optional_vars)
        if made is None or not name:
            raise Unreadable("its `with` opens no flow under a name")
        made.variables |= {name, name.rpartition(".")[2]}
        found = dict.fromkeys(made.variables, made)
        for line in statement.body:
            self._line(line, made, {**local, **found}, found)
        return found

    def _line(
        self, line: ast.stmt, made: Written, local: dict[str, Written], found: dict[str, Written]
    ) -> None:
        if isinstance(line, ast.With):
            opened = self._opened(line, local)
            found.update(opened)
            target = _dotted(line.items[0].optional_vars) if line.items[0].optional_vars else ""
            owner, _, step = target.rpartition(".")
            if owner in made.variables:
                made.items.append((step, opened[target]))
        elif isinstance(line, ast.Assign) and len(line.targets) == 1:
            self._assigned(line, made, local, found)
        elif isinstance(line, ast.Expr):
            self._case(line.value, made)
        elif not isinstance(line, ast.Pass):
            raise Unreadable(f"line {line.lineno} stands among its steps")

    def _assigned(
        self, line: ast.Assign, made: Written, local: dict[str, Written], found: dict[str, Written]
    ) -> None:
        target = line.targets[0]
        if isinstance(target, ast.Attribute) and _dotted(target.value) in made.variables:
            flow = local.get(line.value.id) if isinstance(line.value, ast.Name) else None
            made.items.append((target.attr, flow or line.value))
            return
        flow = self.flow(line.value, local)
        if not isinstance(target, ast.Name) or flow is None:
            raise Unreadable(f"line {line.lineno} stands among its steps")
        flow.variables.add(target.id)
        found[target.id] = flow

    def _case(self, node: ast.expr, made: Written) -> None:
        """Reads ``s.case[condition, step]`` or ``s.case(condition, step)``; of a graph, an edge."""
        if isinstance(node, ast.Constant):
            return
        if made.kind == "graph" and isinstance(node, ast.Call):
            self._edge(node, made)
            return
        parts: list[ast.expr] = []
        place: ast.expr | None = None
        if isinstance(node, ast.Subscript):
            place = node.value
            if isinstance(node.slice, ast.Tuple):
                parts = node.slice.elts
            elif isinstance(node.slice, ast.Slice) and node.slice.lower and node.slice.upper:
                parts = [node.slice.lower, node.slice.upper]
        elif isinstance(node, ast.Call):
            place, parts = node.func, node.args
        is_case = isinstance(place, ast.Attribute) and place.attr == "case"
        if not is_case or len(parts) != 2 or made.kind != "switch":
            raise Unreadable(f"line {node.lineno} stands among its steps")
        made.cases.append(parts[0])
        made.items.append(("", parts[1]))


def _listed(node: ast.expr) -> list[str]:
    value = ast.literal_eval(node)
    found = list(value) if isinstance(value, (list, tuple)) else [value]
    if not all(isinstance(one, str) for one in found):
        raise ValueError("no name")
    return found


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""
