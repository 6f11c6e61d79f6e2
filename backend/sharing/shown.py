"""What a visitor sees of a run: the words of the answer and its state, not how it came about."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

FAILED = {
    "code": "answer_failed",
    "message": "The answer could not be given.",
    "hint": "Ask again in a moment, or tell whoever gave you the link.",
    "extra": {},
}
"""Instead of every error: theirs may name addresses, prompts and keys' places."""
_BARE = ("seq", "at", "type", "node_id", "path", "attempt", "duration")


class Shown:
    """Passes on the events of one run of a graph, as :func:`backend.sharing.services.seen_of` has it."""

    def __init__(self, seen: dict[str, Any]) -> None:
        nodes = seen["graph"]["nodes"]
        self._speaks = {name for name, node in nodes.items() if node["kind"] == "chat_output"}
        self._ways = {edge["source"] for edge in seen["graph"]["edges"].values()}

    def text(self, batch: str) -> str:
        """Returns the JSON array of what is shown of a JSON array of events; empty for nothing."""
        found = list(self.events(json.loads(batch)))
        return json.dumps(found, ensure_ascii=False, separators=(",", ":")) if found else ""

    def events(self, told: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yields what is shown, in order; numbers have gaps then."""
        for event in told:
            kind = event["type"]
            if kind.startswith("run."):
                yield self._of_run(event)
            elif kind.startswith("step.") and not event.get("path"):
                yield from self._of_step(event)

    def _of_run(self, event: dict[str, Any]) -> dict[str, Any]:
        bare = {key: event[key] for key in _BARE if key in event}
        if "error" in event:
            return bare | {"error": FAILED}
        return bare | {"outputs": _words(event["outputs"])} if "outputs" in event else bare

    def _of_step(self, event: dict[str, Any]) -> Iterator[dict[str, Any]]:
        node, kind = event["node_id"], event["type"]
        speaks = node in self._speaks
        if not speaks and node not in self._ways:
            return
        bare = {key: event[key] for key in _BARE if key in event}
        if kind == "step.delta":
            if speaks:
                yield bare | {"port": event["port"], "text": event["text"]}
        elif kind == "step.succeeded":
            yield bare | {"outputs": _words(event["outputs"]) if speaks else {}}
        elif kind == "step.failed":
            yield bare | {"error": FAILED}
        elif kind in ("step.started", "step.skipped", "step.cancelled"):
            yield bare


def _words(outputs: dict[str, Any]) -> dict[str, Any]:
    text = outputs.get("text")
    return {"text": text} if isinstance(text, str) else {}
