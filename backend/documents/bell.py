"""Tells those who look at a knowledge base that something in it changed. A ring that gets lost loses
nothing: whoever listens asks the database."""

from __future__ import annotations

import logging
import uuid

import redis

from backend.common.broker import broker

PREFIX = "flowloft:knowledge:"
log = logging.getLogger(__name__)


def channel(knowledge_id: uuid.UUID) -> str:
    """Returns the name under which a knowledge base's news travel."""
    return f"{PREFIX}{knowledge_id}"


def ring(knowledge_id: uuid.UUID) -> None:
    """Says that there is news; call it after the commit."""
    try:
        broker().publish(channel(knowledge_id), "1")
    except redis.RedisError as error:
        log.debug("The bell is silent: %s", error)
