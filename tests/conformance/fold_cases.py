"""Writes ``fold_cases.json``: events of runs and the state they fold to, for whoever folds them.

    python -m tests.conformance.fold_cases

The same file is read by the frontend's reducer, so that page and runtime can't disagree.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flowloft.core.events import EVENT
from flowloft.core.fold import RunState, fold

FILE = Path(__file__).parent / "fold_cases.json"

Told = dict[str, Any]

ERROR = {"code": "provider_error", "message": "busy", "hint": "Try again.", "extra": {"node_id": "ask"}}
OTHER = {"code": "unexpected_error", "message": "ValueError: x", "hint": "", "extra": {"id": "0123456789ab"}}


def step(kind: str, node_id: str = "ask", path: str = "", **fields: Any) -> Told:
    return {"type": f"step.{kind}", "node_id": node_id, "path": path, **fields}


def started(node_id: str = "ask", path: str = "", attempt: int = 1, **inputs: Any) -> Told:
    return step("started", node_id, path, attempt=attempt, inputs=inputs)


def succeeded(node_id: str = "ask", path: str = "", *, cached: bool = False, **outputs: Any) -> Told:
    return step("succeeded", node_id, path, outputs=outputs, duration=0.5, cached=cached)


BEGIN: list[Told] = [{"type": "run.queued", "attempt": 1}, {"type": "run.started", "attempt": 1}]


def end(kind: str, **fields: Any) -> Told:
    return {"type": f"run.{kind}", **fields}


NAMED: dict[str, list[Told]] = {
    "nothing yet": [],
    "waits": BEGIN[:1],
    "a chat that streams": [
        *BEGIN,
        started("ask", text="Hi"),
        step("delta", port="output", text="Hel"),
        started("show", text={"$stream": True}),
        step("delta", "show", port="text", text="Hel"),
        step("delta", port="output", text="lo"),
        step("delta", "show", port="text", text="lo"),
        step(
            "succeeded",
            outputs={"output": "Hello"},
            duration=1.5,
            cached=False,
            usage={"completion_tokens": 2},
        ),
        succeeded("show", text="Hello"),
        end("succeeded", outputs={"text": "Hello"}),
    ],
    "a try that is repeated": [
        *BEGIN,
        started(),
        step("delta", text="half"),
        step("retrying", attempt=1, delay=1.0, error=ERROR),
        started(attempt=2),
        succeeded(output="whole"),
        end("succeeded", outputs={}),
    ],
    "a failure with siblings": [
        *BEGIN,
        started("a"),
        started("b"),
        started("c"),
        step("failed", "a", error=ERROR, duration=0.1, usage={"prompt_tokens": 7}),
        step("failed", "b", error=OTHER, duration=0.2),
        step("cancelled", "c", duration=0.3),
        end("failed", error=ERROR, errors=[ERROR, OTHER]),
    ],
    "an error that a policy caught": [
        *BEGIN,
        started(),
        step("succeeded", outputs={"error": ERROR}, duration=0.1, cached=False, error=ERROR),
        step("skipped", "after"),
        end("succeeded", outputs={"result": None}),
    ],
    "rounds of a loop": [
        *BEGIN,
        started("loop_1", initial=1),
        *[
            event
            for index in range(3)
            for event in (
                started("line", f"loop_1[{index}]", value=index),
                succeeded("line", f"loop_1[{index}]", output=index + 1),
                step("progress", "loop_1", done=index + 1, total=3),
            )
        ],
        started("deep", "loop_1[2]/warp_2[0]"),
        succeeded("loop_1", output=3),
        end("succeeded", outputs={"value": 3}),
    ],
    "progress without an end in sight": [
        *BEGIN,
        started(),
        step("progress", done=7, total=None),
    ],
    "waits for a person": [
        *BEGIN,
        started("ask"),
        step("waiting", "ask", question={"kind": "approval", "step": "ask"}),
        step("waiting", "loop_1", question=None),
        {"type": "run.waiting"},
        {"type": "run.queued", "attempt": 1},
        {"type": "run.started", "attempt": 1},
        started("ask"),
        succeeded("ask", approved=1),
        end("succeeded", outputs={}),
    ],
    "stopped while it waits": [
        *BEGIN,
        started("ask"),
        step("waiting", "ask", question={"kind": "approval", "step": "ask"}),
        {"type": "run.waiting"},
        {"type": "run.cancelling"},
        end("cancelled"),
    ],
    "cancelled while it runs": [
        *BEGIN,
        started(),
        {"type": "run.cancelling"},
        step("cancelled", duration=0.9),
        end("cancelled"),
    ],
    "cancelled before it begins": [*BEGIN[:1], {"type": "run.cancelling"}, end("cancelled")],
    "timed out": [*BEGIN, started(), step("cancelled", duration=60.0), end("timed_out", error=OTHER)],
    "a second attempt goes on where the first stopped": [
        *BEGIN,
        started("a"),
        succeeded("a", output="kept"),
        started("b"),
        {"type": "run.queued", "attempt": 2},
        {"type": "run.started", "attempt": 2},
        succeeded("a", cached=True, output="kept"),
        started("b"),
        succeeded("b", output="done"),
        end("succeeded", outputs={"value": "done"}),
    ],
    "clipped values and lines of a log": [
        *BEGIN,
        started(text={"$clipped": {"bytes": 9000, "preview": "Once"}}),
        {"type": "log", "node_id": "ask", "path": "", "level": "warning", "message": "slow"},
        {"type": "log", "node_id": "", "path": "", "message": "no step"},
        succeeded(output={"$clipped": {"bytes": 9000, "preview": "upon"}}),
        end("succeeded", outputs={}),
    ],
}


def random_run(seed: int) -> Iterator[Told]:
    """Yields events of steps in any order, as many threads and attempts might tell them."""
    chance = random.Random(seed)
    yield from BEGIN
    for _ in range(40):
        node_id, path = chance.choice("abc"), chance.choice(["", "l[0]", "l[1]", "l[1]/w[0]"])
        yield chance.choice(
            [
                started(node_id, path, chance.randint(1, 3), value=chance.randint(0, 9)),
                step(
                    "delta", node_id, path, port=chance.choice(["output", "text"]), text=chance.choice("αβ ")
                ),
                step("progress", node_id, path, done=chance.randint(0, 5), total=5),
                step("retrying", node_id, path, attempt=1, delay=0.5, error=ERROR),
                succeeded(node_id, path, cached=chance.random() < 0.2, output=chance.randint(0, 9)),
                step("failed", node_id, path, error=OTHER, duration=0.25),
                step("skipped", node_id, path),
                step("cancelled", node_id, path, duration=0.75),
                step("waiting", node_id, path, question=chance.choice([None, {"kind": "approval"}])),
                {"type": "log", "node_id": node_id, "path": path, "level": "info", "message": "line"},
            ]
        )
    yield chance.choice(
        [end("succeeded", outputs={"value": seed}), end("failed", error=ERROR), end("cancelled")]
    )


def numbered(told: list[Told]) -> list[Told]:
    """Returns events with seq and at, as they travel."""
    return [{"seq": seq, "at": 1000.0 + seq / 2, **event} for seq, event in enumerate(told, start=1)]


def state_of(events: list[Told]) -> Told:
    """Returns what the events fold to, as JSON."""
    return fold(RunState(), [EVENT.validate_python(event) for event in events]).model_dump(mode="json")


def cases() -> list[Told]:
    """Returns all cases: name, events, state."""
    told = NAMED | {f"random run {seed}": list(random_run(seed)) for seed in range(12)}
    return [
        {"name": name, "events": numbered(events), "state": state_of(numbered(events))}
        for name, events in told.items()
    ]


def text() -> str:
    """Returns the file's text."""
    return json.dumps(cases(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
