"""The node kind of a component: its ports and its form, read off the signature."""

from __future__ import annotations

import inspect
import typing
from typing import Any

from pydantic import ConfigDict, Field, JsonValue, TypeAdapter, create_model
from pydantic.errors import PydanticSchemaGenerationError

from flowloft import launchers
from flowloft.components.component import Component
from flowloft.core.backend import BACKENDS
from flowloft.core.context import Context
from flowloft.core.errors import FlowError
from flowloft.core.fingerprint import fingerprint
from flowloft.core.node import Effect, Node

RUNS_ON = "runs_on"
_RESERVED = {RUNS_ON, "ctx", "self"}


class ComponentNode(Node):
    """A registered component on the canvas."""

    model_config = ConfigDict(protected_namespaces=())

    runs_on: str = Field(
        "",
        title="Runs on",
        description="Where it is run; empty for here.",
        json_schema_extra=lambda schema: schema.update(
            {"x-advanced": True, "x-widget": "select", "enum": ["", *BACKENDS.keys]}
        ),
    )


def kind_of(component: Component) -> type[Node]:
    """Makes the kind.

    Parameters without a default are inputs. Those with one are settings, so that they have a field
    in the form; where the default is not plain data, or the class has the name already, they are
    inputs that need not be connected.

    Raises:
        FlowError: ``invalid_component``: the signature cannot be shown as ports.
    """
    if inspect.iscoroutinefunction(component.function):
        raise _invalid(component, "it is asynchronous; the engine calls functions in threads")
    parameters = list(inspect.signature(component.function).parameters.values())
    hints = _hints(component)
    settings: dict[str, Any] = {}
    ports: list[inspect.Parameter] = []
    for parameter in parameters:
        if parameter.kind is parameter.VAR_KEYWORD:
            continue
        if parameter.name in _RESERVED or parameter.name.startswith("_"):
            raise _invalid(component, f"the name {parameter.name} is taken")
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise _invalid(component, f"{parameter.name} has no name for its caller")
        if not _is_setting(parameter, hints.get(parameter.name)):
            ports.append(parameter)
        else:
            title = parameter.name.replace("_", " ").capitalize()
            hint = hints.get(parameter.name, type(parameter.default))
            settings[parameter.name] = (hint, Field(parameter.default, title=title))
    made = create_model(component.name, __base__=ComponentNode, __module__=__name__, **settings)
    made.__doc__ = component.function.__doc__ or f"The component {component.key}."
    made.title = component.name.replace("_", " ").capitalize()
    made.group = component.group
    made.icon = "terminal-2" if component.command else "puzzle"
    made.run = _run(component, list(settings), ports, hints)  # type: ignore[method-assign]
    made.effect = _effect(component.effect)  # type: ignore[method-assign]
    made.code_mark = staticmethod(lambda: fingerprint(component.function))  # type: ignore[method-assign]
    return made


def _effect(effect: Effect) -> Any:
    def told(self: Node) -> Effect:
        return effect

    return told


def _run(
    component: Component, settings: list[str], ports: list[inspect.Parameter], hints: dict[str, Any]
) -> Any:
    """Makes the method whose signature says the ports."""

    def run(self: ComponentNode, ctx: Context, *items: Any, **named: Any) -> Any:
        preset = {name: getattr(self, name) for name in settings}
        launcher = launchers.find(self.runs_on) if self.runs_on else None
        return component(launcher=launcher).run(items, {**preset, **named}, ctx.check)

    gathering = [port for port in ports if port.kind is port.VAR_POSITIONAL]
    named = [port.replace(kind=port.KEYWORD_ONLY) for port in ports if port.kind is not port.VAR_POSITIONAL]
    own = [
        inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY),
        inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD),
    ]
    result = str if component.command else hints.get("return", Any)
    run.__signature__ = inspect.Signature([*own, *gathering, *named])  # type: ignore[attr-defined]
    run.__annotations__ = {
        "ctx": Context,
        **{port.name: hints.get(port.name, Any) for port in ports},
        "return": result,
    }
    return run


def _hints(component: Component) -> dict[str, Any]:
    try:
        return typing.get_type_hints(component.function, include_extras=True)
    except (NameError, TypeError) as error:
        raise _invalid(component, f"an annotation cannot be read: {error}") from error


def _is_setting(parameter: inspect.Parameter, hint: Any) -> bool:
    if parameter.default is parameter.empty or hasattr(ComponentNode, parameter.name):
        return False
    return _plain(hint, parameter.default)


def _plain(hint: Any, default: Any) -> bool:
    """Says whether a parameter can be a field of a form."""
    if default is None and hint is None:
        return False
    try:
        TypeAdapter(JsonValue).validate_python(default, strict=True)
        if hint is not None:
            TypeAdapter(hint).json_schema()
    except (ValueError, TypeError, PydanticSchemaGenerationError):
        return False
    return True


def _invalid(component: Component, why: str) -> FlowError:
    return FlowError(
        f"{component.key} cannot be a node: {why}.",
        code="invalid_component",
        hint="Write a plain function, whose parameters have names and types that can be found.",
    )
