"""What can be done to the link of a flow, and by whoever has it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import Sum

from backend.chat.models import Message, Session
from backend.chat.services import message_send, session_change, session_create
from backend.common.errors import ApiError, not_found
from backend.files.models import RunFile
from backend.files.services import file_add
from backend.flows.models import Flow
from backend.flows.services import version_get
from backend.runs.models import Run
from backend.runs.services import run_cancel
from backend.runs.states import TERMINAL
from backend.sharing.models import Share, Visit, VisitFile, new_code

ORIGIN = "shared"
"""Where a visitor's run comes from."""
AT_ONCE = 8
"""Answers that one link gives at the same time; its owner pays for each."""
FILES_KEPT = 1 << 30
"""Bytes of files that visitors of one link may leave on the owner's disk."""


def share_of(*, flow: Flow) -> Share:
    """Returns the link of a flow; not saved, and closed, until it was opened once."""
    return Share.objects.filter(flow=flow).first() or Share(flow=flow, code="")


def share_change(*, flow: Flow, open: bool | None = None, origins: list[str] | None = None) -> Share:
    """Opens or closes the link of a flow, or says which pages may frame it.

    Raises:
        ApiError: 400 for an origin that is none; 409 where nothing is published that could answer.
    """
    named = None if origins is None else [origin_of(one, f"/origins/{at}") for at, one in enumerate(origins)]
    if open and flow.published_version is None:
        raise ApiError(
            409,
            "not_published",
            "The flow has no published version, and a link leads to nothing else.",
            "Publish it first.",
        )
    share, _ = Share.objects.get_or_create(flow=flow)
    share.open = share.open if open is None else open
    share.origins = share.origins if named is None else sorted(set(named))
    share.save(update_fields=["open", "origins"])
    return share


def share_renew(*, flow: Flow) -> Share:
    """Gives a flow another link; the old one, and what was begun by it, is closed to visitors."""
    with transaction.atomic():
        share, _ = Share.objects.select_for_update().get_or_create(flow=flow)
        Visit.objects.filter(share=share).delete()
        VisitFile.objects.filter(share=share).delete()
        share.code = new_code()
        share.save(update_fields=["code"])
    return share


def origin_of(text: str, path: str) -> str:
    """Returns an address as the origin that browsers compare: scheme, host, and port where it is named.

    Raises:
        ApiError: 400 for anything else, so that nothing else gets into a header.
    """
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    plain = bool(host) and all(one.isascii() and (one.isalnum() or one in "-.") for one in host)
    if not plain or parts.scheme not in ("http", "https") or parts.username is not None:
        raise ApiError(
            400,
            "invalid_input",
            f"“{text}” is no address of a site.",
            "Write it as https://www.example.org, one for each site.",
            path=path,
        )
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def share_open(*, code: str) -> Share:
    """Returns the link that a visitor came by.

    Raises:
        ApiError: 404 for one that is closed, renewed or made up, or whose flow is published no more.
    """
    found = Share.objects.select_related("flow__owner").filter(code=code, open=True).first()
    if found is None or not found.flow.owner.is_active or found.flow.published_version is None:
        raise not_found()
    return found


def frame_origins(*, code: str) -> list[str]:
    """Returns the pages that may show a chat in a frame; none for a link that is not open."""
    try:
        return list(share_open(code=code).origins)
    except ApiError:
        return []


def share_document(*, share: Share) -> dict[str, Any]:
    """Returns of the published version what a chat draws: how it greets, and which nodes speak."""
    version = version_get(flow=share.flow, number=share.flow.published_version or 0)
    return seen_of(version.document["graph"])


def seen_of(graph: dict[str, Any]) -> dict[str, Any]:
    """Returns what a visitor may see of a graph: no prompt, no model, no address."""
    nodes = graph.get("nodes", {})
    edges = graph.get("edges", {})
    speaks = {
        name for name, node in nodes.items() if node["kind"] == "chat_output" and not node.get("disabled")
    }
    ways = {
        name: {key: edge[key] for key in ("source", "target", "target_port")}
        for name, edge in edges.items()
        if edge["target"] in speaks and edge["target_port"] == "text"
    }
    sources = {edge["source"] for edge in ways.values()}
    shown: dict[str, Any] = {}
    for name, node in nodes.items():
        if node.get("disabled"):
            continue
        if node["kind"] == "chat_input":
            asked = node.get("settings", {})
            shown[name] = {
                "kind": node["kind"],
                "settings": {key: asked[key] for key in ("greeting", "suggestions", "files") if key in asked},
            }
        elif name in speaks or name in sources:
            shown[name] = {"kind": node["kind"] if name in speaks else "", "title": node.get("title", "")}
    return {"graph": {"nodes": shown, "edges": ways}}


