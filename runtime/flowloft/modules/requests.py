"""Requests to a served module, one by one: who may, what is asked, what is answered."""

from __future__ import annotations

import hmac
import logging
import secrets
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any, cast

from flowloft.core.calls.wire import arguments_of, event, parsed, written
from flowloft.core.errors import (
    BackendError,
    Cancelled,
    FlowError,
    FlowloftError,
    InputError,
    NoFit,
    ProviderError,
    StepTimeout,
)
from flowloft.modules.listener import IDLE_SECONDS, Listener
from flowloft.modules.openapi import signature_of
from flowloft.modules.pieces import in_pieces, whole
from flowloft.modules.spread import answer_of

_LOG = logging.getLogger("flowloft.server")
_OWN_ONLY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_LOCAL_NAMES = ("127.0.0.1", "localhost", "[::1]")
_MOST_DRAINED = 8 * 1024 * 1024
"""Bytes of a refused request that are read and dropped, so that its sender sees the refusal."""
_STATUS: dict[type[FlowloftError], int] = {
    InputError: 400,
    FlowError: 422,
    NoFit: 422,
    ProviderError: 502,
    BackendError: 502,
    StepTimeout: 504,
}


class _Refused(Exception):  # noqa: N818 - an answer
    def __init__(self, status: int, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.status = status
        self.payload = {"code": code, "message": message, "hint": hint, "extra": {}}


class _Gone(Exception):  # noqa: N818 - as the other
    """The caller went away, or is too slow: there is nobody to tell anything."""


class Requests(BaseHTTPRequestHandler):
    """One connection of a :class:`Listener`."""

    protocol_version = "HTTP/1.1"
    server_version = "Flowloft"
    sys_version = ""
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True

    @property
    def _listener(self) -> Listener:
        return cast("Listener", self.server)

    def do_GET(self) -> None:
        self._told(self._get)

    def do_POST(self) -> None:
        self._told(self._post)

    def log_message(self, format: str, *args: Any) -> None:
        _LOG.debug("%s %s", self.address_string(), format % args)

    def _told(self, answer: Any) -> None:
        """Answers a request, whatever happens."""
        self._unread = -1
        self._listener.busy(self.connection, busy=True)
        try:
            self._unread = self._length()
            answer()
        except _Gone:
            self.close_connection = True
        except _Refused as refusal:
            self._drain()
            self._send(refusal.status, refusal.payload)
        except (Exception, Cancelled) as error:  # noqa: BLE001 - told to the caller, and to the log
            status, payload = _failure(error)
            self._send(status, payload)
        finally:
            self._listener.busy(self.connection, busy=False)
            if self._listener.ending:
                self.close_connection = True

    def _get(self) -> None:
        self._drain()
        path = self.path.partition("?")[0]
        if path == "/health":
            self._send(200, {"status": "ok", "name": self._listener.service.name})
        elif path in self._listener.service.pages:
            self._page(*self._listener.service.pages[path])
        elif path == "/openapi.json":
            self._allow()
            self._send(200, self._listener.service.document())
        else:
            raise _Refused(404, "not_found", "There is nothing here.", "See /openapi.json.")

    def _post(self) -> None:
        self._allow()
        if self.path.partition("?")[0] != "/run":
            raise _Refused(404, "not_found", "There is nothing here.", "Post to /run.")
        call = self._call()
        args, named = arguments_of(call)
        self._fit(args, named)
        if not self._listener.slots.acquire(blocking=False):
            raise _Refused(503, "busy", "Too many calls are under way.", "Try again in a second.")
        try:
            result = self._listener.service.call(*args, **named)
            if call.get("stream") or "text/event-stream" in self.headers.get("accept", ""):
                self._stream(iter(result) if in_pieces(result) else iter((result,)))
            else:
                self._send(200, answer_of(whole(result)))
        finally:
            self._listener.slots.release()

    def _allow(self) -> None:
        key = self._listener.service.key
        if not key:
            # A page of the web may reach loopback by a name of its own; then Host has that name.
            host = self.headers.get("host", "")
            if not any(host == name or host.startswith(f"{name}:") for name in _LOCAL_NAMES):
                raise _Refused(403, "wrong_host", "This server is for this machine.", "Use 127.0.0.1.")
            return
        given = self.headers.get("authorization", "").encode(errors="replace")
        if not hmac.compare_digest(given, f"Bearer {key}".encode()):
            raise _Refused(
                401, "wrong_key", "The key is missing or wrong.", "Send Authorization: Bearer <key>."
            )

    def _length(self) -> int:
        """Returns how many bytes follow the headers; -1 where nobody knows."""
        lengths = self.headers.get_all("content-length", ["0"] if self.command == "GET" else [])
        given = lengths[0] if len(lengths) == 1 else ""
        known = given.isascii() and given.isdigit() and "transfer-encoding" not in self.headers
        return int(given) if known and len(given) < 19 else -1

    def _call(self) -> Any:
        length, most = self._unread, self._listener.service.max_body
        if length < 0:
            raise _Refused(
                411, "length_required", "The length of the call is not known.", "Send Content-Length."
            )
        if length > most:
            raise _Refused(
                413, "too_large", f"The call has more than {most} bytes.", "Send less, or raise max_body."
            )
        if self.headers.get_content_type() != "application/json":
            raise _Refused(415, "not_json", "The call is not JSON.", "Send Content-Type: application/json.")
        body = self._read(length)
        self._unread = 0
        try:
            return parsed(body)
        except ValueError as error:
            raise InputError(f"The call is no JSON: {error}.", code="not_json", hint="Send JSON.") from error

    def _fit(self, args: list[Any], named: dict[str, Any]) -> None:
        signature = signature_of(self._listener.service.call)
        if signature is None:
            return
        try:
            signature.bind(*args, **named)
        except TypeError as error:
            raise InputError(
                f"The arguments don't fit: {error}.",
                code="invalid_arguments",
                hint=f"It takes {signature}.",
            ) from error

    def _drain(self) -> None:
        """Reads what is left of the request, or sees to it that the connection is not used again."""
        left = min(self._unread, _MOST_DRAINED)
        self.close_connection = self.close_connection or not 0 <= self._unread <= _MOST_DRAINED
        while left > 0 and (part := self._read(min(left, 65_536))):
            left -= len(part)
        self._unread = 0

    def _send(self, status: int, answer: Any) -> None:
        body = written(answer)
        self._head(status, {"Content-Type": "application/json", "Content-Length": str(len(body))})
        self._write(body)

    def _page(self, content_type: str, content: bytes) -> None:
        """Sends a file of a page, which may load nothing but its own server's."""
        self._head(
            200,
            {
                "Content-Type": f"{content_type}; charset=utf-8",
                "Content-Length": str(len(content)),
                "Cache-Control": "no-cache",
                "Content-Security-Policy": _OWN_ONLY,
                "X-Content-Type-Options": "nosniff",
                "Referrer-Policy": "no-referrer",
            },
        )
        self._write(content)

    def _stream(self, pieces: Iterator[Any]) -> None:
        nothing = object()
        piece = next(pieces, nothing)  # what fails at once gets a status of its own
        first = b"" if piece is nothing else event("piece", piece)
        self._head(
            200,
            {
                "Content-Type": "text/event-stream",
                "Cache-Control": "no-store",
                "Transfer-Encoding": "chunked",
            },
        )
        last = event("done", {})
        try:
            if first:
                self._chunk(first)
            for piece in pieces:
                self._chunk(event("piece", piece))
        except _Gone:
            raise
        except (Exception, Cancelled) as error:  # noqa: BLE001 - told to the caller, and to the log
            last = event("error", _failure(error)[1])
        finally:
            close = getattr(pieces, "close", None)
            if close is not None:
                close()
        self._chunk(last)
        self._chunk(b"")

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        try:
            self.end_headers()
        except OSError as error:
            raise _Gone from error

    def _chunk(self, data: bytes) -> None:
        self._write(b"%x\r\n%b\r\n" % (len(data), data))

    def _write(self, data: bytes) -> None:
        try:
            self.wfile.write(data)
        except OSError as error:
            raise _Gone from error

    def _read(self, length: int) -> bytes:
        try:
            return self.rfile.read(length)
        except OSError as error:
            raise _Gone from error


def _failure(error: BaseException) -> tuple[int, dict[str, Any]]:
    """Returns status and payload. What is a bug is shown with an id only: it may hold secrets."""
    if isinstance(error, FlowloftError):
        return _STATUS.get(type(error), 422), error.payload()
    if isinstance(error, Cancelled):
        return 503, {"code": "cancelled", "message": "The call was stopped.", "hint": "", "extra": {}}
    mark = secrets.token_hex(4)
    _LOG.error("A call failed (%s)", mark, exc_info=error)
    return 500, {
        "code": "unexpected_error",
        "message": f"The function failed with {type(error).__name__}.",
        "hint": f"The log of the server has more under {mark}.",
        "extra": {"id": mark},
    }
