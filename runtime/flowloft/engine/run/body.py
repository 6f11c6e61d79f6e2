"""The inside of a container, as a callable that the container's node is handed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from flowloft.core.context import CancelToken
from flowloft.core.errors import Cancelled, FlowloftError, Paused
from flowloft.engine.run.grace import GRACE
from flowloft.engine.run.shared import AT_ONCE

if TYPE_CHECKING:
    from flowloft.core.plan import Graph
    from flowloft.engine.run.frame import Frame


class GraphBody:
    """Runs a graph once a round, in frames below the one its container stands in.

    Args:
        outer: The frame of the container.
        name: The container's node id; rounds are told under ``name[index]``.
        token: Cancels the container's try.
    """

    __slots__ = ("_graph", "_name", "_node_id", "_outer", "_spare", "_token")

    def __init__(self, outer: Frame, graph: Graph, name: str, token: CancelToken) -> None:
        self._outer = outer
        self._graph = graph
        self._node_id = name
        self._name = f"{outer.path}/{name}" if outer.path else name
        self._token = token
        self._spare: list[Frame] = []

    def __call__(
        self, index: int, inputs: dict[str, Any], token: CancelToken | None = None
    ) -> dict[str, Any]:
        """Runs one round, under another token than the container's if need be."""
        token = self._token if token is None else token
        path = f"{self._name}[{index}]"
        spare = self._spare
        try:
            # A loop of many short rounds would spend its time making frames.
            frame = spare.pop()
        except IndexError:
            frame = self._outer.below(self._graph, path, inputs, token)
        else:
            frame.begin(path, inputs, token)
        if self._graph.serial:
            outputs = frame.execute()
            spare.append(frame)
            return outputs
        try:
            return frame.execute()
        finally:
            frame.leave()

    def give_up(self) -> None:
        """Lets nothing be heard any more of rounds that still run."""
        self._outer.close_below(self._node_id)

    def close(self) -> None:
        """Lets go of what was kept for further rounds."""
        for frame in self._spare:
            frame.leave()
        self._spare.clear()

    def each(
        self,
        rounds: Sequence[dict[str, Any]],
        *,
        limit: int,
        told: Callable[[int, int], None] | None = None,
    ) -> list[dict[str, Any]]:
        progress = None if told is None else _Progress(told, len(rounds))
        if not self._graph.quick and limit > 1 and len(rounds) > 1:
            return Rounds(self, self._outer, rounds, self._token, progress).run(limit)
        results = []
        for index, inputs in enumerate(rounds):
            results.append(self(index, inputs))
            if progress is not None:
                progress.one_more()
        return results


class _Progress:
    """Tells how many rounds are done: the first, the last, and now and then one between."""

    def __init__(self, told: Callable[[int, int], None], total: int) -> None:
        self._told = told
        self._total = total
        self._done = 0
        self._next = 0.0

    def one_more(self) -> None:
        """Notes that a round is done. Not for two threads at once."""
        self._done += 1
        now = time.monotonic()
        if now >= self._next or self._done == self._total:
            self._next = now + _PROGRESS_SECONDS
            self._told(self._done, self._total)


_PROGRESS_SECONDS = 0.1


class Runs(Protocol):
    """What can run one round, and give up those that still run."""

    def __call__(self, index: int, inputs: dict[str, Any], token: CancelToken) -> dict[str, Any]: ...

    def give_up(self) -> None: ...


class Rounds:
    """Rounds side by side: whichever thread is free takes the next; the caller works as well, so
    that progress never depends on a thread being free."""

    def __init__(
        self,
        body: Runs,
        outer: Frame,
        rounds: Sequence[dict[str, Any]],
        above: CancelToken,
        progress: _Progress | None,
    ) -> None:
        self._progress = progress
        self._body = body
        self._run = outer.run
        self._rounds = rounds
        self._above = above
        self._token = CancelToken()
        self._changed = threading.Condition(threading.Lock())
        self._next = 0
        self._active = 0
        self._spare = 0
        self._results: list[Any] = [None] * len(rounds)
        self._errors: dict[int, FlowloftError] = {}
        self._broken: BaseException | None = None
        self._paused: Paused | None = None

    def run(self, limit: int) -> list[dict[str, Any]]:
        self._above.listen(self._token.cancel)
        try:
            self._spare = min(limit, len(self._rounds)) - 1
            self._work()
            self._wait()
            if self._active:
                self._body.give_up()
        finally:
            self._above.unlisten(self._token.cancel)
        if self._broken is not None:
            raise self._broken
        if self._errors:
            first, *others = [self._errors[index] for index in sorted(self._errors)]
            first.others.extend(others)
            raise first
        if self._token:
            raise Cancelled(self._token.reason)
        if self._paused is not None:
            raise self._paused
        return self._results

    def _work(self) -> None:
        with self._changed:
            more = max(0, min(self._spare, AT_ONCE, len(self._rounds) - self._next - 1))
            self._spare -= more
        for _ in range(more):
            self._run.offer(self._work)
        while True:
            with self._changed:
                if self._token or self._next >= len(self._rounds):
                    return
                index, self._next = self._next, self._next + 1
                self._active += 1
            try:
                self._results[index] = self._body(index, self._rounds[index], self._token)
            except Paused as error:
                self._paused = error
            except Cancelled:
                self._token.cancel(self._token.reason or "cancelled")
            except FlowloftError as error:
                self._errors[index] = error
                self._token.cancel("failed")
            except BaseException as error:  # noqa: BLE001 - raised again by the container's thread
                self._broken = error
                self._token.cancel("failed")
            finally:
                with self._changed:
                    self._active -= 1
                    if self._progress is not None and self._results[index] is not None:
                        self._progress.one_more()
                    self._changed.notify_all()

    def _wait(self) -> None:
        """Waits for the rounds in other threads; once stopped, only a moment longer."""
        with self._changed:
            while self._active and not self._token:
                self._changed.wait()
            until = time.monotonic() + GRACE
            while self._active and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)
