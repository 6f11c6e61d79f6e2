"""What can be done to chats."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone

from backend.chat.models import Message, Session
from backend.common.errors import ApiError
from backend.files.services import files_drop, files_take
from backend.flows.models import Flow
from backend.runs.models import Run
from backend.runs.parts import Part
from backend.runs.services import run_start
from backend.runs.states import TERMINAL

TITLE_CHARACTERS = 60
HISTORY = 50
"""Messages that a run gets to know."""
SEARCHED = 8_000
"""Characters of a message that a search of the chats looks at."""


def words_of(text: str) -> str:
    """Returns a text in small letters as it is searched, without what a text column refuses."""
    plain = text.encode("utf-8", "ignore").decode().replace("\0", " ")
    return " ".join(plain.split()).casefold()[:SEARCHED]


def session_create(*, owner: Any, flow: Flow, title: str = "", visitor: bool = False) -> Session:
    """Opens an empty chat; of a ``visitor``'s, the owner is whose flow answers."""
    return Session.objects.create(owner=owner, flow=flow, title=title, visitor=visitor)


def session_change(*, session: Session, title: str | None = None, head: uuid.UUID | None = None) -> Session:
    """Gives a chat another title, or shows another branch of it.

    Raises:
        ApiError: 404 where the chat has no such message.
    """
    if title is not None:
        session.title = title
    if head is not None:
        session.head = message_of(session=session, message_id=head, path="/head")
    session.save(update_fields=["title", "head"])
    return session


def session_delete(*, session: Session) -> None:
    """Removes a chat and what was attached in it; its runs stay in the list of runs."""
    attached = [file["ref"] for files in session.messages.values_list("files", flat=True) for file in files]
    session.delete()
    files_drop(owner=session.owner, refs=attached)


def message_of(*, session: Session, message_id: uuid.UUID, path: str) -> Message:
    """Returns a message of a chat.

    Raises:
        ApiError: 404.
    """
    found = session.messages.filter(id=message_id).first()
    if found is None:
        raise ApiError(
            404, "no_such_message", "The chat has no such message.", "Load its messages again.", path=path
        )
    return found


def message_send(
    *,
    session: Session,
    text: str,
    version: str = "draft",
    document: dict[str, Any] | None = None,
    files: list[uuid.UUID] | None = None,
    instead_of: uuid.UUID | None = None,
    origin: str = "chat",
) -> tuple[Message, Run]:
    """Says something in a chat: the message and its run are saved together.

    Args:
        files: Ids of what was uploaded before.
        instead_of: A message of the person's that this one is said instead of: a branch beside it. Without it
            this is said behind the last message in view.
        origin: Where the run comes from.

    Raises:
        ApiError: 409 while the answer before is still being given; as ``run_start`` otherwise.
    """
    with transaction.atomic():
        locked = Session.objects.select_for_update(of=("self",)).select_related("head").get(id=session.id)
        _wait_for_the_answer(session)
        parent = locked.head
        if instead_of is not None:
            before = message_of(session=session, message_id=instead_of, path="/instead_of")
            if before.role != Message.Role.USER:
                raise ApiError(
                    400,
                    "invalid_input",
                    "Only what a person said can be said otherwise.",
                    "Name the question, not its answer.",
                    path="/instead_of",
                )
            parent = before.parent
        attached = files_take(owner=session.owner, ids=files or [])
        inputs: dict[str, Any] = {"text": text, "history": _history(session, parent)}
        run = run_start(
            owner=session.owner,
            flow=session.flow,
            version=version,
            document=document,
            origin=origin,
            # Pinned outputs belong to drawing: who talks with the draft draws.
            part=Part(pins=version == "draft"),
            inputs=inputs | ({"files": attached} if attached else {}),
        )
        message = Message.objects.create(
            session=session,
            parent=parent,
            role=Message.Role.USER,
            text=text,
            words=words_of(text),
            files=attached,
            run=run,
            status="sent",
        )
        title = session.title or " ".join(text.split())[:TITLE_CHARACTERS]
        Session.objects.filter(id=session.id).update(title=title, head=message, updated_at=timezone.now())
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


def branch_of(*, session: Session, end: Message | None, limit: int | None = None) -> list[Message]:
    """Returns the messages that lead to one and itself, oldest first; at most ``limit``, the newest."""
    parents = dict(session.messages.values_list("id", "parent_id"))
    ids: list[uuid.UUID] = []
    at = end.id if end else None
    while at is not None and (limit is None or len(ids) < limit):
        ids.append(at)
        at = parents.get(at)
    found = session.messages.in_bulk(ids)
    return [found[one] for one in reversed(ids)]


def _history(session: Session, end: Message | None) -> list[dict[str, Any]]:
    """Returns what was said, oldest first; an answer that came to nothing is left out."""
    said = branch_of(session=session, end=end, limit=HISTORY)
    return [
        {"role": message.role, "content": message.text} | ({"files": message.files} if message.files else {})
        for message in said
        if message.text
    ]
