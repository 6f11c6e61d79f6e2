"""Steps side by side, without a driver: whichever thread finishes a step books its result, goes on
with one step that has become ready, and offers the others to further threads."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from flowloft.core.stream import LiveText
from flowloft.engine.run.failure import Held, Stopped
from flowloft.engine.run.grace import GRACE
from flowloft.engine.run.perform import perform
from flowloft.engine.run.shape import keep
from flowloft.engine.run.shared import AT_ONCE

if TYPE_CHECKING:
    from flowloft.core.plan import Step
    from flowloft.engine.run.frame import Frame


Task = tuple[int, "dict[str, Any] | Exception | None"]
"""A step that is ready, by number, and its inputs: None to skip it; an error where they can't be
turned into what it takes."""


HELD: dict[str, Any] = {}
"""In place of the outputs of a step that waits for a person: what needs them is not begun."""


class Branches:
    """What is ready, what waits, and who works, in one frame.

    The thread that runs the frame takes part, and in the end does whatever no other thread has
    taken up. So no number of nested bodies can use up the threads and stand still.
    """

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._steps = frame.graph.steps
        self._waiting = [step.waits_for for step in self._steps]
        self._changed = threading.Condition(threading.Lock())
        self._ready: deque[Task] = deque()
        self._streaming: set[str] = set()
        self._open = 0
        self._owner_is_free = False
        self._dropped = False
        self._broken: BaseException | None = None

    def run(self) -> None:
        """Runs all steps; returns when they are done, or have stopped or been given up.

        Raises:
            Stopped: Some step has failed, or the frame was told to stop.
        """
        with self._changed:
            tasks = [self._task(root) for root in self._frame.graph.roots]
            self._open = len(tasks)
            self._ready.extend(tasks)
        self._offer(sum(not self._is_short(task) for task in tasks) - 1)
        while self._work_or_wait():
            pass
        if self._broken is not None:
            raise self._broken
        if self._open:
            self._frame.close()
        if self._open or self._dropped or self._frame.errors or self._frame.paused:
            raise Stopped

    def _work_or_wait(self) -> bool:
        """Does what is ready, or waits for others to finish; says whether there is more to come."""
        with self._changed:
            while self._open and not self._ready and not self._frame.token:
                self._owner_is_free = True
                self._changed.wait()
                self._owner_is_free = False
            if self._frame.token:
                self._drop_ready()
                self._wait_a_moment()
                return False
            if not self._open:
                return False
            task = self._ready.popleft()
        self._go_on(task)
        return True

    def _wait_a_moment(self) -> None:
        until = time.monotonic() + GRACE
        while self._open and (left := until - time.monotonic()) > 0:
            self._changed.wait(left)

    def _assist(self) -> None:
        """Takes up an offer in another thread."""
        with self._changed:
            task = self._ready.popleft() if self._ready else None
            more = len(self._ready)
        if task is not None:
            self._offer(more)
            self._go_on(task)

    def _go_on(self, first: Task) -> None:
        """Runs a step, then whatever has become ready, until there is nothing for this thread."""
        mine: Task | None = first
        short: list[Task] = []
        try:
            while True:
                if short:
                    task = short.pop()
                elif mine is not None:
                    task, mine = mine, None
                else:
                    return
                mine = self._book(task[0], self._run(task), short, mine)
        except BaseException as error:  # noqa: BLE001 - raised again by the thread of the frame
            with self._changed:
                self._broken = error
                self._open = 0
                self._ready.clear()
                self._changed.notify_all()
            self._frame.token.cancel("failed")

    def _task(self, index: int) -> Task:
        try:
            return index, self._steps[index].gather(self._frame.values)
        except Exception as error:  # noqa: BLE001 - told as a failure of the step when its turn comes
            return index, error

    def _is_short(self, task: Task) -> bool:
        """Says whether a step takes so little time that a thread for it would take more."""
        return task[1] is None or self._steps[task[0]].quick

    def _run(self, task: Task) -> dict[str, Any] | None:
        """Runs or skips one step; None when it has no result because things have stopped."""
        index, inputs = task
        frame, step = self._frame, self._steps[index]
        if frame.token:
            return None
        if isinstance(inputs, Exception):
            frame.failed(step, inputs, time.time())
            return None
        if inputs is None:
            frame.run.sink.step_skipped(step.node_id, frame.path, time.time())
            return {}
        try:
            return perform(frame, step, inputs)
        except Held:
            return HELD
        except Stopped:
            return None

    def _book(
        self, index: int, outputs: dict[str, Any] | None, short: list[Task], mine: Task | None
    ) -> Task | None:
        """Notes a result and shares out what has become ready.

        Returns:
            The step that this thread goes on with; short ones are added to ``short`` instead.
        """
        step = self._steps[index]
        spare = 0
        with self._changed:
            self._open -= 1
            if outputs is None:
                self._drop_ready()
                self._dropped = True
            elif outputs is not HELD:
                keep(self._frame, step, outputs)
                fresh = self._now_ready(step.then)
                if step.then_live and step.node_id not in self._streaming:
                    fresh += self._now_ready(step.then_live)
                for task in fresh:
                    if self._is_short(task):
                        short.append(task)
                    elif mine is None:
                        mine = task
                    else:
                        spare += self._share(task)
            if not self._open:
                self._changed.notify_all()
            elif mine is None and not short and self._ready:
                mine = self._ready.popleft()
        self._offer(spare)
        return mine

    def _now_ready(self, indices: tuple[int, ...]) -> list[Task]:
        fresh = []
        for index in indices:
            self._waiting[index] -= 1
            if not self._waiting[index]:
                fresh.append(self._task(index))
        self._open += len(fresh)
        return fresh

    def _share(self, task: Task) -> bool:
        """Leaves a step to another thread; says whether one has to be found for it."""
        self._ready.append(task)
        if not self._owner_is_free:
            return True
        self._owner_is_free = False
        self._changed.notify_all()
        return False

    def _offer(self, times: int) -> None:
        """Looks for threads for some tasks: for a few only, since each of these looks for more as long
        as any are left. Where the tasks are short, most threads are never needed."""
        for _ in range(min(times, AT_ONCE)):
            self._frame.run.offer(self._assist)

    def _drop_ready(self) -> None:
        self._dropped = self._dropped or bool(self._ready)
        self._open -= len(self._ready)
        self._ready.clear()
        self._changed.notify_all()

    def open_live(self, step: Step) -> LiveText:
        """Lets those begin who read a step's text as it comes; called at its first chunk."""
        live = LiveText(self._frame.check)
        with self._changed:
            self._streaming.add(step.node_id)
            if step.live_slot is not None:
                self._frame.values[step.live_slot] = live
            spare = sum(self._share(task) for task in self._now_ready(step.then_live))
        self._offer(spare)
        return live
