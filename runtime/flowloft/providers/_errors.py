"""What went wrong with a call to a model, said so that the reader knows what to do."""

from __future__ import annotations

from typing import Any

from flowloft.core.context import Connection
from flowloft.core.errors import ProviderError
from flowloft.core.watch import Expired

LONGEST_DETAIL = 500


class Failures:
    """Words the errors of one connection."""

    def __init__(self, title: str, connection: Connection, key_env: str = "") -> None:
        self._title = title
        self._connection = connection
        self._key_env = key_env

    def status(self, status: int, body: Any, headers: Any = None) -> ProviderError:
        """For an answer that is an error by its HTTP status."""
        detail = self._detail(body)
        code, permanent, what, hint = self._judge(status, detail)
        extra: dict[str, Any] = {"status": status}
        retry_after = _seconds(headers)
        if retry_after is not None:
            extra["retry_after"] = retry_after
        return self._error(code, f"{what}{f': {detail}' if detail else '.'}", hint, permanent, **extra)

    def _judge(self, status: int, detail: str) -> tuple[str, bool, str, str]:
        lowered = detail.lower()
        if status in (401, 403):
            where = f" or {self._key_env}" if self._key_env else ""
            return (
                "provider_auth",
                True,
                "did not accept the key",
                f"Check the key of the connection “{self._connection.name}”{where}.",
            )
        if "context" in lowered and any(word in lowered for word in ("exceed", "maximum", "too long")):
            return (
                "context_too_long",
                True,
                "can't read that much text at once",
                "Shorten the input, remember fewer messages, or choose a model with a larger context.",
            )
        if status == 402 or (status == 429 and ("quota" in lowered or "balance" in lowered)):
            return "provider_quota", True, "has no credit left", "Top the account up, or use another model."
        if status == 404:
            return (
                "provider_model_unknown",
                True,
                f"does not know “{self._connection.model}” at this address",
                "Check the name of the model and the address of the connection.",
            )
        if status in (408, 409, 425, 429):
            return "provider_busy", False, "takes no more requests for now", "Wait a little and run it again."
        if status >= 500:
            return "provider_unavailable", False, "failed by itself", "Run it again later."
        if 300 <= status < 400:
            return (
                "provider_moved",
                True,
                "answered with a redirect",
                "Enter the address that it leads to; keys are not sent along redirects.",
            )
        return "provider_refused", True, "refused the request", "Check the settings of the node."

    def unreachable(self, error: BaseException) -> ProviderError:
        """For a connection that did not come about."""
        return self._error(
            "provider_unreachable",
            f"can't be reached: {self._detail(str(error)) or type(error).__name__}",
            "Check the address of the connection and whether the service runs.",
            False,
        )

    def expired(self, expired: Expired) -> ProviderError:
        """For a limit that passed."""
        said = {
            "idle": f"said nothing for {expired.limit:g} s",
            "total": f"was not done within {expired.limit:g} s",
            "size": f"sent more than {expired.limit:g} bytes",
        }
        return self._error(
            "provider_timeout" if expired.reason != "size" else "provider_too_much",
            f"{said[expired.reason]}.",
            "Run it again, or ask for a shorter answer.",
            expired.reason == "size",
        )

    def broken(self, partial: str, why: str = "") -> ProviderError:
        """For an answer that stopped before its end; what had come is kept."""
        return self._error(
            "stream_broken",
            f"broke off before the end of its answer{f': {self._detail(why)}' if why else '.'}",
            "Run it again.",
            False,
            partial=partial,
        )

    def no_model(self, content_type: str, detail: str) -> ProviderError:
        """For an address where something else than a model answers."""
        return self._error(
            "provider_not_a_model",
            f"answered with {content_type or 'something'} instead of a model's answer"
            f"{f': {self._detail(detail)}' if detail else '.'}",
            "Check the address of the connection; it usually ends with /v1.",
            True,
        )

    def _error(self, code: str, what: str, hint: str, permanent: bool, **extra: Any) -> ProviderError:
        model = f" ({self._connection.model})" if self._connection.model else ""
        return ProviderError(
            f"{self._title}{model} {what}",
            code=code,
            permanent=permanent,
            hint=hint,
            extra={"provider": self._connection.provider, "model": self._connection.model, **extra},
        )

    def _detail(self, body: Any) -> str:
        """Finds the vendor's own words, without the key in them."""
        while isinstance(body, dict):
            body = body.get("error") or body.get("message") or body.get("detail") or body.get("msg") or ""
        return self._connection.hidden(" ".join(str(body or "").split())[:LONGEST_DETAIL])


def _seconds(headers: Any) -> float | None:
    try:
        return max(0.0, float(headers["retry-after"]))
    except (KeyError, TypeError, ValueError):
        return None
