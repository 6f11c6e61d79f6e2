"""Takes note of what the engine tells about one run, until the scribe writes it down.

Called on the engine's hot path from many threads: it keeps references and turns nothing into text.
"""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone
from flowloft.core.context import CancelToken
from flowloft.core.fold import step_key

from backend.runs import limits, wire
from backend.runs.log import Entry
from backend.runs.models import Question, StepIntent
from backend.runs.wire import Told

_ROUND = re.compile(r"\[(\d+)\]")


@dataclass(slots=True)
class _Note:
    """An event with its values as they are."""

    type: str
    at: float
    node_id: str
    path: str
    fields: dict[str, Any] = field(default_factory=dict)
    chunks: list[str] | None = None


class Recorder:
    """The sink of one run on the worker that holds it.

    Args:
        fence: The number under which the worker holds the run.
        token: Stops the engine.
        wake: Called when there is something to write; with True when it should not wait.
        told: Events of the run so far, of earlier attempts too.
        cheap: Ids of nodes whose steps are sooner done again than looked up.
    """

    def __init__(
        self,
        *,
        run_id: uuid.UUID,
        fence: int,
        token: CancelToken,
        wake: Callable[[Recorder, bool], None],
        told: int,
        cheap: frozenset[str] = frozenset(),
    ) -> None:
        self.run_id = run_id
        self.fence = fence
        self.token = token
        self.lost = False
        """Whether another holds the run by now: then nothing more of it is written here."""
        self.writing = threading.Lock()
        """Held by whoever writes this run down, so that its events keep their order."""
        self._wake = wake
        self._lock = threading.Lock()
        self._notes: list[_Note] = []
        self._texts: dict[tuple[str, str, str], _Note] = {}
        self._progress: dict[str, _Note] = {}
        self._characters = 0
        self._intents: list[tuple[StepIntent, Future[None]]] = []
        self._intended: set[str] = set()
        self._begun: dict[str, bool] = {}
        """Steps under way: whether their start was told."""
        self._unseen: dict[str, _Note] = {}
        """Starts that were not told; a failure brings them up."""
        self._room = limits.EVENTS - told
        self._cheap = cheap
        self._untold: list[tuple[str, dict[str, Any]]] = []
        self._untold_room = limits.JOURNAL_BYTES
        self._results: list[tuple[str, str | None]] = []
        self._questions: list[Question] = []

    # What the engine calls ---------------------------------------------------------------------

    def step_started(self, node_id: str, path: str, attempt: int, inputs: dict[str, Any], at: float) -> None:
        note = _Note("step.started", at, node_id, path, {"attempt": attempt, "inputs": inputs})
        key = step_key(path, node_id)
        with self._lock:
            told = self._begun[key] = self._detailed(path)
            if told:
                self._add(note, key)
            else:
                self._unseen[key] = note

    def step_succeeded(
        self,
        node_id: str,
        path: str,
        outputs: dict[str, Any],
        started: float,
        at: float,
        cached: bool,
        usage: dict[str, float] | None,
        error: dict[str, Any] | None,
    ) -> None:
        fields: dict[str, Any] = {"outputs": outputs, "duration": _seconds(started, at), "cached": cached}
        if usage:
            fields["usage"] = usage
        if error:
            fields["error"] = error
        self._end(_Note("step.succeeded", at, node_id, path, fields))

    def step_failed(
        self,
        node_id: str,
        path: str,
        error: dict[str, Any],
        started: float,
        at: float,
        usage: dict[str, float] | None,
    ) -> None:
        fields: dict[str, Any] = {"error": error, "duration": _seconds(started, at)}
        if usage:
            fields["usage"] = usage
        self._end(_Note("step.failed", at, node_id, path, fields))

    def step_skipped(self, node_id: str, path: str, at: float) -> None:
        with self._lock:
            if self._detailed(path):
                self._add(_Note("step.skipped", at, node_id, path), step_key(path, node_id))

    def step_cancelled(
        self, node_id: str, path: str, started: float, at: float, usage: dict[str, float] | None
    ) -> None:
        fields: dict[str, Any] = {"duration": _seconds(started, at)}
        if usage:
            fields["usage"] = usage
        self._end(_Note("step.cancelled", at, node_id, path, fields))

    def step_waiting(self, node_id: str, path: str, question: dict[str, Any] | None, at: float) -> None:
        note = _Note("step.waiting", at, node_id, path, {"question": question})
        key = step_key(path, node_id)
        with self._lock:
            start = self._unseen.pop(key, None)
            self._begun.pop(key, None)
            if start is not None:
                self._add(start, key)
            self._add(note, key)
            if question is not None:
                self._questions.append(_question(self.run_id, question))

    def step_retrying(
        self, node_id: str, path: str, attempt: int, delay: float, error: dict[str, Any], at: float
    ) -> None:
        fields = {"attempt": attempt, "delay": delay, "error": error}
        key = step_key(path, node_id)
        with self._lock:
            if self._begun.get(key, True) and self._detailed(path):
                self._add(_Note("step.retrying", at, node_id, path, fields), key)

    def step_text(self, node_id: str, path: str, port: str, text: str, at: float) -> None:
        key = (path, node_id, port)
        with self._lock:
            note = self._texts.get(key)
            if note is None:
                if not text or not self._detailed(path):
                    return
                note = _Note("step.delta", at, node_id, path, {"port": port}, chunks=[])
                self._add(note, None)
                self._texts[key] = note
            assert note.chunks is not None  # noqa: S101 - a delta has them
            note.chunks.append(text)
            self._characters += len(text)
            urgent = self._characters >= limits.TEXT_CHARACTERS
        if urgent:
            self._wake(self, True)

    def step_progress(self, node_id: str, path: str, done: int, total: int | None, at: float) -> None:
        key = step_key(path, node_id)
        with self._lock:
            note = self._progress.get(key)
            if note is not None:
                note.at, note.fields = at, {"done": done, "total": total}
            elif self._detailed(path):
                note = _Note("step.progress", at, node_id, path, {"done": done, "total": total})
                self._add(note, None)
                self._progress[key] = note

    def log(self, node_id: str, path: str, level: str, message: str, at: float) -> None:
        with self._lock:
            if self._detailed(path) or level in ("warning", "error"):
                fields = {"level": level, "message": message[: limits.VALUE_BYTES]}
                self._add(_Note("log", at, node_id, path, fields), None)

    # What the journal calls --------------------------------------------------------------------

    def intend(self, intent: StepIntent) -> Future[None]:
        """Asks for an intent to be stored at once; the future is done when it is."""
        future: Future[None] = Future()
        with self._lock:
            self._intents.append((intent, future))
            self._intended.add(intent.key)
        self._wake(self, True)
        return future

    def keep(self, key: str, text: str | None) -> None:
        """Takes note of a result for the cache; of one that was used where there is no text."""
        with self._lock:
            self._results.append((key, text))
        self._wake(self, False)

    # What the scribe calls ---------------------------------------------------------------------

    def drain(self) -> tuple[Entry, list[Future[None]]]:
        """Returns what is to be written, as text, and forgets it; hold ``writing`` meanwhile."""
        with self._lock:
            notes, self._notes = self._notes, []
            intents, self._intents = self._intents, []
            self._texts, self._progress, self._characters = {}, {}, 0
            untold, self._untold = self._untold, []
            results, self._results = self._results, []
            questions, self._questions = self._questions, []
        finished: list[tuple[str, str]] = []
        events = [told for note in notes for told in self._told(note, finished)]
        entry = Entry(
            self.run_id,
            self.fence,
            events,
            [intent for intent, _ in intents],
            finished,
            self._page(untold),
            results,
            questions,
        )
        return entry, [future for _, future in intents]

    def lose(self) -> None:
        """Stops quietly: the run is another's."""
        self.lost = True
        self.token.cancel("lost")

    # -------------------------------------------------------------------------------------------

    def _end(self, note: _Note) -> None:
        key = step_key(note.path, note.node_id)
        with self._lock:
            told = self._begun.pop(key, None)
            start = self._unseen.pop(key, None)
            if note.type == "step.failed" and start is not None and self._room > -limits.EVENTS:
                self._add(start, key)
                told = True
            if told if told is not None else self._detailed(note.path):
                self._add(note, key)
            elif note.type == "step.succeeded" and key in self._intended:
                self._notes.append(note)
                note.fields["untold"] = True
            elif note.type == "step.succeeded" and note.node_id not in self._cheap and self._untold_room > 0:
                self._untold.append((key, note.fields["outputs"]))
                if len(self._untold) == 1:
                    self._wake(self, False)

    def _add(self, note: _Note, key: str | None) -> None:
        """Appends a note; one about a step closes the text that was being gathered for it."""
        first = not self._notes
        self._notes.append(note)
        self._room -= 1
        if self._room == 0:
            message = f"The run told {limits.EVENTS} events; from here on only failures are told."
            self._notes.append(_Note("log", note.at, "", "", {"level": "warning", "message": message}))
        if key is not None and (self._texts or self._progress):
            self._progress.pop(key, None)
            for gathered in [k for k in self._texts if k[:2] == (note.path, note.node_id)]:
                del self._texts[gathered]
        if first:
            self._wake(self, False)

    def _page(self, untold: list[tuple[str, dict[str, Any]]]) -> str:
        """Returns the outputs of steps without events as text, as far as there is room for them."""
        texts = []
        for key, outputs in untold:
            text, exact = wire.values(outputs, limits.OUTPUT_BYTES)
            if exact and len(text) <= self._untold_room:
                texts.append(f"{wire.encode(key)[0]}:{text}")
                self._untold_room -= len(text)
        return "{" + ",".join(texts) + "}" if texts else ""

    def _detailed(self, path: str) -> bool:
        """Says whether a place is told in full."""
        if self._room <= 0:
            return False
        return not path or all(int(number) < limits.ROUNDS for number in _ROUND.findall(path))

    def _told(self, note: _Note, finished: list[tuple[str, str]]) -> list[Told]:
        where = {"node_id": note.node_id, "path": note.path}
        if note.chunks is not None:
            whole = "".join(note.chunks)
            pieces = range(0, len(whole), limits.DELTA_CHARACTERS)
            return [
                _event(note, {**where, **note.fields, "text": whole[at : at + limits.DELTA_CHARACTERS]})
                for at in pieces
            ]
        if note.type == "step.started":
            text, _ = wire.values(note.fields.pop("inputs"))
            return [_event(note, {**where, **note.fields}, f'"inputs":{text}')]
        if note.type == "step.succeeded":
            outputs = note.fields.pop("outputs")
            untold = note.fields.pop("untold", False)
            text, exact = wire.values(outputs)
            key = step_key(note.path, note.node_id)
            if key in self._intended or not exact:
                kept, exact = (text, True) if exact else wire.values(outputs, limits.OUTPUT_BYTES)
                if exact:
                    finished.append((key, kept))
            return [] if untold else [_event(note, {**where, **note.fields}, f'"outputs":{text}')]
        return [_event(note, {**where, **note.fields})]


def _event(note: _Note, fields: dict[str, Any], more: str = "") -> Told:
    text, _ = wire.encode(fields)
    if text.startswith('{"$text"'):
        text, _ = wire.encode(_mended(fields))
    return Told(note.type, note.at, f"{text[:-1]},{more}}}" if more else text)


def _mended(fields: dict[str, Any]) -> dict[str, Any]:
    """Returns what can be said of an event whose fields are no JSON at all (a NaN, a circle)."""
    kept: dict[str, Any] = {name: value for name, value in fields.items() if isinstance(value, str | int)}
    if "duration" in fields:
        kept["duration"] = fields["duration"]
    if isinstance(error := fields.get("error"), dict):
        kept["error"] = {name: str(error.get(name, "")) for name in ("code", "message", "hint")}
    return kept


def _question(run_id: uuid.UUID, asked: dict[str, Any]) -> Question:
    seconds = asked.get("timeout")
    due = timezone.now() + timedelta(seconds=seconds) if isinstance(seconds, int | float) else None
    return Question(run_id=run_id, step=asked["step"], asked=asked, due_at=due)


def _seconds(started: float, at: float) -> float:
    return max(0.0, round(at - started, 6))
