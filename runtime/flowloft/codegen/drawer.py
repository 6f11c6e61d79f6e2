"""Draws the steps of a flow in Python: functions, models, bound ones, and what has no drawing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flowloft.codegen.canvas import Canvas, End, Scope, Value, Way
from flowloft.codegen.flow_reading import FlowReader, Unreadable, Written
from flowloft.codegen.forms import FORMS, one
from flowloft.codegen.functions import Argument, Callee, Code, code_of
from flowloft.codegen.model_steps import ModelStep, PlainStep, model_step, plain_step
from flowloft.codegen.names import Names, free_names
from flowloft.core.findings import Finding
from flowloft.core.node import placeholders


class Again(Exception):  # noqa: N818 - not an error
    """A piece turned out to have no drawing: begin again, with it as one Function node."""

    def __init__(self, piece: int, why: str) -> None:
        super().__init__(why)
        self.piece, self.why = piece, why


@dataclass
class Opened:
    """A pipeline that is being drawn, for references to it."""

    written: Written
    given: Value
    outputs: dict[str, Value] = field(default_factory=dict)


class Drawer:
    """Draws one flow.

    Args:
        opaque: Pieces of the tree that become one Function node, with the reason.
    """

    def __init__(self, names: Names, opaque: dict[int, str]) -> None:
        self.names = names
        self._opaque = opaque
        self.reader = FlowReader(names)
        self.canvas = Canvas()
        self._findings: list[Finding] = []
        self._opened: list[Opened] = []
        self.forked = False

    def draw(self, main: ast.expr) -> tuple[dict[str, Any], list[Finding]]:
        """Draws the whole document."""
        root = self.canvas.root
        ways: list[Way] = []
        for name in self._inputs(main):
            node_id = self.canvas.node(root, "input", {"name": name, "type": "any"}, name, [])
            ways.append((End(root, node_id, "output"),))
        result = self.step(main, Value(tuple(ways)), root, "")
        self.canvas.node(root, "output", {"name": "result"}, "result", [("value", one(self, result, root))])
        return self.canvas.document(), self._findings

    def _inputs(self, main: ast.expr) -> list[str]:
        try:
            found = self._asks(main)
        except Unreadable:
            found = []
        return found if len(found) > 1 else ["text"]

    def _asks(self, step: ast.expr | Written) -> list[str]:
        """Returns names for what a step is called with, where it takes several values."""
        if not isinstance(step, Written):
            flow = self.reader.flow(step)
            if flow is None:
                return [] if self.bound(step) else Callee(self.names, step).required
            step = flow
        if step.kind == "diverter":
            return [name or f"value_{index}" for index, (name, _) in enumerate(step.items, 1)]
        if step.kind == "graph":
            firsts = [edge.target for edge in step.edges if edge.origin == "__start__"]
            return self._asks(dict(step.items)[firsts[0]]) if firsts and firsts[0] in dict(step.items) else []
        if step.kind in ("pipeline", "loop"):
            return self._asks(step.items[0][1]) if step.items else []
        if step.kind in ("parallel", "ifs", "switch"):
            return max((self._asks(item) for _, item in step.items), key=len, default=[])
        return []

    def step(self, step: ast.expr | Written, value: Value, scope: Scope, name: str) -> Value:
        """Draws a step; returns its result."""
        if isinstance(step, Written):
            return self.flow(step, value, scope, name)
        if id(step) in self._opaque or self._key(step) in self._opaque:
            return self._whole(step, value, scope, name)
        try:
            return self._drawn(step, value, scope, name)
        except Unreadable as error:
            inner = {one for opened in self._opened for one in opened.written.variables}
            if free_names(step) & inner:
                raise  # it refers to the flow around: that one has no drawing either
            raise Again(self._key(step), error.why) from error

    def _key(self, step: ast.expr) -> int:
        if isinstance(step, ast.Name):
            found = self.names.definition(step.id)
            return id(found) if found is not None else hash(step.id)
        return id(step)

    def _drawn(self, step: ast.expr, value: Value, scope: Scope, name: str) -> Value:
        flow = self.reader.flow(step)
        if flow is not None:
            return self.flow(flow, value, scope, name or _name_of(step))
        bound = self.bound(step)
        if bound is not None:
            return self._bind(bound, value, scope, name)
        found = self._behind(step)
        model = model_step(self.names, found)
        if model is not None:
            return self._model(model, value, scope, name or _name_of(step), found.lineno)
        plain = plain_step(self.names, found)
        if plain is not None:
            return self._plain(plain, value, scope, name or _name_of(step), found.lineno)
        return self._call(Callee(self.names, step), value, scope, name)

    def _behind(self, step: ast.expr) -> ast.expr:
        """Returns what a name was given, where that is a model or another module."""
        if isinstance(step, ast.Name):
            found = self.names.definition(step.id)
            if isinstance(found, ast.Assign) and (
                model_step(self.names, found.value) or plain_step(self.names, found.value)
            ):
                return found.value
        return step

    def _call(self, callee: Callee, value: Value, scope: Scope, name: str) -> Value:
        arguments = [Argument(way, "*{}" if value.spread else "{}") for way in value.ways]
        return self._function(callee, arguments, {}, value, scope, name)

    def _function(
        self,
        callee: Callee,
        arguments: list[Argument],
        named: dict[str, Argument],
        value: Value,
        scope: Scope,
        name: str,
    ) -> Value:
        ways = {one.way for one in (*arguments, *named.values()) if one.way is not None}
        # On a branch that is not taken it must not run, whatever its arguments are.
        waits = not ways or (self.forked and not ways & set(value.ways))
        guard = value.ways[0] if waits else None
        code = code_of(self.names, callee, arguments, named, guard=guard)
        way = self.placed(code, scope, name or callee.title or "step", callee.node)
        return Value((way,), spread=callee.packs, text=callee.gives_text)

    def placed(self, code: Code, scope: Scope, name: str, node: ast.AST | None) -> Way:
        settings: dict[str, Any] = {"code": code.code, "inputs": [{"name": port} for port, _ in code.wires]}
        title = name.replace("_", " ").strip().capitalize()
        node_id = self.canvas.node(scope, "function", settings, name, code.wires, title=title)
        if node is not None:
            self.tell(code, node_id, title, getattr(node, "lineno", None))
        return (End(scope, node_id, "output"),)

    def tell(self, code: Code, node_id: str, title: str, line: int | None) -> None:
        where = f" (line {line})" if line else ""
        if code.foreign:
            self._findings.append(
                Finding(
                    level="warning",
                    code="needs_packages",
                    node_id=node_id,
                    message=f"“{title}”{where} needs {', '.join(code.foreign)}, which no sandbox has.",
                    hint="Write it with Python's own library, or register it as a component.",
                )
            )
        else:
            self._findings.append(
                Finding(
                    level="info",
                    code="became_function",
                    node_id=node_id,
                    message=f"“{title}”{where} became a Function node; its code runs in the sandbox.",
                    hint="Values go in and come out as JSON.",
                )
            )

    def _whole(self, step: ast.expr, value: Value, scope: Scope, name: str) -> Value:
        """Draws a piece that can't be taken apart as one Function node with exactly its code."""
        why = self._opaque.get(id(step)) or self._opaque.get(self._key(step), "")
        callee = _Opaque(self.names, step)
        arguments = [Argument(way, "*{}" if value.spread else "{}") for way in value.ways]
        code = code_of(self.names, callee, arguments, {}, guard=None)
        way = self.placed(code, scope, name or callee.title or "code", None)
        self._findings.append(
            Finding(
                level="warning",
                code="not_drawn",
                node_id=way[0].node_id,
                message=f"A piece of the source has no drawing, because {why}; it became one Function node.",
                hint="Its code is as it was written. It runs in the sandbox, where only Python's own "
                "library is: take it apart on the canvas, or register it as a component.",
            )
        )
        return Value((way,))

    def _model(self, model: ModelStep, value: Value, scope: Scope, name: str, line: int) -> Value:
        way = value.single
        if way is None:
            raise Unreadable("a model is asked with several values")
        wires: list[tuple[str, Way]] = []
        settings = {**model.settings, "system": model.system}
        if placeholders(model.system):
            wires = [("system", self._filled(model.system, way, scope, f"{name or 'model'}_system"))]
            del settings["system"]
        said = self._filled(model.user, way, scope, f"{name or 'model'}_prompt") if model.user else way
        title = name.replace("_", " ").capitalize()
        wires = [("messages", said), *wires]
        node_id = self.canvas.node(scope, model.kind, settings, name or model.kind, wires, title=title)
        self._lose(model.lost, node_id, line)
        return Value(((End(scope, node_id, "output"),),), text=True)

    def _plain(self, step: PlainStep, value: Value, scope: Scope, name: str, line: int) -> Value:
        way = value.single
        if way is None:
            raise Unreadable("a module is called with several values")
        title = name.replace("_", " ").capitalize()
        wires = [(step.port, way)]
        node_id = self.canvas.node(scope, step.kind, step.settings, name or step.kind, wires, title=title)
        self._lose(step.lost, node_id, line)
        return Value(((End(scope, node_id, "output"),),))

    def _lose(self, lost: list[str], node_id: str, line: int) -> None:
        self._findings += [
            Finding(
                level="warning",
                code="not_taken_over",
                node_id=node_id,
                message=f"{what} in line {line} was not taken over.",
                hint="Choose the model and its connection on the canvas; keys belong to Settings.",
            )
            for what in lost
        ]

    def _filled(self, template: str, way: Way, scope: Scope, name: str) -> Way:
        """Draws a prompt; what is no ``{input}`` is taken out of a record by name."""
        wires = []
        for port in placeholders(template):
            code = Code(f"def run(value):\n    return value[{port!r}]\n", [("value", way)], [])
            wires.append((port, way if port == "input" else self.placed(code, scope, port, None)))
        node_id = self.canvas.node(scope, "prompt", {"template": template}, name, wires)
        return (End(scope, node_id, "output"),)

    def flow(self, flow: Written, value: Value, scope: Scope, name: str) -> Value:
        """Draws a flow; returns its result."""
        result = FORMS[flow.kind](self, flow, value, scope, name)
        if "post_action" in flow.options:
            self.step(flow.options["post_action"], result, scope, f"{name or flow.kind}_afterwards")
        return result

    @contextmanager
    def opening(self, flow: Written, value: Value) -> Iterator[Opened]:
        """Draws inside a pipeline, whose input and outputs may be referred to."""
        opened = Opened(flow, value)
        self._opened.append(opened)
        try:
            yield opened
        finally:
            self._opened.pop()

    def bound(self, step: ast.expr) -> ast.Call | None:
        """Returns ``bind(f, ...)`` in any of its forms; None where it is something else."""
        if isinstance(step, ast.BinOp) and isinstance(step.op, ast.BitOr):
            right = self.bound(step.right)
            if right is not None:
                return ast.copy_location(ast.Call(right.func, [step.left, *right.args], right.keywords), step)
        if not isinstance(step, ast.Call):
            return None
        if self.names.flow_word(step.func) == "bind":
            return step
        if isinstance(step.func, ast.Attribute) and step.func.attr == "bind":
            return ast.copy_location(ast.Call(step.func, [step.func.value, *step.args], step.keywords), step)
        return None

    def _bind(self, bound: ast.Call, value: Value, scope: Scope, name: str) -> Value:
        if not bound.args or any(isinstance(one, ast.Starred) for one in bound.args):
            raise Unreadable("what it binds is computed")
        target, *given = bound.args
        arguments = [one for node in given for one in self._argument(node, value)]
        if not given:
            arguments = [Argument(way, "*{}" if value.spread else "{}") for way in value.ways]
        named: dict[str, Argument] = {}
        for keyword in bound.keywords:
            found = self._argument(keyword.value, value)
            if keyword.arg is None or len(found) != 1:
                raise Unreadable("what it binds is computed")
            named[keyword.arg] = found[0]
        flow = self.reader.flow(target)
        if (
            flow is None
            and self.bound(target) is None
            and model_step(self.names, self._behind(target)) is None
        ):
            return self._function(Callee(self.names, target), arguments, named, value, scope, name)
        if named or not arguments or any(one.way is None or one.source != "{}" for one in arguments):
            raise Unreadable("a flow is bound to more than values of other steps")
        ways = tuple(one.way for one in arguments if one.way is not None)
        return self.step(target, Value(ways), scope, name)

    def called(
        self,
        step: ast.expr | Written,
        arguments: list[Value | ast.expr],
        names: list[str] | None,
        guard: Value,
        scope: Scope,
        name: str,
    ) -> Value:
        """Draws a step of a graph, with what its edges bring: values, and constants as they are written."""
        values = [one for one in arguments if isinstance(one, Value)]
        plain = len(values) == len(arguments) and not names
        if plain and len(values) == 1:
            return self.step(step, values[0], scope, name)
        if plain and values:
            if any(one.spread for one in values):
                raise Unreadable("how many values an edge brings is not known before it runs")
            return self.step(step, Value(tuple(way for one in values for way in one.ways)), scope, name)
        if isinstance(step, Written) or self.reader.flow(step) or self.bound(step) or not arguments:
            raise Unreadable("a flow in it is given constants or names, or a step nothing")
        found: list[Argument] = []
        for given in arguments:
            if not isinstance(given, Value):
                found.append(Argument(None, self.names.text(given), given))
            elif given.spread:
                raise Unreadable("how many values an edge brings is not known before it runs")
            else:
                found += [Argument(way) for way in given.ways]
        named = dict(zip(names or [], found, strict=False))
        first = values[0] if values else guard
        return self._function(Callee(self.names, step), [] if names else found, named, first, scope, name)

    def _argument(self, node: ast.expr, value: Value) -> list[Argument]:
        """Returns what an argument of bind stands for: a value that comes in, or an expression."""
        placeholder = self.names.flow_word(node)
        if placeholder.startswith("_") and placeholder[1:].isdigit():
            index = int(placeholder[1:])
            if value.spread or index >= len(value.ways):
                raise Unreadable(f"which value {placeholder} is, is not known before it runs")
            return [Argument(value.ways[index])]
        part = self._part(node)
        if part is not None:
            return [part]
        found = self._reference(node)
        if found is None:
            inner_names = {one for opened in self._opened for one in opened.written.variables}
            if free_names(node) & inner_names:
                raise Unreadable("it refers to a flow in a way that is not known before it runs")
            return [Argument(None, self.names.text(node), node)]
        if found.spread:
            return [Argument(found.ways[0], "*{}" if self._unpacks(node) else "{}")]
        if len(found.ways) > 1 and not self._unpacks(node):
            raise Unreadable("several values are bound as one")
        return [Argument(way) for way in found.ways]

    def _part(self, node: ast.expr) -> Argument | None:
        """Reads ``p.input["key"]`` or ``p.output("f").attribute``."""
        if isinstance(node, ast.Subscript):
            owner, taken = node.value, f"[{self.names.text(node.slice)}]"
        elif isinstance(node, ast.Attribute) and isinstance(node.value, (ast.Attribute, ast.Call)):
            owner, taken = node.value, f".{node.attr}"
        else:
            return None
        found = self._reference(owner)
        return Argument(found.single, f"{{}}{taken}") if found is not None and found.single else None

    def _unpacks(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Call) and any(one.arg == "unpack" for one in node.keywords)

    def _reference(self, node: ast.expr) -> Value | None:
        """Returns what ``p.input``, ``p.output("f")`` or ``p.f`` stands for; None for anything else."""
        called = node.func if isinstance(node, ast.Call) else node
        if not isinstance(called, ast.Attribute):
            return None
        owner = self.names.text(called.value)
        opened = next((one for one in reversed(self._opened) if owner in one.written.variables), None)
        if opened is None:
            return None
        if called.attr == "input" and called is node:
            return opened.given
        if called.attr == "output" and isinstance(node, ast.Call) and node.args:
            key = node.args[0]
            step = key.value if isinstance(key, ast.Constant) else self.names.text(key).rpartition(".")[2]
        else:
            step = called.attr if called is node else None
        if step not in opened.outputs:
            raise Unreadable("it refers to something that no step before it gives")
        return opened.outputs[step]


class _Opaque(Callee):
    """A piece of code that is called as it stands."""

    def __init__(self, names: Names, node: ast.expr) -> None:
        self._names = names
        self.node = node
        self.source = names.text(node) if isinstance(node, ast.Name) else f"({names.text(node)})"
        self.title = _name_of(node)
        self.definition = None
        self.packs = self.yields = False


def _name_of(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    return ""
