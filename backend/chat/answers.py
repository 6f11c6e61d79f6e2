"""The answer to a message, written together with the end of its run."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from flowloft.core.fold import RunState, StepState
from flowloft.core.registry import KINDS

from backend.chat.models import Message, Session
from backend.chat.services import words_of
from backend.runs.log import state_read
from backend.runs.models import Run
from backend.runs.states import Status

ANSWERS = "chat_output"
"""The kind of node whose text is the answer."""
MOST_CITATIONS = 100


def answer_write(*, run: Run, **_: Any) -> None:
    """Adds the answer to the chat that the run belongs to, if to any.

    A run that was stopped or failed leaves what it had said until then.
    """
    asked = Message.objects.filter(run=run, role=Message.Role.USER).first()
    if asked is None:
        return
    parts = parts_of(run)
    text = _answer(run, parts)
    answer = Message.objects.create(
        session_id=asked.session_id,
        parent=asked,
        role=Message.Role.ASSISTANT,
        text=text,
        words=words_of(text),
        citations=_citations(run),
        parts=parts if len(parts) > 1 or _several_may_speak(run) else [],
        run=run,
        status=run.status,
    )
    session = Session.objects.filter(id=asked.session_id)
    # Who has gone to another branch meanwhile stays there.
    session.filter(head=asked).update(head=answer)
    session.update(updated_at=timezone.now())


def _answer(run: Run, parts: list[dict[str, str]]) -> str:
    whole = (run.outputs or {}).get("text", "")
    if run.status == Status.SUCCEEDED and isinstance(whole, str) and len(parts) < 2:
        return whole
    return "\n\n".join(part["text"] for part in parts)


def _citations(run: Run) -> list[dict[str, Any]]:
    found = (run.outputs or {}).get("citations")
    if not isinstance(found, list):
        return []
    return [one for one in found if isinstance(one, dict) and isinstance(one.get("number"), int)][
        :MOST_CITATIONS
    ]


def parts_of(run: Run) -> list[dict[str, str]]:
    """Returns what the chat outputs have shown, in the order in which they began, each with the node
    whose words they are."""
    graph: dict[str, Any] = run.snapshot.document["graph"]
    state = state_read(run_id=run.id)
    outputs = [
        step
        for step in state.steps.values()
        if not step.path and graph["nodes"].get(step.node_id, {}).get("kind") == ANSWERS
    ]
    said = [(step, _said(step)) for step in outputs]
    return [{**_speaker(graph, state, step), "text": text} for step, text in said if text]


def _said(step: StepState) -> str:
    given = (step.outputs or {}).get("text")
    return given if isinstance(given, str) else step.text.get("text", "")


def _sources(graph: dict[str, Any], node_id: str) -> list[str]:
    edges = graph.get("edges", {}).values()
    return [one["source"] for one in edges if one["target"] == node_id and one["target_port"] == "text"]


def _several_may_speak(run: Run) -> bool:
    graph: dict[str, Any] = run.snapshot.document["graph"]
    nodes = [name for name, node in graph["nodes"].items() if node["kind"] == ANSWERS]
    return sum(len(_sources(graph, name)) for name in nodes) > 1


def _speaker(graph: dict[str, Any], state: RunState, step: StepState) -> dict[str, str]:
    """Returns the node whose words a chat output shows: of several ways into it, the one that was taken."""
    nodes = graph["nodes"]
    speaker = step.node_id
    if not nodes[speaker].get("title"):
        ways = _sources(graph, speaker)
        taken = [name for name in ways if name in state.steps and state.steps[name].state != "skipped"]
        speaker = next(iter(taken or ways), speaker)
    node = nodes.get(speaker, {})
    kind = KINDS.get(node["kind"]) if node.get("kind") in KINDS else None
    return {"node_id": speaker, "title": node.get("title") or (kind.title if kind else speaker)}
