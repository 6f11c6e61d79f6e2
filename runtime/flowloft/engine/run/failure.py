"""Whatever a node raises becomes an error that a person can read and a program can tell apart."""

from __future__ import annotations

import logging
import uuid

from flowloft.core.errors import (
    BackendError,
    Cancelled,
    FlowError,
    FlowloftError,
    InputError,
    NoFit,
    Paused,
    ProviderError,
)

LOG = logging.getLogger("flowloft.engine")


class Stopped(Exception):  # noqa: N818 - not an error: it has been told already
    """A step has failed or was cancelled, and that has been told; nothing is left to say."""


class Held(Stopped):
    """A step waits for a person, and that has been told. Others may go on."""


class Broken(BaseException):
    """The engine or whoever listens has failed, with that as ``__cause__``. Not for nodes to catch,
    so it is no :class:`Exception`: the whole run ends with it."""


def as_error(error: BaseException, node_id: str, step: str, *, logs: bool = True) -> FlowloftError:
    """Returns an error as one of ours, with the node it happened in.

    Args:
        error: What was raised. One that is no :class:`FlowloftError` is a bug: it gets an id that
            stands in the log next to its traceback, and stays reachable as ``__cause__``.
        step: Key of the step, ``loop_1[3]/ask``; put in ``extra["step"]``.
    """
    if isinstance(error, FlowloftError):
        if error.node_id is None:
            error.node_id = node_id
        error.extra.setdefault("step", step)
        return error
    name = type(error).__name__
    incident = uuid.uuid4().hex[:12]
    if logs:
        LOG.error("unexpected error %s in step %s", incident, step, exc_info=error)
    wrapped = FlowloftError(
        f"{name}: {error}" if str(error) else name,
        code="unexpected_error",
        hint=f"The node did not foresee this. The log has the details under {incident}.",
        node_id=node_id,
        extra={"type": name, "id": incident, "step": step},
    )
    wrapped.__cause__ = error
    return wrapped


def worth_retrying(error: BaseException) -> bool:
    """Says whether the same call could end differently a moment later."""
    if isinstance(error, (ProviderError, BackendError)):
        return not error.permanent
    return isinstance(error, Exception) and not isinstance(
        error, (Cancelled, Paused, FlowError, InputError, NoFit)
    )
