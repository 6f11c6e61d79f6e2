"""Python code written in the browser."""

from __future__ import annotations

import ast
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from flowloft.core.context import Context
from flowloft.core.node import Node, Port, signature_of
from flowloft.core.source import source_tree
from flowloft.core.tool import schema_of
from flowloft.core.types import PortType
from flowloft.sandbox import Limits, run_function

_EXAMPLE = """def run(text):
    return text.upper()
"""


class FunctionInput(BaseModel):
    """One parameter of the function."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(
        title="Name", pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,59}$", description="As in the function."
    )


class Function(Node):
    """Runs a Python function on what comes in.

    The function is called `run`, or is the only one. Its parameters are the inputs; what it
    returns is the output: text, numbers, lists, records. It runs in a sandbox, with Python's own
    library, without network, files or secrets. What it prints goes to the log of the run.
    """

    title = "Function"
    group = "code"
    icon = "code"

    code: str = Field(
        _EXAMPLE,
        title="Code",
        max_length=200_000,
        description="A function called run; its parameters are the inputs.",
        json_schema_extra={"x-widget": "code", "x-language": "python"},
    )
    inputs: list[FunctionInput] = Field(
        [FunctionInput(name="text")],
        title="Inputs",
        max_length=50,
        description="One for each parameter of the function.",
        json_schema_extra={"x-inputs": "items"},
    )
    seconds: float = Field(
        30.0,
        title="Longest time",
        gt=0,
        le=3600,
        description="In seconds; then it is ended.",
        json_schema_extra={"x-advanced": True},
    )
    memory: int = Field(
        512,
        title="Memory",
        ge=64,
        le=65_536,
        description="In MiB; more than that ends it.",
        json_schema_extra={"x-advanced": True},
    )

    @field_validator("code")
    @classmethod
    def _code_reads(cls, code: str) -> str:
        _entry(code)
        return code

    @model_validator(mode="after")
    def _code_fits(self) -> Function:
        function = _entry(self.code)
        names = {item.name for item in self.inputs}
        if len(names) < len(self.inputs):
            raise ValueError("Two inputs have the same name")
        arguments = function.args
        taken = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
        needed = set(taken[: len(taken) - len(arguments.defaults)])
        needed |= {
            one.arg
            for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            if default is None
        }
        if arguments.posonlyargs:
            raise ValueError(f"{function.name} takes parameters without names; remove the / in its brackets")
        if needed - names:
            raise ValueError(f"{function.name} needs inputs that are not there: {_list(needed - names)}")
        known = {*taken, *(one.arg for one in arguments.kwonlyargs)}
        if arguments.kwarg is None and names - known:
            raise ValueError(f"{function.name} has no parameter for: {_list(names - known)}")
        return self

    def input_ports(self) -> list[Port]:
        """Returns a port for each parameter; anything may go in."""
        return [*signature_of(type(self)).inputs, *self._declared("x-inputs", PortType.ANY)]

    def about(self) -> str:
        """Returns what the function says of itself."""
        return ast.get_docstring(_entry(self.code)) or super().about()

    def parameters(self, ports: list[Port]) -> dict[str, Any]:
        """Reads types and defaults off the function; a parameter without an annotation takes anything."""
        arguments = _entry(self.code).args
        placed = [*arguments.posonlyargs, *arguments.args]
        every = [*placed, *arguments.kwonlyargs]
        defaults = [None] * (len(placed) - len(arguments.defaults))
        values = dict(zip(every, [*defaults, *arguments.defaults, *arguments.kw_defaults], strict=True))
        said = {one.arg: one.annotation for one in every}
        optional = {one.arg for one, value in values.items() if value is not None}
        found = schema_of(ports)
        for name, schema in found["properties"].items():
            schema.update(_annotated(said.get(name)))
        found["required"] = [name for name in found["required"] if name not in optional]
        return found

    def run(self, ctx: Context, **inputs: Any) -> Any:
        limits = Limits(seconds=self.seconds, cpu=max(1, round(self.seconds)), memory=self.memory << 20)
        result = run_function(self.code, _entry(self.code).name, inputs, limits=limits, check=ctx.check)
        if result.log.strip():
            ctx.log(result.log.rstrip())
        return result.value


def _entry(code: str) -> ast.FunctionDef:
    """Finds the function to call; reads the code and runs none of it."""
    try:
        tree = source_tree(code)
    except SyntaxError as error:
        raise ValueError(f"line {error.lineno}: {error.msg}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"this is no Python code: {error}") from error
    functions = {part.name: part for part in tree.body if isinstance(part, ast.FunctionDef)}
    if "run" in functions:
        return functions["run"]
    if len(functions) != 1:
        raise ValueError("the code needs a function called run")
    return next(iter(functions.values()))


_TYPES = {
    "str": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "list": "array",
    "dict": "object",
}


def _annotated(annotation: ast.expr | None) -> dict[str, Any]:
    """Returns the JSON Schema of an annotation that is plain; else one that takes anything."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        annotation = (
            ast.parse(annotation.value, mode="eval").body if annotation.value.isidentifier() else None
        )
    if isinstance(annotation, ast.Subscript) and isinstance(annotation.value, ast.Name):
        inside = annotation.slice
        if annotation.value.id == "Literal":
            choices = inside.elts if isinstance(inside, ast.Tuple) else [inside]
            values = [one.value for one in choices if isinstance(one, ast.Constant)]
            return {"enum": values} if all(isinstance(one, str | int) for one in values) and values else {}
        if annotation.value.id == "list":
            return {"type": "array", "items": _annotated(inside)}
        annotation = annotation.value
    known = isinstance(annotation, ast.Name) and annotation.id in _TYPES
    return {"type": _TYPES[annotation.id]} if known and isinstance(annotation, ast.Name) else {}


def _list(names: set[str]) -> str:
    return ", ".join(sorted(names))
