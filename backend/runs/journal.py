"""What earlier attempts of a run have done."""

from __future__ import annotations

import json
import uuid
from typing import Any

from flowloft.core.errors import FlowError
from flowloft.core.fold import step_key

from backend.runs import limits
from backend.runs.models import Run, RunEvent, StepIntent
from backend.runs.recorder import Recorder

_NOT_THE_VALUE = ('{"$clipped":', '{"$text":', '{"$stream":')


class RunJournal:
    """The journal of one attempt.

    Args:
        done: Outputs of steps that have finished, by key.
        begun: Steps with an effect that an earlier attempt had begun, and whether they may be
            repeated.
    """

    def __init__(
        self, *, run_id: uuid.UUID, recorder: Recorder, done: dict[str, Any], begun: dict[str, bool]
    ) -> None:
        self._run_id = run_id
        self._recorder = recorder
        self._done = done
        self._begun = begun
        self._mine: set[str] = set()

    def recall(self, key: str) -> dict[str, Any] | None:
        """Returns the outputs by port of a step that has finished, else None."""
        return self._done.get(key)

    def intend(self, key: str, *, repeatable: bool) -> str:
        """Stores that a step with an effect is about to start, and waits until that is durable."""
        token = str(uuid.uuid5(self._run_id, key))
        if key in self._mine:
            return token
        known = self._begun.get(key)
        if known is False:
            raise FlowError(
                "The step had begun when its worker was lost; whether it took effect is unknown.",
                code="outcome_unknown",
                hint="Look at what the step acts on. If nothing happened there, run the flow again.",
                extra={"idempotency_key": token},
            )
        if known is None:
            intent = StepIntent(run_id=self._run_id, key=key, repeatable=repeatable, idempotency_key=token)
            self._recorder.intend(intent).result(timeout=8 * limits.LEASE)
        self._mine.add(key)
        return token


def journal_open(*, run: Run, recorder: Recorder) -> RunJournal:
    """Returns the journal for the attempt that now begins."""
    done: dict[str, Any] = {}
    begun: dict[str, bool] = {}
    if run.attempt > 1:
        events = RunEvent.objects.filter(run=run, type="step.succeeded").order_by("seq")
        for text in events.values_list("payload", flat=True).iterator():
            if not any(mark in text for mark in _NOT_THE_VALUE):
                told = json.loads(text)
                done[step_key(told["path"], told["node_id"])] = told["outputs"]
        for intent in StepIntent.objects.filter(run=run).iterator():
            if intent.outputs is not None:
                done[intent.key] = json.loads(intent.outputs)
            begun[intent.key] = intent.repeatable
    return RunJournal(run_id=run.id, recorder=recorder, done=done, begun=begun)
