"""Function nodes out of pieces of a Python file: the code, what it needs, and its parameters."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from flowloft.codegen.canvas import Way
from flowloft.codegen.flow_reading import Unreadable
from flowloft.codegen.names import Names, free_names
from flowloft.core.source import source_tree

ENTRY = "run"
_PACKAGE = '''def package(*values):
    """Several values for the next step."""
    whole = len(values) == 1 and isinstance(values[0], (list, tuple))
    return list(values[0]) if whole else list(values)'''


@dataclass(frozen=True)
class Argument:
    """What a function is called with.

    Attributes:
        way: Where it comes from; None for what ``source`` says alone.
        source: An expression, with ``{}`` for the value that comes in.
        needs: A piece of the module that the expression is made of.
    """

    way: Way | None
    source: str = "{}"
    needs: ast.expr | None = None


class Callee:
    """A function as it is written.

    Args:
        node: The expression that gives it.
    """

    def __init__(self, names: Names, node: ast.expr) -> None:
        self._names = names
        self.node = node
        self.source = names.text(node)
        self.title = _title(node)
        self.definition: ast.FunctionDef | ast.Lambda | None = None
        if isinstance(node, ast.Lambda):
            self.definition = node
            self.source = f"({self.source})"
        elif isinstance(node, ast.Name):
            self._look_up(node.id)
        returned = [self._is_package(one) for one in _returned(self.definition)]
        if any(returned) and not all(returned):
            raise Unreadable("it returns several values in some cases only")
        self.packs = bool(returned) and all(returned)
        self.yields = _yields(self.definition)

    @property
    def parameters(self) -> list[str]:
        """Names of the parameters that take values by position."""
        if self.definition is None:
            return []
        return [one.arg for one in (*self.definition.args.posonlyargs, *self.definition.args.args)]

    @property
    def required(self) -> list[str]:
        """Those of them without a default."""
        defaults = len(self.definition.args.defaults) if self.definition is not None else 0
        return self.parameters[: len(self.parameters) - defaults]

    @property
    def gives_text(self) -> bool:
        """Whether the result is certainly a text."""
        definition = self.definition
        if isinstance(definition, ast.FunctionDef) and definition.returns is not None:
            return isinstance(definition.returns, ast.Name) and definition.returns.id == "str"
        texts = ("upper", "lower", "strip", "title", "capitalize", "replace")
        if isinstance(self.node, ast.Attribute):
            return (
                self.node.attr in texts
                and isinstance(self.node.value, ast.Name)
                and self.node.value.id == "str"
            )
        if isinstance(definition, ast.Lambda):
            body = definition.body
            return isinstance(body, ast.JoinedStr) or (
                isinstance(body, ast.Constant) and isinstance(body.value, str)
            )
        return False

    def _look_up(self, name: str) -> None:
        found = self._names.definition(name)
        if isinstance(found, ast.AsyncFunctionDef):
            raise Unreadable("it is asynchronous")
        if isinstance(found, ast.FunctionDef):
            self.definition = found
        elif isinstance(found, ast.ClassDef) and any(
            isinstance(line, ast.FunctionDef) and line.name == "__call__" for line in found.body
        ):
            self.source = f"{name}()"
        elif isinstance(found, ast.Assign) and isinstance(found.value, ast.Lambda):
            self.definition = found.value

    def _is_package(self, node: ast.expr | None) -> bool:
        return isinstance(node, ast.Call) and self._names.flow_word(node.func) == "package"


@dataclass(frozen=True)
class Code:
    """A Function node's settings and wires.

    Attributes:
        foreign: Packages that it needs and that Python does not bring.
    """

    code: str
    wires: list[tuple[str, Way]]
    foreign: list[str]


def code_of(
    names: Names,
    callee: Callee,
    arguments: list[Argument],
    named: dict[str, Argument],
    *,
    guard: Way | None = None,
    result: str = "{}",
) -> Code:
    """Writes the code of a step.

    Args:
        arguments: By position.
        named: By parameter.
        guard: A value that it waits for, besides its arguments.
        result: What is done with the result.
    """
    wires: dict[Way, str] = {}
    calls: list[str] = []
    plain = not callee.yields and result == "{}"
    for index, argument in enumerate(arguments):
        has_name = index < len(callee.parameters)
        wish = callee.parameters[index] if has_name else "value"
        calls.append(_filled(argument, wish, wires))
        plain = plain and argument.way is not None and has_name and calls[-1] == wish
    for name, argument in named.items():
        given = _filled(argument, name, wires)
        calls.append(f"{name}={given}")
        plain = plain and argument.way is not None and given == name
    if guard is not None and guard not in wires:
        wires[guard] = _unused("given", wires)
        plain = False
    if not wires:
        plain = plain and not calls
    pieces = [argument.needs for argument in (*arguments, *named.values()) if argument.needs is not None]
    body = _body(callee, plain, calls, result)
    own = callee.definition if isinstance(callee.definition, ast.FunctionDef) else None
    needed = names.needs(callee.node, *pieces)
    lines, foreign, bound = _needed(names, needed)
    functions = [one for one in needed if isinstance(one, ast.FunctionDef)]
    if (
        plain
        and own is not None
        and functions == [own]
        and _PACKAGE not in lines
        and not own.args.posonlyargs
        and not own.args.kwarg
    ):
        # The function stands for itself: its parameters are the inputs.
        return Code(_joined(lines), [(name, way) for way, name in wires.items()], foreign)
    if ENTRY in bound:
        lines, body = [_renamed(line) for line in lines], _renamed(body)
    lines.append(f"def {ENTRY}({', '.join(wires.values())}):\n    return {body}")
    return Code(_joined(lines), [(name, way) for way, name in wires.items()], foreign)


def _needed(names: Names, statements: list[ast.stmt]) -> tuple[list[str], list[str], set[str]]:
    lines: list[str] = []
    foreign: list[str] = []
    bound: set[str] = set()
    used = (
        set().union(
            *(free_names(one) for one in statements if not isinstance(one, (ast.Import, ast.ImportFrom)))
        )
        if statements
        else set()
    )
    for statement in statements:
        if isinstance(statement, ast.FunctionDef):
            bound.add(statement.name)
        if names.is_of_flows(statement) and isinstance(statement, ast.ImportFrom):
            rest = [one for one in statement.names if one.name not in ("package", "component_register")]
            if any(one.name == "package" for one in statement.names):
                lines.append(_PACKAGE)
            rest = [one for one in rest if (one.asname or one.name) in used]
            if rest:
                lines.append(ast.unparse(ast.ImportFrom(statement.module, rest, 0)))
                foreign.append("flowloft")
            continue
        lines.append(names.statement_text(statement))
        foreign += names.foreign(statement)
    return lines, sorted(set(foreign)), bound


def _body(callee: Callee, plain: bool, calls: list[str], result: str) -> str:
    definition = callee.definition
    stands = plain and calls == callee.parameters
    if (
        stands
        and isinstance(definition, ast.Lambda)
        and callee.node is definition
        and not definition.args.vararg
    ):
        # The lambda's own names are the parameters, so its body can stand for itself.
        return ast.unparse(definition.body)
    called = f"{callee.source}({', '.join(calls)})"
    if callee.yields:
        called = f"list({called})"
    return result.replace("{}", called)


def _filled(argument: Argument, wish: str, wires: dict[Way, str]) -> str:
    if argument.way is None:
        return argument.source
    if argument.way not in wires:
        wires[argument.way] = _unused(wish, wires)
    return argument.source.replace("{}", wires[argument.way])


def _unused(wish: str, wires: dict[Way, str]) -> str:
    name, number = wish, 2
    while name in wires.values():
        name, number = f"{wish}_{number}", number + 1
    return name


def _joined(lines: list[str]) -> str:
    imports = [line for line in lines if line.startswith(("import ", "from "))]
    others = [line for line in lines if line not in imports]
    head = "\n".join(imports)
    return "\n\n\n".join([*([head] if head else []), *others]) + "\n"


class _Renaming(ast.NodeTransformer):
    """Gives what the source calls ``run`` another name: that one is the node's own."""

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(f"{ENTRY}_", node.ctx) if node.id == ENTRY else node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        if node.name == ENTRY:
            node.name = f"{ENTRY}_"
        return self.generic_visit(node)


def _renamed(text: str) -> str:
    return ast.unparse(_Renaming().visit(source_tree(text)))


def _title(node: ast.expr) -> str:
    if isinstance(node, ast.Lambda):
        return ""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    return _title(node.func) if isinstance(node, ast.Call) else ""


def _own(definition: ast.FunctionDef) -> list[ast.AST]:
    """Returns the parts of a function without those of functions inside it."""
    found: list[ast.AST] = []
    todo: list[ast.AST] = list(definition.body)
    while todo:
        node = todo.pop()
        found.append(node)
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            todo += list(ast.iter_child_nodes(node))
    return found


def _returned(definition: ast.FunctionDef | ast.Lambda | None) -> list[ast.expr | None]:
    if isinstance(definition, ast.Lambda):
        return [definition.body]
    if isinstance(definition, ast.FunctionDef):
        return [node.value for node in _own(definition) if isinstance(node, ast.Return)]
    return []


def _yields(definition: ast.FunctionDef | ast.Lambda | None) -> bool:
    own = _own(definition) if isinstance(definition, ast.FunctionDef) else []
    return any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in own)
