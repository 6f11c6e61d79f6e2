"""What people think of answers, and the examples that come of it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from backend.chat.models import Feedback, Message
from backend.chat.services import branch_of
from backend.common.errors import ApiError
from backend.datasets.models import DatasetVersion
from backend.datasets.services import dataset_add, folder
from backend.flows.models import Flow

HISTORY = 20
"""Messages before a question that an example shows."""


def feedback_give(*, message: Message, rating: str, **said: str) -> Feedback:
    """Keeps what a person thinks of an answer; what was thought before is replaced.

    Raises:
        ApiError: 400 for a question: only answers are rated.
    """
    if message.role != Message.Role.ASSISTANT:
        raise ApiError(400, "not_an_answer", "Only answers are rated.", "Name the answer to the question.")
    found, _ = Feedback.objects.update_or_create(
        message=message,
        defaults={"reason": "", "comment": "", "correction": "", **said, "rating": rating},
    )
    return found


def feedback_of(*, flow: Flow, user: Any) -> QuerySet[Feedback]:
    """Returns what was thought of a flow's answers to a person, and to visitors of the flow's link."""
    mine = Feedback.objects.filter(message__session__flow=flow, message__session__owner=user)
    return mine.select_related("message", "message__parent", "message__session")


def dataset_of_feedback(
    *, flow: Flow, user: Any, name: str = "", dataset: UUID | None = None, visitors: bool = False
) -> DatasetVersion:
    """Keeps liked answers, and corrections in place of the answers that they correct, as messages to
    learn from: with what was said before.

    Args:
        visitors: Whether what visitors thought is taken too; anybody with the link may have written it.

    Raises:
        ApiError: 409 ``no_feedback``; as ``dataset_add`` otherwise.
    """
    told = feedback_of(flow=flow, user=user).order_by("updated_at", "pk")
    lines = [
        json.dumps({"messages": messages}, ensure_ascii=False)
        for given in (told if visitors else told.filter(message__session__visitor=False))
        if (messages := _example(given)) is not None
    ]
    if not lines:
        raise ApiError(
            409,
            "no_feedback",
            "There is no answer yet to learn from.",
            "Like an answer in the chat, or say how it should have been.",
        )
    with tempfile.NamedTemporaryFile("w", prefix="feedback-", dir=folder(), encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        return dataset_add(
            user=user, file=Path(file.name), file_name="feedback.jsonl", name=name, dataset_id=dataset
        )


def _example(given: Feedback) -> list[dict[str, str]] | None:
    answer = given.correction or (given.message.text if given.rating == Feedback.Rating.GOOD else "")
    question = given.message.parent
    if not answer.strip() or question is None:
        return None
    said = branch_of(session=given.message.session, end=question, limit=HISTORY + 1)
    before = [{"role": one.role, "content": one.text} for one in said if one.text]
    while before and before[0]["role"] != Message.Role.USER:
        before.pop(0)
    return [*before, {"role": "assistant", "content": answer}]
