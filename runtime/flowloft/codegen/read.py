"""Python source as a flow document. The source is read as a tree and never run."""

from __future__ import annotations

import ast
from typing import Any, NoReturn

from flowloft.codegen.drawing import Drawing, Drawn, Output
from flowloft.codegen.handwritten import read_handwritten
from flowloft.core.errors import FlowError
from flowloft.core.findings import Finding
from flowloft.core.source import source_tree
from flowloft.core.spec import MAX_BYTES

METHODS = frozenset({"connect", "keeps", "layout", "requires"})


def read_source(source: str, findings: list[Finding] | None = None) -> dict[str, Any]:
    """Reads a flow that is written with :class:`Drawing`, such as an exported one, or with
    ``pipeline``, ``parallel`` and the like.

    Args:
        findings: Is added what of the source became a Function node, and what was left out.

    Returns:
        The flow document.

    Raises:
        FlowError: ``cannot_import``, with the line in ``extra["line"]``.
    """
    if len(source) > MAX_BYTES:
        raise FlowError(
            "The file is too big.", code="cannot_import", hint=f"At most {MAX_BYTES >> 20} MiB are read."
        )
    try:
        tree = source_tree(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise FlowError(
            f"This is no Python: {getattr(error, 'msg', None) or error}.",
            code="cannot_import",
            hint="Mend the line, or export the flow again.",
            extra={"line": getattr(error, "lineno", None)},
        ) from error
    if any(_begins_drawing(statement) for statement in tree.body):
        return _Reader().read(tree)
    document, found = read_handwritten(source, tree)
    if findings is not None:
        findings += found
    return document


class _Reader:
    def __init__(self) -> None:
        self._drawing: Drawing | None = None
        self._flow = ""
        self._names: dict[str, Drawn] = {}

    def read(self, tree: ast.Module) -> dict[str, Any]:
        """Reads a module."""
        for statement in tree.body:
            if not _is_frame(statement):
                self._statement(statement)
        assert self._drawing is not None  # noqa: S101 - it was seen before the reading began
        return self._drawing.document()

    def _statement(self, statement: ast.stmt) -> None:
        if isinstance(statement, ast.With):
            self._with(statement)
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            self._call(statement.value)
        elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            self._assign(statement.targets[0], statement.value)
        elif not isinstance(statement, ast.Pass):
            _refuse(statement)

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if not isinstance(target, ast.Name) or not isinstance(value, ast.Call):
            _refuse(target)
        if isinstance(value.func, ast.Name) and value.func.id == "Drawing" and self._drawing is None:
            self._drawing, self._flow = Drawing(), target.id
            return
        drawn = self._call(value)
        if drawn is None:
            _refuse(value)
        self._names[target.id] = drawn

    def _with(self, statement: ast.With) -> None:
        if len(statement.items) != 1:
            _refuse(statement)
        item = statement.items[0]
        opened = item.context_expr
        drawn = self._call(opened) if isinstance(opened, ast.Call) else self._value(opened)
        if not isinstance(drawn, Drawn):
            _refuse(opened)
        if item.optional_vars is not None:
            if not isinstance(item.optional_vars, ast.Name):
                _refuse(item.optional_vars)
            self._names[item.optional_vars.id] = drawn
        with drawn:
            for inner in statement.body:
                self._statement(inner)

    def _call(self, call: ast.Call) -> Drawn | None:
        """Draws what a call of the drawing says."""
        function = call.func
        if (
            self._drawing is None
            or not isinstance(function, ast.Attribute)
            or not isinstance(function.value, ast.Name)
            or function.value.id != self._flow
            or function.attr.startswith("_")
        ):
            _refuse(call)
        arguments = [self._value(argument) for argument in call.args]
        named = {word.arg: self._value(word.value) for word in call.keywords if word.arg is not None}
        if len(named) < len(call.keywords):
            _refuse(call)
        try:
            if function.attr in METHODS:
                getattr(self._drawing, function.attr)(*arguments, **named)
                return None
            kind = function.attr if function.attr != "node" else arguments.pop(0)
            if arguments:
                _refuse(call)
            return self._drawing.node(kind, **named)
        except FlowError as error:
            error.extra.setdefault("line", call.lineno)
            raise
        except (TypeError, ValueError, IndexError, AttributeError) as error:
            raise _refusal(call, str(error)) from error

    def _value(self, node: ast.expr) -> Any:
        """Returns a literal, or an output of a node that was drawn."""
        if isinstance(node, ast.Name) and node.id in self._names:
            return self._names[node.id]
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            return Output(self._node(node.value).node_id, node.attr)
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            port = self._value(node.slice)
            if not isinstance(port, str):
                _refuse(node)
            return Output(self._node(node.value).node_id, port)
        if isinstance(node, ast.List):
            return [self._value(item) for item in node.elts]
        if isinstance(node, ast.Dict):
            if any(key is None for key in node.keys):
                _refuse(node)
            keys = [ast.literal_eval(key) for key in node.keys if key is not None]
            return dict(zip(keys, (self._value(value) for value in node.values), strict=True))
        try:
            return ast.literal_eval(node)
        except (ValueError, TypeError, RecursionError, MemoryError) as error:
            raise _refusal(node, "only values and outputs of nodes can be given") from error

    def _node(self, name: ast.Name) -> Drawn:
        if name.id not in self._names:
            _refuse(name)
        return self._names[name.id]


def _begins_drawing(statement: ast.stmt) -> bool:
    made = statement.value if isinstance(statement, ast.Assign) else None
    return isinstance(made, ast.Call) and isinstance(made.func, ast.Name) and made.func.id == "Drawing"


def _is_frame(statement: ast.stmt) -> bool:
    """Says whether a statement belongs to the file and not to the flow: imports, docstring, main."""
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return True
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    return isinstance(statement, ast.If) and "__name__" in ast.dump(statement.test)


def _refuse(node: ast.AST) -> NoReturn:
    raise _refusal(node, "it is no part of a drawing")


def _refusal(node: ast.AST, why: str) -> FlowError:
    line = getattr(node, "lineno", None)
    return FlowError(
        f"Line {line} can't be read as part of a flow: {why}.",
        code="cannot_import",
        hint="Write nodes as calls of the drawing, with values and outputs as arguments.",
        extra={"line": line},
    )
