"""What can be done to chats."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from backend.chat.models import Message, Session
from backend.common.errors import ApiError
from backend.common.writing import writing
from backend.flows.models import Flow
from backend.runs.models import Run
from backend.runs.parts import Part
from backend.runs.services import run_start
from backend.runs.states import TERMINAL

TITLE_CHARACTERS = 60
HISTORY = 50
"""Messages that a run gets to know."""


def session_create(*, owner: Any, flow: Flow, title: str = "") -> Session:
    """Opens an empty chat."""
    return Session.objects.create(owner=owner, flow=flow, title=title)


def session_rename(*, session: Session, title: str) -> Session:
    """Gives a chat another title."""
    session.title = title
    session.save(update_fields=["title"])
    return session


def session_delete(*, session: Session) -> None:
    """Removes a chat; its runs stay in the list of runs."""
    session.delete()


def message_send(
    *, session: Session, text: str, version: str = "draft", document: dict[str, Any] | None = None
) -> tuple[Message, Run]:
    """Says something in a chat: the message and its run are saved together.

    Raises:
        ApiError: 409 while the answer before is still being given; as ``run_start`` otherwise.
    """
    with writing():
        Session.objects.select_for_update().get(id=session.id)
        _wait_for_the_answer(session)
        run = run_start(
            owner=session.owner,
            flow=session.flow,
            version=version,
            document=document,
            origin="chat",
            # Pinned outputs belong to drawing: who talks with the draft draws.
            part=Part(pins=version == "draft"),
            inputs={"text": text, "history": _history(session)},
        )
        message = Message.objects.create(
            session=session, role=Message.Role.USER, text=text, run=run, status="sent"
        )
        title = session.title or " ".join(text.split())[:TITLE_CHARACTERS]
        Session.objects.filter(id=session.id).update(title=title, updated_at=timezone.now())
    return message, run


def _wait_for_the_answer(session: Session) -> None:
    open_run = Run.objects.filter(messages__session=session).exclude(status__in=TERMINAL).first()
    if open_run is not None:
        raise ApiError(
            409,
            "answer_under_way",
            "The answer to the message before is still being given.",
            "Wait for it, or stop it.",
            run_id=str(open_run.id),
        )


def _history(session: Session) -> list[dict[str, str]]:
    """Returns what was said, oldest first; an answer that came to nothing is left out."""
    newest = session.messages.order_by("-created_at").values_list("role", "text")[:HISTORY]
    return [{"role": role, "content": text} for role, text in reversed(newest) if text]
