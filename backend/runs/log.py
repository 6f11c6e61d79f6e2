"""The event log of a run: the only place that hands out sequence numbers."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from flowloft.core.events import Event
from flowloft.core.fold import RunState, fold

from backend.runs import limits, wire
from backend.runs.models import JournalPage, Question, Run, RunDetail, RunEvent, StepIntent
from backend.runs.results import results_write
from backend.runs.states import HELD
from backend.runs.wire import Batch, Told


@dataclass(frozen=True, slots=True)
class Entry:
    """What one worker wants written for one run it holds."""

    run_id: uuid.UUID
    fence: int
    events: Sequence[Told] = ()
    intents: Sequence[StepIntent] = ()
    finished: Sequence[tuple[str, str]] = ()
    """Steps with an intent or with big outputs that ended well: key, outputs as JSON text."""
    untold: str = ""
    """JSON object of outputs by key, of steps that ended well and have no event."""
    results: Sequence[tuple[str, str | None]] = ()
    """For the cache: key, and outputs as JSON text; None for one that was used."""
    questions: Sequence[Question] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (
            self.events or self.intents or self.finished or self.untold or self.results or self.questions
        )


def log_write(*, run_id: uuid.UUID, after: int, events: Sequence[Told]) -> Batch:
    """Stores events behind ``after``. The caller holds the row and saves its new ``last_seq``."""
    RunEvent.objects.bulk_create(
        RunEvent(run_id=run_id, seq=seq, type=event.type, at=event.at, payload=event.payload)
        for seq, event in enumerate(events, after + 1)
    )
    return wire.batch(after + 1, events)


def usage_sum(*, run_id: uuid.UUID) -> dict[str, float]:
    """Returns what the steps of a run have used, of all attempts: it was paid for in each."""
    told = RunEvent.objects.filter(
        run_id=run_id,
        type__in=("step.succeeded", "step.failed", "step.cancelled"),
        payload__contains='"usage":',
    )
    total: dict[str, float] = {}
    for payload in told.values_list("payload", flat=True):
        for name, count in json.loads(payload).get("usage", {}).items():
            total[name] = round(total.get(name, 0) + count, 9)
    return total


def log_append(*, entries: Sequence[Entry]) -> tuple[dict[uuid.UUID, Batch], set[uuid.UUID]]:
    """Writes what several runs told, in one transaction.

    Returns:
        What was stored by run, and the runs that this worker holds no more: nothing of theirs
        was written.
    """
    batches: dict[uuid.UUID, Batch] = {}
    with transaction.atomic():
        rows = _held([entry.run_id for entry in entries])
        kept = [entry for entry in entries if rows.get(entry.run_id, (None,))[0] == entry.fence]
        for entry in kept:
            intents_write(entry=entry)
            if entry.events:
                after = rows[entry.run_id][1]
                done = log_write(run_id=entry.run_id, after=after, events=entry.events)
                Run.objects.filter(id=entry.run_id).update(last_seq=done.last)
                batches[entry.run_id] = done
                if done.last // limits.FOLD_TAIL > after // limits.FOLD_TAIL:
                    state_save(run_id=entry.run_id)
    return batches, {entry.run_id for entry in entries} - {entry.run_id for entry in kept}


def _held(ids: list[uuid.UUID]) -> dict[uuid.UUID, tuple[int, int]]:
    rows = Run.objects.select_for_update().filter(id__in=ids, status__in=HELD).order_by("id")
    return {id_: (fence, seq) for id_, fence, seq in rows.values_list("id", "fence", "last_seq")}


def intents_write(*, entry: Entry) -> None:
    """Stores what the journal of a run needs. The caller holds the row."""
    if entry.untold:
        JournalPage.objects.create(run_id=entry.run_id, text=entry.untold)
    if entry.results:
        owner_id = Run.objects.values_list("owner_id", flat=True).get(id=entry.run_id)
        results_write(owner_id=owner_id, results=entry.results, now=timezone.now())
    if entry.questions:
        # One that an earlier attempt has asked stays as it is, with its answer.
        Question.objects.bulk_create(entry.questions, ignore_conflicts=True)
    if entry.intents:
        StepIntent.objects.bulk_create(entry.intents)
    for key, outputs in entry.finished:
        intent, made = StepIntent.objects.get_or_create(
            run_id=entry.run_id, key=key, defaults=_finished(outputs, repeatable=True)
        )
        if not made:
            StepIntent.objects.filter(pk=intent.pk).update(**_finished(outputs))


def _finished(outputs: str, **more: Any) -> dict[str, Any]:
    return {"finished": True, "outputs": outputs, **more}


def lines_after(*, run_id: uuid.UUID, after: int, limit: int = 500) -> Batch | None:
    """Returns the next events behind ``after``, at most ``limit``; None where there are none."""
    rows = list(
        RunEvent.objects.filter(run_id=run_id, seq__gt=after)
        .order_by("seq")
        .values_list("type", "at", "payload")[:limit]
    )
    return wire.batch(after + 1, [Told(*row) for row in rows]) if rows else None


def _events(run_id: uuid.UUID, after: int) -> Iterator[Event]:
    rows = RunEvent.objects.filter(run_id=run_id, seq__gt=after).order_by("seq")
    for row in rows.values_list("seq", "type", "at", "payload").iterator(chunk_size=500):
        yield wire.parse(wire.line(*row))


def state_read(*, run_id: uuid.UUID) -> RunState:
    """Returns the fold of all events of a run: the saved part, and those behind it."""
    saved = RunDetail.objects.filter(run_id=run_id).values_list("state", flat=True).first()
    state = RunState.model_validate(saved) if saved else RunState()
    return fold(state, _events(run_id, state.last_seq))


def state_save(*, run_id: uuid.UUID) -> None:
    """Saves the fold of all events so far, so that reading starts there."""
    state = state_read(run_id=run_id)
    RunDetail.objects.filter(run_id=run_id).update(
        state=state.model_dump(mode="json"), state_seq=state.last_seq
    )
