"""What all modules share: being called, trained, served and evaluated, with the modules inside."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self

from flowloft.core.errors import FlowError
from flowloft.flow import Bind
from flowloft.modules.evaluation import AT_ONCE, Evaluation, evaluate
from flowloft.modules.tree import depth_first

_LOOK = 0.2
"""Seconds until a module that waits sees that it was stopped."""


class Module:
    """A part of an application. Called like a function, and so a step of any flow.

    A subclass says what it does by :meth:`forward`; one that can be trained or that serves says on
    what that depends (:meth:`training`, :meth:`serving`), so that an update leaves alone whatever
    has not changed.

    Args:
        name: What it is called in events and evaluations; the name of its class where empty.

    Example:
        >>> class Shout(Module):
        ...     def forward(self, text: str) -> str:
        ...         return text.upper()
        >>> Shout()("hello")
        'HELLO'
    """

    def __init__(self, *, name: str = "") -> None:
        self.__name__ = name or type(self).__name__
        self.eval_result: Evaluation | None = None
        """What the last :meth:`eval` found; None before the first."""
        self._rows: list[Any] | None = None
        self._at_once = AT_ONCE
        self._changing = threading.RLock()
        self._trained_on: Any = None
        self._served_as: Any = None

    @property
    def name(self) -> str:
        """What the module is called."""
        return self.__name__

    @property
    def is_running(self) -> bool:
        """Whether it serves just now."""
        return self._served_as is not None

    def forward(self, *args: Any, **named: Any) -> Any:
        """Does what the module is for."""
        raise NotImplementedError

    def __call__(self, *args: Any, **named: Any) -> Any:
        return self.forward(*args, **named)

    def bind(self, *args: Any, **named: Any) -> Bind:
        """Settles arguments of the module, for a flow; see :func:`flowloft.flow.bind`."""
        return Bind(self, *args, **named)

    def training(self) -> Any:
        """Returns what its training depends on, to compare by ``==``; None where there is none."""
        return None

    def train(self) -> None:
        """Trains it. Called by :meth:`update` when :meth:`training` has changed."""

    def serving(self) -> Any:
        """Returns what its service depends on, to compare by ``==``; None where there is none."""
        return None

    def open(self) -> None:
        """Starts its service, or starts it again as it is to be now.

        When it raises, it leaves nothing of a first start behind; what ran before is closed.
        """

    def close(self) -> None:
        """Ends its service and leaves nothing behind."""

    @property
    def modules(self) -> list[Module]:
        """The modules it is made of and itself, each once, after those that it needs."""
        return depth_first(self, Module)

    @property
    def submodules(self) -> list[Module]:
        """The modules it is made of, innermost first."""
        return self.modules[:-1]

    def update(self) -> Self:
        """Trains, serves and evaluates; what is as it was is not touched."""
        for module in self.modules:
            module._train()
        self.update_server()
        if self._to_evaluate():
            self.eval()
        return self

    def update_server(self) -> Self:
        """Starts each service that does not run, and starts again each that has changed.

        When one fails, it is stopped, and so are those that this call has started for the first
        time; the others go on.
        """
        begun: list[Module] = []
        try:
            for module in self.modules:
                if module._serve():
                    begun.append(module)
        except BaseException:
            for module in reversed(begun):
                module._stop()
            raise
        return self

    def start(self) -> Self:
        """Starts the services of all modules, innermost first; those that run are left alone."""
        return self.update_server()

    def wait(self) -> Self:
        """Waits until it is stopped, also by Ctrl+C, which stops it."""
        try:
            while self.is_running:
                time.sleep(_LOOK)
        except KeyboardInterrupt:
            self.stop()
        return self

    def stop(self) -> Self:
        """Stops the services of all modules, outermost first."""
        problems: list[Exception] = []
        for module in reversed(self.modules):
            try:
                module._stop()
            except Exception as error:  # noqa: BLE001 - the others must end as well; raised below
                problems.append(error)
        if problems:
            raise problems[0]
        return self

    def evalset(self, rows: Iterable[Any], *, at_once: int = AT_ONCE) -> Self:
        """Says what :meth:`eval` is to call the module with.

        Args:
            rows: One input each. A tuple is spread over the arguments, a dict over those by name.
            at_once: How many calls run side by side, at least 1.
        """
        self._rows, self._at_once = list(rows), max(1, at_once)
        return self

    def eval(self) -> Evaluation:
        """Calls every module that has an evalset with each of its rows.

        Returns:
            The rows of this module, in order, each with its result or its error. Those of the
            modules inside are their ``eval_result``.

        Raises:
            FlowError: ``no_evalset``: neither it nor a module inside has one.
        """
        chosen = self._to_evaluate()
        if not chosen:
            raise FlowError(
                f"There is nothing to evaluate {self.name} with.",
                code="no_evalset",
                hint="Give it rows first: module.evalset([...]).",
            )
        for module in chosen:
            module.eval_result = evaluate(module, module._rows or [], module._at_once)
        return self.eval_result if self.eval_result is not None else Evaluation(())

    def _to_evaluate(self) -> list[Module]:
        return [module for module in self.modules if module._rows is not None]

    def _train(self) -> None:
        with self._changing:
            wanted = self.training()
            if wanted is not None and wanted != self._trained_on:
                self.train()
                self._trained_on = wanted

    def _serve(self) -> bool:
        """Brings its service up to date; returns whether it did not run before."""
        with self._changing:
            wanted, before = self.serving(), self._served_as
            if wanted is None or wanted == before:
                return False
            self._served_as = None
            try:
                self.open()
            except BaseException:
                if before is not None:
                    self.close()
                raise
            self._served_as = wanted
            return before is None

    def _stop(self) -> None:
        with self._changing:
            if self._served_as is not None:
                self._served_as = None
                self.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<{self.name}{' running' if self.is_running else ''}>"
