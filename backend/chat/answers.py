"""The answer to a message, written together with the end of its run."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from flowloft.core.fold import RunState

from backend.chat.models import Message, Session
from backend.runs.log import state_read
from backend.runs.models import Run, Snapshot
from backend.runs.states import Status

ANSWERS = "chat_output"
"""The kind of node whose text is the answer."""


def answer_write(*, run: Run, **_: Any) -> None:
    """Adds the answer to the chat that the run belongs to, if to any.

    A run that was stopped or failed leaves what it had said until then.
    """
    asked = Message.objects.filter(run=run, role=Message.Role.USER).first()
    if asked is None:
        return
    Message.objects.create(
        session_id=asked.session_id,
        role=Message.Role.ASSISTANT,
        text=_answer(run),
        run=run,
        status=run.status,
    )
    Session.objects.filter(id=asked.session_id).update(updated_at=timezone.now())


def _answer(run: Run) -> str:
    if run.status == Status.SUCCEEDED:
        text = (run.outputs or {}).get("text", "")
        if isinstance(text, str):
            return text
    return _said(state_read(run_id=run.id), run.snapshot)


def _said(state: RunState, snapshot: Snapshot) -> str:
    """Returns what the chat outputs had shown, in the order in which they began."""
    nodes: dict[str, Any] = snapshot.document["graph"]["nodes"]
    steps = [
        step
        for step in state.steps.values()
        if not step.path and nodes.get(step.node_id, {}).get("kind") == ANSWERS
    ]
    return "".join(step.text.get("text", "") for step in steps)
