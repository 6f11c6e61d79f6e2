"""A job and its log as server-sent events, until it has ended."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connection
from flowloft.core.backend import BACKENDS
from flowloft.core.errors import FlowloftError
from flowloft.core.records import read_records

from backend.compute.models import ComputeJob
from backend.compute.services import job_logs
from backend.compute.shapes import JobSerializer

ASK_EVERY = 0.7
"""Seconds between two looks. Row and log change without a bell: somebody else writes the log."""
KEEP_ALIVE = 15.0


def text_of(piece: bytes, following: int) -> tuple[str, int]:
    """Returns a piece of a log as text; half a character at its end is left for the next."""
    whole = len(piece)
    for back in range(1, min(4, whole) + 1):
        byte = piece[-back]
        if byte >= 0xC0:
            needed = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            whole -= back if back < needed else 0
            break
        if byte < 0x80:
            break
    return piece[:whole].decode("utf-8", "replace").replace("\0", "�"), following - (len(piece) - whole)


def _look(job_id: uuid.UUID, offset: int) -> tuple[dict[str, Any], bool, str, int]:
    try:
        job = ComputeJob.objects.select_related("backend").get(id=job_id)
        shown = dict(JobSerializer(job).data)
        try:
            text, offset = written(job, offset)
        except FlowloftError as error:
            shown["silence"] = shown["silence"] or error.message
            text = ""
        return shown, job.ended, text, offset
    finally:
        connection.close()


def written(job: ComputeJob, offset: int) -> tuple[str, int]:
    """Returns what a person reads of a log: of a job that tells its run by records, the rest."""
    if not job.follow or job.backend is None:
        return text_of(*job_logs(job=job, offset=offset))
    if BACKENDS.get(job.backend.kind).two_logs and job.spec.get("errors_apart"):
        return text_of(*job_logs(job=job, offset=offset, errors=True))
    piece, _ = job_logs(job=job, offset=offset)
    _records, between, taken = read_records(piece)
    return between.decode("utf-8", "replace").replace("\0", "�"), offset + taken


async def job_stream(job_id: uuid.UUID, offset: int) -> AsyncIterator[bytes]:
    """Yields ``job`` events, whenever something of it changed, and ``log`` events with the next offset
    as their id. Ends behind the last piece of an ended job."""
    look = sync_to_async(_look, thread_sensitive=False)
    last, quiet = "", 0.0
    yield b": a job and its log\n\n"
    while True:
        shown, ended, text, offset = await look(job_id, offset)
        told = json.dumps(shown, ensure_ascii=False, default=str)
        if text:
            yield _event("log", json.dumps({"text": text, "next": offset}, ensure_ascii=False), offset)
        if told != last:
            yield _event("job", told, offset)
            last, quiet = told, 0.0
        if ended and not text:
            yield _event("end", "{}", offset)
            return
        if text:
            continue
        await asyncio.sleep(ASK_EVERY)
        quiet += ASK_EVERY
        if quiet > KEEP_ALIVE:
            quiet = 0.0
            yield b": still here\n\n"


def _event(kind: str, data: str, offset: int) -> bytes:
    return f"id: {offset}\nevent: {kind}\ndata: {data}\n\n".encode()


def _overview(user_id: Any) -> str:
    try:
        jobs = ComputeJob.objects.filter(owner_id=user_id).select_related("backend")[:RECENT]
        return json.dumps([dict(JobSerializer(job).data) for job in jobs], ensure_ascii=False, default=str)
    finally:
        connection.close()


RECENT = 50


async def jobs_stream(user_id: Any) -> AsyncIterator[bytes]:
    """Yields a person's newest jobs whenever one of them has changed."""
    look = sync_to_async(_overview, thread_sensitive=False)
    last, quiet = "", 0.0
    yield b": jobs\n\n"
    while True:
        told = await look(user_id)
        if told != last:
            last, quiet = told, 0.0
            yield f"event: jobs\ndata: {told}\n\n".encode()
        await asyncio.sleep(ASK_EVERY)
        quiet += ASK_EVERY
        if quiet > KEEP_ALIVE:
            quiet = 0.0
            yield b": still here\n\n"
