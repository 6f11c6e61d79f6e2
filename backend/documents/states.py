"""The states of a document and the ways between them."""

from __future__ import annotations

from django.db.models import TextChoices


class State(TextChoices):
    """Where a document stands."""

    QUEUED = "queued"
    FETCHING = "fetching"
    PARSING = "parsing"
    SPLITTING = "splitting"
    TRANSFORMING = "transforming"
    EMBEDDING = "embedding"
    INDEXING = "indexing"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REMOVING = "removing"


class Step(TextChoices):
    """What is to be done next; a worker that takes a document over begins there."""

    FETCH = "fetch"
    PARSE = "parse"
    SPLIT = "split"
    TRANSFORM = "transform"
    EMBED = "embed"
    INDEX = "index"


STATE_OF = {
    Step.FETCH: State.FETCHING,
    Step.PARSE: State.PARSING,
    Step.SPLIT: State.SPLITTING,
    Step.TRANSFORM: State.TRANSFORMING,
    Step.EMBED: State.EMBEDDING,
    Step.INDEX: State.INDEXING,
}
HELD = tuple(STATE_OF.values())
"""Those in which a worker has the document."""
ACTIVE = (State.QUEUED, *HELD, State.REMOVING)
OVER = (State.READY, State.FAILED, State.CANCELLED)
MAX_ATTEMPTS = 5
