"""The register of components by group. One a process, as there is one catalogue."""

from __future__ import annotations

import importlib.util
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from flowloft.components.component import Component, file_of
from flowloft.components.kind import kind_of
from flowloft.core.errors import FlowError
from flowloft.core.node import Effect
from flowloft.core.registry import KINDS

F = TypeVar("F", bound=Callable[..., Any])
_GROUP = re.compile(r"^[a-z][a-z0-9_]{0,39}$")
_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_]{0,38}$")


class Group:
    """The components of a group as attributes: ``flowloft.demo.test``."""

    def __init__(self, name: str, members: dict[str, Component]) -> None:
        self._name = name
        self._members = members

    def __getattr__(self, name: str) -> Component:
        try:
            return self._members[name]
        except KeyError:
            raise AttributeError(
                f"the group {self._name!r} has no component {name!r}; it has: "
                f"{', '.join(sorted(self._members)) or 'none'}"
            ) from None

    def __dir__(self) -> list[str]:
        return sorted(self._members)


class ComponentRegister:
    """Registers functions and commands.

    Example:
        >>> component_register.new_group("doc_example")
        >>> @component_register("doc_example")
        ... def shout(text):
        ...     return text.upper()
        >>> component_register.group("doc_example").shout()("hello")
        'HELLO'
    """

    def __init__(self) -> None:
        self._groups: dict[str, dict[str, Component]] = {}
        self._lock = threading.RLock()
        self._staged: list[Component] | None = None

    def new_group(self, name: str) -> None:
        """Makes a group; nothing happens where it is there already.

        Raises:
            FlowError: ``invalid_name``, or ``name_taken`` by a part of Flowloft.
        """
        if not _GROUP.match(name):
            raise FlowError(
                f"“{name}” is no name for a group.",
                code="invalid_name",
                hint="Small letters, digits and _, at most 40, a letter first.",
            )
        if (
            name in sys.modules["flowloft"].__all__
            or importlib.util.find_spec(f"flowloft.{name}") is not None
        ):
            raise FlowError(
                f"“{name}” is a part of Flowloft itself.",
                code="name_taken",
                hint="Choose another name for the group.",
            )
        with self._lock:
            self._groups.setdefault(name, {})

    def __call__(
        self, group: str, *, name: str | None = None, effect: Effect = "repeatable"
    ) -> Callable[[F], F]:
        """Returns a decorator that registers a function and leaves it as it is.

        Args:
            group: Made before by :meth:`new_group`.
            name: Another name than the function's.
            effect: What running it twice means: ``none``, ``repeatable`` or ``once``.
        """
        return self._decorator(group, name, effect, command=False)

    def cmd(self, group: str, *, name: str | None = None, effect: Effect = "repeatable") -> Callable[[F], F]:
        """As calling the register, for a function that returns a command: a list of arguments, or
        a text that is split as a shell would. No shell ever reads it. A text that comes in stays one
        argument, whatever is in it; the function is called twice for that, and only returns."""
        return self._decorator(group, name, effect, command=True)

    def group(self, name: str) -> Group:
        """Returns a group, whose attributes are its components.

        Raises:
            FlowError: ``unknown_group``.
        """
        return Group(name, self._members(name))

    def groups(self) -> list[str]:
        """Returns the names of all groups."""
        return sorted(self._groups)

    def components(self) -> list[Component]:
        """Returns all components, by group and name."""
        with self._lock:
            return [group[name] for _, group in sorted(self._groups.items()) for name in sorted(group)]

    def find(self, group: str, name: str) -> Component:
        """Returns one component.

        Raises:
            FlowError: ``unknown_group`` or ``unknown_component``.
        """
        members = self._members(group)
        if name not in members:
            raise FlowError(
                f"The group “{group}” has no component “{name}”.",
                code="unknown_component",
                hint=f"It has: {', '.join(sorted(members)) or 'none'}.",
            )
        return members[name]

    def remove(self, component: Component) -> None:
        """Takes a component and its node kind back."""
        with self._lock:
            if self._groups.get(component.group, {}).get(component.name) == component:
                del self._groups[component.group][component.name]
                KINDS.unregister(component.key)

    @contextmanager
    def replacing(self, old: list[Component]) -> Iterator[list[Component]]:
        """Gathers what is registered inside, and puts it in the place of ``old`` at the end.

        Where something is raised inside, everything stays as it was.
        """
        with self._lock:
            staged: list[Component] = []
            self._staged = staged
            try:
                yield staged
            finally:
                self._staged = None
            for component in old:
                self.remove(component)
            added: list[Component] = []
            try:
                for component in staged:
                    self._add(component)
                    added.append(component)
            except BaseException:
                for component in added:
                    self.remove(component)
                for component in old:
                    self._add(component)
                raise

    def _decorator(self, group: str, name: str | None, effect: Effect, *, command: bool) -> Callable[[F], F]:
        self._members(group)

        def register(function: F) -> F:
            called = str(name or getattr(function, "__name__", ""))
            if not _NAME.match(called):
                raise FlowError(
                    f"“{called}” is no name for a component.",
                    code="invalid_name",
                    hint="Letters, digits and _, at most 39, a letter first. Give one with name=.",
                )
            component = Component(group, called, function, command, effect, file_of(function))
            with self._lock:
                if self._staged is not None:
                    self._staged.append(component)
                else:
                    self._add(component)
            return function

        return register

    def _add(self, component: Component) -> None:
        members = self._members(component.group)
        there = members.get(component.name)
        if there is not None:
            if (there.file, there.command) != (component.file, component.command):
                raise FlowError(
                    f"There is already a component {component.key}, from {there.file or 'elsewhere'}.",
                    code="name_taken",
                    hint="Give one of the two another name.",
                )
            self.remove(there)
        KINDS.register(component.key, kind_of(component))
        members[component.name] = component

    def _members(self, group: str) -> dict[str, Component]:
        if group not in self._groups:
            raise FlowError(
                f"There is no group “{group}”.",
                code="unknown_group",
                hint=f"Make it first with component_register.new_group({group!r}).",
            )
        return self._groups[group]


component_register = ComponentRegister()
