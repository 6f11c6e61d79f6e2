"""What earlier attempts of a run have done."""

from __future__ import annotations

import json
import uuid
from typing import Any

from flowloft.core.errors import FlowError
from flowloft.core.fold import step_key

from backend.runs import limits, wire
from backend.runs.models import JournalPage, Run, RunEvent, StepIntent
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
    if run.fence > 1:
        done = outputs_of(run_id=run.id)
        begun = dict(StepIntent.objects.filter(run=run).values_list("key", "repeatable"))
    return RunJournal(run_id=run.id, recorder=recorder, done=done, begun=begun)


def outputs_of(*, run_id: uuid.UUID) -> dict[str, Any]:
    """Returns what the steps of a run that have finished gave, by key; without those whose values could
    not be kept whole."""
    done: dict[str, Any] = {}
    for page in JournalPage.objects.filter(run_id=run_id).order_by("pk").values_list("text", flat=True):
        done |= json.loads(page)
    events = RunEvent.objects.filter(run_id=run_id, type="step.succeeded").order_by("seq")
    for text in events.values_list("payload", flat=True).iterator():
        if not any(mark in text for mark in _NOT_THE_VALUE):
            told = json.loads(text)
            done[step_key(told["path"], told["node_id"])] = told["outputs"]
    big = StepIntent.objects.filter(run_id=run_id).exclude(outputs=None)
    for key, outputs in big.values_list("key", "outputs").iterator():
        done[key] = json.loads(outputs or "{}")
    return done


def step_outputs(*, run_id: uuid.UUID, key: str) -> dict[str, Any] | None:
    """Returns what one step gave, whole; None where it is not kept so."""
    kept = StepIntent.objects.filter(run_id=run_id, key=key).exclude(outputs=None)
    text = kept.values_list("outputs", flat=True).first()
    if text is not None:
        found: dict[str, Any] = json.loads(text)
        return found
    path, _, node_id = key.rpartition("/")
    events = RunEvent.objects.filter(run_id=run_id, type="step.succeeded").order_by("-seq")
    wanted = (wire.encode(node_id)[0], wire.encode(path)[0])
    told = events.filter(payload__contains=f'"node_id":{wanted[0]},"path":{wanted[1]}')
    payload = told.values_list("payload", flat=True).first()
    if payload is None or any(mark in payload for mark in _NOT_THE_VALUE):
        return None
    outputs: dict[str, Any] = json.loads(payload)["outputs"]
    return outputs
