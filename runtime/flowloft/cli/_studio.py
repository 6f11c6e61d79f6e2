"""A studio as a command speaks to it: over REST, with a token."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from flowloft.core.errors import BackendError, FlowError, FlowloftError

DEFAULT = "http://127.0.0.1:8760"
TOKEN_ENV = "FLOWLOFT_TOKEN"  # noqa: S105 - a name
_PIECE = 1 << 20


class Studio:
    """A studio that commands are sent to.

    Args:
        address: Where it is; ``http://127.0.0.1:8760`` where empty.
        token: Of whom; from the environment where empty.
    """

    def __init__(self, address: str = "", token: str = "") -> None:
        import httpx

        self.address = (address or DEFAULT).rstrip("/")
        token = token or os.environ.get(TOKEN_ENV, "")
        if not token:
            raise FlowError(
                "The studio asks who is there.",
                code="no_token",
                hint=f"Make a token under Settings and put it into {TOKEN_ENV}.",
            )
        self._http = httpx.Client(
            base_url=f"{self.address}/api/v1/",
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(600.0, connect=10.0),
        )

    def call(
        self, method: str, path: str, body: Any = None, *, params: Mapping[str, str] | None = None
    ) -> Any:
        """Calls a route with JSON and returns what it answers.

        Raises:
            FlowloftError: What the studio refused, with its four fields.
            BackendError: ``studio_unreachable``.
        """
        content = None if body is None else json.dumps(body).encode()
        headers = {} if body is None else {"Content-Type": "application/json"}
        return self._asked(method, path, content=content, headers=headers, params=params)

    def send(self, method: str, path: str, body: bytes | IO[bytes], params: Mapping[str, Any]) -> Any:
        """Sends bytes; as :meth:`call`."""
        size = len(body) if isinstance(body, bytes) else os.fstat(body.fileno()).st_size
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
        content = body if isinstance(body, bytes) else _pieces(body)
        return self._asked(method, path, content=content, headers=headers, params=params)

    def save(self, path: str, target: Path, params: Mapping[str, str]) -> int:
        """Writes what a route answers to a file; returns its size in bytes."""
        import httpx

        try:
            with self._http.stream("GET", path, params=params) as answer:
                if answer.is_error:
                    answer.read()
                    raise _refused(answer.status_code, answer.content)
                with target.open("wb") as file:
                    for piece in answer.iter_bytes(_PIECE):
                        file.write(piece)
        except httpx.TransportError as error:
            raise self._unreachable(error) from error
        return target.stat().st_size

    def _asked(self, method: str, path: str, **more: Any) -> Any:
        import httpx

        try:
            answer = self._http.request(method, path, **more)
        except httpx.TransportError as error:
            raise self._unreachable(error) from error
        if answer.is_error:
            raise _refused(answer.status_code, answer.content)
        return answer.json() if answer.content else None

    def _unreachable(self, error: Exception) -> BackendError:
        return BackendError(
            f"No studio answers at {self.address}: {error}.",
            code="studio_unreachable",
            permanent=False,
            hint="Does it run? Give its address with --studio or in FLOWLOFT_STUDIO.",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


def _refused(status: int, content: bytes) -> FlowloftError:
    """Returns what a studio refused as the error that it was there."""
    try:
        told = json.loads(content)
        fields = {name: told[name] for name in ("message", "code", "hint", "extra")}
    except (ValueError, KeyError, TypeError):
        return BackendError(
            f"The studio answered with status {status}.",
            code="studio_failed",
            permanent=status < 500,
            hint="Is that a studio, and is it of this version?",
        )
    message = str(fields.pop("message"))
    return FlowError(message, **fields) if status < 500 else FlowloftError(message, **fields)