def visit_begin(*, share: Share) -> Session:
    """Opens a chat for somebody who came by the link."""
    with transaction.atomic():
        session = session_create(owner=share.flow.owner, flow=share.flow, visitor=True)
        Visit.objects.create(session=session, share=share)
    return session


def visit_session(*, code: str, session_id: uuid.UUID) -> Session:
    """Returns a visitor's chat.

    Raises:
        ApiError: 404.
    """
    share = share_open(code=code)
    found = (
        Session.objects.select_related("flow", "owner", "head", "visit__share")
        .filter(id=session_id, visit__share=share, visitor=True)
        .first()
    )
    if found is None:
        raise not_found()
    return found


def visit_say(
    *,
    session: Session,
    text: str,
    files: Iterable[uuid.UUID] = (),
    instead_of: uuid.UUID | None = None,
) -> tuple[Message, Run]:
    """Says something to the published version.

    Raises:
        ApiError: 404 for a file that did not come by this link; 429 where the link gives as many answers as
            it may; as ``message_send`` otherwise.
    """
    attached = list(files)
    if attached:
        came = VisitFile.objects.filter(share=session.visit.share, file__in=attached)
        if came.count() < len(set(attached)):
            raise not_found()
    open_now = Run.objects.filter(flow=session.flow, origin=ORIGIN).exclude(status__in=TERMINAL)
    if open_now.count() >= AT_ONCE:
        raise ApiError(
            429,
            "too_many_requests",
            "Many people are asking at the moment.",
            "Wait a little, then send it again.",
        )
    return message_send(
        session=session,
        text=text,
        version="published",
        files=attached,
        instead_of=instead_of,
        origin=ORIGIN,
    )


def visit_files_check(*, share: Share) -> None:
    """Says whether visitors may attach something, before it is read.

    Raises:
        ApiError: 400 ``no_files_taken``; 429 where they have left as much as they may.
    """
    nodes = share_document(share=share)["graph"]["nodes"].values()
    taken = {node.get("settings", {}).get("files", "none") for node in nodes if node["kind"] == "chat_input"}
    if not taken - {"none"}:
        raise ApiError(400, "no_files_taken", "This flow takes no files.", "Write what is in it.")
    kept = RunFile.objects.filter(visit__share=share).aggregate(bytes=Sum("size"))["bytes"] or 0
    if kept >= FILES_KEPT:
        raise ApiError(
            429,
            "too_many_files",
            "Visitors have left as many files by this link as it holds.",
            "Tell whoever gave you the link; a new link begins anew.",
        )


def visit_file_add(*, share: Share, place: Path, name: str) -> RunFile:
    """Keeps what a visitor attaches: a file of the owner's, found again by this link only.

    Raises:
        InputError: As ``file_add``.
    """
    with transaction.atomic():
        file = file_add(owner=share.flow.owner, place=place, name=name)
        VisitFile.objects.create(file=file, share=share)
    return file


def visit_file(*, code: str, file_id: uuid.UUID) -> RunFile:
    """Returns what was attached by a link.

    Raises:
        ApiError: 404.
    """
    found = RunFile.objects.filter(pk=file_id, visit__share=share_open(code=code)).first()
    if found is None:
        raise not_found()
    return found


def visit_message(*, code: str, message_id: uuid.UUID) -> Message:
    """Returns a line of a visitor's chat; its id is the key to it, as that of the chat is.

    Raises:
        ApiError: 404.
    """
    here = Message.objects.filter(session__visitor=True, session__visit__share=share_open(code=code))
    found = here.filter(pk=message_id).first()
    if found is None:
        raise not_found()
    return found


def visit_show(*, session: Session, head: uuid.UUID) -> Session:
    """Shows another branch of a visitor's chat."""
    return session_change(session=session, head=head)


def visit_run(*, session: Session, run_id: uuid.UUID) -> Run:
    """Returns the run that answers in a visitor's chat.

    Raises:
        ApiError: 404.
    """
    found = Run.objects.filter(id=run_id, messages__session=session).first()
    if found is None:
        raise not_found()
    return found


def visit_stop(*, session: Session, run_id: uuid.UUID) -> None:
    """Stops an answer."""
    run_cancel(run=visit_run(session=session, run_id=run_id))
