"""Plug-ins are files in a folder; the key is the file's name. No list names them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import cached_property
from typing import Generic, TypeVar

from flowloft.core.errors import FlowError
from flowloft.core.node import Node

T = TypeVar("T")


class Family(Generic[T]):
    """All plug-ins of one kind.

    Args:
        package: Dotted name of the folder, for instance ``flowloft.nodes``.
        base: The class that each file has exactly one public subclass of.
        noun: What a member is called in messages.
    """

    def __init__(self, package: str, base: type[T], noun: str) -> None:
        self.package = package
        self.base = base
        self.noun = noun
        self._loaded: dict[str, type[T]] = {}

    @property
    def keys(self) -> list[str]:
        """The names of the members, sorted; reads the folder and imports none of them."""
        return sorted({*self._files, *self._loaded})

    @cached_property
    def _files(self) -> frozenset[str]:
        path = importlib.import_module(self.package).__path__
        names = (found.name for found in pkgutil.iter_modules(path))
        return frozenset(name for name in names if not name.startswith("_"))

    def __contains__(self, key: object) -> bool:
        return key in self._loaded or key in self._files

    def register(self, key: str, member: type[T]) -> None:
        """Adds a member that has no file in the folder, such as a person's own component.

        Raises:
            FlowError: ``name_taken``: a file or an earlier member has this key.
        """
        if self._loaded.get(key, member) is not member or key in self._files:
            raise FlowError(
                f"There is already a {self.noun} called “{key}”.",
                code="name_taken",
                hint="Choose another name, or take the other one away first.",
            )
        self._loaded[key] = member

    def unregister(self, key: str) -> None:
        """Takes back what :meth:`register` added."""
        self._loaded.pop(key, None)

    def get(self, key: str) -> type[T]:
        """Returns the member's class.

        Raises:
            FlowError: ``unknown_<noun>``; the hint lists what there is.
        """
        if key in self._loaded:
            return self._loaded[key]
        if key not in self._files:
            raise FlowError(
                f"There is no {self.noun} called “{key}”.",
                code=f"unknown_{self.noun.replace(' ', '_')}",
                hint=f"There are: {', '.join(self.keys)}.",
            )
        name = f"{self.package}.{key}"
        module = importlib.import_module(name)
        members = [
            member
            for member in vars(module).values()
            if inspect.isclass(member)
            and issubclass(member, self.base)
            and member.__module__ == name
            and not member.__name__.startswith("_")
        ]
        if len(members) != 1:
            raise TypeError(f"{name} must hold one public {self.base.__name__}, not {len(members)}")
        self._loaded[key] = members[0]
        return members[0]

    def all(self) -> dict[str, type[T]]:
        """Returns every member by key; imports them all."""
        return {key: self.get(key) for key in self.keys}


KINDS: Family[Node] = Family("flowloft.nodes", Node, "kind")
