"""A conversation as a file that leaves."""

from __future__ import annotations

import json
from typing import Any

from backend.chat.models import Message, Session
from backend.chat.services import branch_of

FORMATS = ("markdown", "json")
_NAMES = {Message.Role.USER: "You", Message.Role.ASSISTANT: "Answer"}


def conversation_write(*, session: Session, format: str) -> tuple[str, str]:
    """Returns the branch in view as a text, and the ending of its file."""
    said = branch_of(session=session, end=session.head)
    if format == "json":
        whole = {
            "title": session.title,
            "flow": str(session.flow_id),
            "messages": [_line(one) for one in said],
        }
        return json.dumps(whole, ensure_ascii=False, indent=2) + "\n", "json"
    return f"# {session.title}\n\n" + "\n".join(_paragraph(one) for one in said), "md"


def _line(message: Message) -> dict[str, Any]:
    line: dict[str, Any] = {
        "role": message.role,
        "content": message.text,
        "at": message.created_at.isoformat(),
    }
    if message.role == Message.Role.ASSISTANT:
        line |= {"status": message.status, "run": str(message.run_id) if message.run_id else None}
    if message.files:
        line["files"] = [{"name": file["name"], "media_type": file["media_type"]} for file in message.files]
    if message.citations:
        line["citations"] = message.citations
    return line


def _paragraph(message: Message) -> str:
    lines = [f"## {_NAMES[Message.Role(message.role)]}", "", message.text, ""]
    lines += [f"- {file['name']}" for file in message.files]
    for citation in message.citations:
        lines.append(f"[{citation['number']}] {citation.get('title') or citation.get('document_id', '')}  ")
    return "\n".join([*lines, ""]) if lines[-1] else "\n".join(lines)
