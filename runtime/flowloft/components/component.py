"""A registered function or command, and a call of it that waits for its arguments."""

from __future__ import annotations

import inspect
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flowloft import launchers
from flowloft.core.commands import split_command
from flowloft.core.errors import FlowError, InputError
from flowloft.core.node import Effect
from flowloft.launchers import EMPTY, Launcher

MAX_ARGUMENTS = 96 * 1024
"""Bytes of JSON; the system hands over 128 KiB in one variable."""
ARGUMENTS = "FLOWLOFT_ARGUMENTS"


@dataclass(frozen=True, slots=True)
class Component:
    """What ``flowloft.<group>.<name>`` is. Calling it sets options; calling the result runs it.

    Attributes:
        group: Where it is registered.
        name: The function's name.
        function: The function itself; of a command, the one that returns its arguments.
        command: Whether the result of the function is a command to run.
        effect: What running it twice means; see ``Node.effect``.
        file: Where the function stands; empty where in no file.
    """

    group: str
    name: str
    function: Callable[..., Any]
    command: bool = False
    effect: Effect = "repeatable"
    file: str = ""

    @property
    def key(self) -> str:
        """``<group>.<name>`` in small letters: the key of its node kind."""
        return f"{self.group}.{self.name}".lower()

    def __call__(self, *, launcher: Launcher | None = None, **preset: Any) -> Call:
        """Returns what takes the arguments.

        Args:
            launcher: Where to run; None for the default one.
            preset: Arguments that are known already.
        """
        return Call(self, launcher or launchers.default(), preset)


class _Kept(str):
    """A text that stands for itself, except where it is put into another: there its token does."""

    token: str

    @classmethod
    def of(cls, value: str, token: str) -> _Kept:
        kept = cls(value)
        kept.token = token
        return kept

    def __format__(self, spec: str) -> str:
        return format(str(self), spec) if spec else self.token


@dataclass(frozen=True)
class Call:
    """A component with its launcher: an ordinary function, fit for every flow."""

    component: Component
    launcher: Launcher
    preset: dict[str, Any] = field(default_factory=dict)

    @property
    def __name__(self) -> str:
        return self.component.name

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Runs it; returns the function's result, or what the command wrote to stdout.

        Raises:
            FlowError: ``command_failed`` with exit code and end of stderr.
        """
        return self.run(arguments, {**self.preset, **named})

    def run(
        self,
        arguments: tuple[Any, ...],
        named: dict[str, Any],
        check: Callable[[], None] | None = None,
    ) -> Any:
        """Does the same, with a call that is made while it waits and may end it by raising."""
        component = self.component
        if component.command:
            argv = self._argv(arguments, named)
            return self.launcher.run(argv, name=_job_name(component), check=check).output.removesuffix("\n")
        if self.launcher.key == EMPTY:
            return component.function(*arguments, **named)
        return self._elsewhere(arguments, named, check)

    def _argv(self, arguments: tuple[Any, ...], named: dict[str, Any]) -> list[str]:
        made = self.component.function(*arguments, **named)
        try:
            return self._words(arguments, named) if isinstance(made, str) else split_command(made)
        except (TypeError, ValueError) as error:
            raise FlowError(
                f"{self.component.key} gave no command: {error}.",
                code="invalid_command",
                hint="Return a list of arguments, or a text with its quotes closed.",
            ) from error

    def _words(self, arguments: tuple[Any, ...], named: dict[str, Any]) -> list[str]:
        """Splits a text into arguments before what came in is filled in, so that each stays one argument."""
        kept: dict[str, str] = {}

        def keep(value: Any) -> Any:
            if not isinstance(value, str):
                return value
            token = f"\ue000{len(kept)}\ue001"
            kept[token] = value
            return _Kept.of(value, token)

        text = self.component.function(*map(keep, arguments), **{key: keep(named[key]) for key in named})
        words = split_command(text)
        return [re.sub("\ue000[0-9]+\ue001", lambda found: kept[found[0]], word) for word in words]

    def _elsewhere(
        self, arguments: tuple[Any, ...], named: dict[str, Any], check: Callable[[], None] | None
    ) -> Any:
        """Runs a function in a Python of its own; arguments and result travel as JSON."""
        component = self.component
        if not component.file:
            raise FlowError(
                f"{component.key} stands in no file, so no other process can find it.",
                code="component_not_in_file",
                hint="Put it into a file, or use launchers.empty.",
            )
        if os.environ.get(ARGUMENTS):
            raise FlowError(
                f"{component.key} is started while its file is being read for a job.",
                code="component_starts_itself",
                hint="Put what the file does when it is run under `if __name__ == '__main__':`.",
            )
        try:
            text = json.dumps([arguments, named], ensure_ascii=False, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise InputError(
                f"An argument of {component.key} is not plain data: {error}.",
                code="input_not_json",
                hint="Texts, numbers, lists and records can go to another machine.",
            ) from error
        if len(text.encode()) > MAX_ARGUMENTS:
            raise InputError(
                f"The arguments of {component.key} are larger than {MAX_ARGUMENTS >> 10} KiB.",
                code="input_too_large",
                hint="Put them into a file and hand over its path.",
            )
        module = "flowloft.components.call"
        argv = [self.launcher.interpreter(), "-m", module, component.file, component.group, component.name]
        done = self.launcher.run(argv, name=_job_name(component), env={ARGUMENTS: text}, check=check)
        # Where a place keeps one log, what the function printed stands before the result.
        return json.loads(done.output.splitlines()[-1])


def _job_name(component: Component) -> str:
    return component.key[:60]


def file_of(function: Callable[..., Any]) -> str:
    """Returns the file that a function stands in; empty for one that was typed in."""
    file = inspect.unwrap(function).__code__.co_filename if inspect.isfunction(function) else ""
    return os.path.abspath(file) if os.path.isfile(file) else ""
