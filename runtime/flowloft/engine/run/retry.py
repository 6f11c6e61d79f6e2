"""Tries a call again, with growing pauses that end at once when the run does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_exponential

T = TypeVar("T")

LONGEST_PAUSE = 300.0
"""Seconds."""


def retrying(
    call: Callable[[], T],
    *,
    attempts: int,
    delay: float,
    again: Callable[[BaseException], bool],
    told: Callable[[BaseException, float], None],
    sleep: Callable[[float], None],
) -> T:
    """Calls until it succeeds, is not worth trying again, or was tried often enough.

    Args:
        attempts: How often at most, the first try among them.
        delay: Seconds before the second try; doubled each time. A service that says when to come
            back (``extra["retry_after"]``, seconds) is waited for at least that long.
        again: Says whether an error is worth another try.
        told: Hears of each error that is followed by another try, and the pause in seconds.
        sleep: Must raise when the run is over.
    """
    doubled = wait_exponential(multiplier=delay, max=LONGEST_PAUSE)

    def pause(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        asked = getattr(error, "extra", {}).get("retry_after", 0)
        return min(LONGEST_PAUSE, max(doubled(state), asked if isinstance(asked, (int, float)) else 0))

    def before_sleep(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome is not None else None
        if error is not None:
            told(error, state.upcoming_sleep)

    return Retrying(
        stop=stop_after_attempt(attempts),
        wait=pause,
        retry=retry_if_exception(again),
        before_sleep=before_sleep,
        sleep=sleep,
        reraise=True,
    )(call)
