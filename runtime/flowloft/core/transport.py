"""HTTP over watched sockets: the one way by which the runtime speaks to the outside.

Names are resolved once and the connection goes to an address that was checked, so that a name
that changes its mind between check and use gains nothing.
"""

from __future__ import annotations

import functools
import os
import queue
import select
import socket
import ssl
import threading
import time
import typing
from collections.abc import Callable, Iterable, Iterator

import httpcore
import httpx

from flowloft.core.addresses import PROXY_ENV, require_open
from flowloft.core.watch import SLICE, current_watch

CONNECT_SECONDS = 10.0

T = typing.TypeVar("T")


class Transport(httpx.BaseTransport):
    """Carries requests of an ``httpx.Client``. Safe to share by threads.

    Args:
        guarded: Refuses addresses inside the network; see :mod:`flowloft.core.addresses`.
        proxy: Goes through this HTTP proxy, ``http://user:password@host:port``. Its own address is
            guarded as well, unless it is the owner's, and so is the one behind it.
    """

    def __init__(self, *, guarded: bool, proxy: str = "") -> None:
        self._guarded_behind = guarded and bool(proxy)
        backend = _Backend(guarded=guarded and not (proxy and proxy == os.environ.get(PROXY_ENV)))

        def pool(context: ssl.SSLContext | None) -> httpcore.ConnectionPool:
            # No cap: a call that waited for a place would wait where nobody watches its time.
            rest: typing.Any = {
                "ssl_context": context, "network_backend": backend, "max_connections": None
            }  # fmt: skip
            return _through(proxy, rest) if proxy else httpcore.ConnectionPool(**rest)

        self._pools = {
            b"http": functools.cache(lambda: pool(None)),
            b"https": functools.cache(lambda: pool(_tls())),
        }

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        if url.raw_scheme not in self._pools:
            raise httpx.UnsupportedProtocol(f"“{url.scheme}” is neither http nor https", request=request)
        if self._guarded_behind:
            port = url.port or (443 if url.scheme == "https" else 80)
            require_open(
                url.host,
                [address[0] for _, address in _translated(lambda: _resolve(url.host, port), request)],
            )
        outgoing = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=typing.cast("Iterable[bytes]", request.stream),
            extensions=request.extensions,
        )
        pool = self._pools[url.raw_scheme]()
        answer = _translated(lambda: pool.handle_request(outgoing), request)
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer, request),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        for pool in self._pools.values():
            if pool.cache_info().currsize:
                pool().close()


def _through(proxy: str, rest: dict[str, typing.Any]) -> httpcore.ConnectionPool:
    url = httpx.URL(proxy)
    auth = (url.username, url.password) if url.username else None
    return httpcore.HTTPProxy(
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=b"/"),
        proxy_auth=auth,
        proxy_ssl_context=_tls() if url.scheme == "https" else None,
        **rest,
    )


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response, request: httpx.Request) -> None:
        self._answer = answer
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        parts = iter(typing.cast("Iterable[bytes]", self._answer.stream))
        while (part := _translated(lambda: next(parts, None), self._request)) is not None:
            yield part

    def close(self) -> None:
        self._answer.close()


def _translated(call: Callable[[], T], request: httpx.Request) -> T:
    """Turns the errors of httpcore into those of httpx, which has the same names for them."""
    try:
        return call()
    except (
        httpcore.TimeoutException,
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.ProxyError,
    ) as error:
        same = getattr(httpx, type(error).__name__, httpx.TransportError)
        raise same(str(error), request=request) from error


@functools.cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context()


class _Backend(httpcore.NetworkBackend):
    def __init__(self, *, guarded: bool) -> None:
        self._guarded = guarded

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[typing.Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = _resolve(host, port)
        if self._guarded:
            require_open(host, [address[0] for _, address in addresses])
        until = time.monotonic() + (timeout or CONNECT_SECONDS)
        failure: OSError | None = None
        for family, address in addresses:
            try:
                return _Stream(_connect(family, address, until))
            except OSError as error:
                failure = error
        raise httpcore.ConnectError(f"{host}:{port} does not answer: {failure}") from failure


Address = tuple[typing.Any, ...]


def _resolve(host: str, port: int) -> list[tuple[int, Address]]:
    """Looks a name up in a thread of its own, since that can't be interrupted."""
    found: queue.SimpleQueue[list[typing.Any] | OSError] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            found.put(error if isinstance(error, OSError) else OSError(str(error)))

    if _is_literal(host):
        look_up()
    else:
        threading.Thread(target=look_up, daemon=True, name="flowloft-resolve").start()
    watch = current_watch()
    until = time.monotonic() + CONNECT_SECONDS
    while time.monotonic() < until:
        watch.look()
        try:
            answer = found.get(timeout=SLICE)
        except queue.Empty:
            continue
        if isinstance(answer, OSError):
            raise httpcore.ConnectError(f"There is no address for “{host}”: {answer}") from answer
        return [(entry[0], entry[4]) for entry in answer]
    raise httpcore.ConnectTimeout(f"Looking “{host}” up took too long")


def _is_literal(host: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except OSError:
            continue
        return True
    return False


def _connect(family: int, address: Address, until: float) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect_ex(address)
        watch = current_watch()
        while not _ready(sock, select.POLLOUT, SLICE):
            watch.look()
            if time.monotonic() > until:
                raise TimeoutError("no answer to the attempt to connect")
        problem = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if problem:
            raise OSError(problem, "refused or unreachable")
    except BaseException:
        sock.close()
        raise
    return sock


def _ready(sock: socket.socket, event: int, seconds: float) -> bool:
    poll = select.poll()  # unlike select() it takes file descriptors beyond 1023
    poll.register(sock, event)
    return bool(poll.poll(seconds * 1000))


class _Stream(httpcore.NetworkStream):
    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._sock.settimeout(SLICE)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        watch = current_watch()
        data = self._patiently(
            functools.partial(self._sock.recv, max_bytes), timeout, httpcore.ReadTimeout, httpcore.ReadError
        )
        watch.received(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        sent = 0
        while sent < len(buffer):
            rest = memoryview(buffer)[sent:]
            sent += self._patiently(
                functools.partial(self._sock.send, rest), timeout, httpcore.WriteTimeout, httpcore.WriteError
            )

    def close(self) -> None:
        self._sock.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = ssl_context.wrap_socket(
            self._sock, server_hostname=server_hostname, do_handshake_on_connect=False
        )
        stream = _Stream(secured)
        try:
            stream._patiently(
                secured.do_handshake,
                timeout or CONNECT_SECONDS,
                httpcore.ConnectTimeout,
                httpcore.ConnectError,
            )
        except BaseException:
            secured.close()
            raise
        return stream

    def get_extra_info(self, info: str) -> typing.Any:
        if info == "is_readable":
            return self._sock.fileno() < 0 or _ready(self._sock, select.POLLIN, 0)
        if info == "socket":
            return self._sock
        if info == "ssl_object" and isinstance(self._sock, ssl.SSLSocket):
            return self._sock._sslobj  # type: ignore[attr-defined]
        return None

    def _patiently(
        self,
        call: Callable[[], T],
        timeout: float | None,
        late: type[Exception],
        broken: type[Exception],
    ) -> T:
        """Repeats a call that gives up after a slice, until it is done or must end."""
        watch = current_watch()
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            watch.look()
            try:
                return call()
            except (TimeoutError, ssl.SSLWantReadError, ssl.SSLWantWriteError) as error:
                if until is not None and time.monotonic() > until:
                    raise late(str(error)) from error
            except OSError as error:
                raise broken(str(error)) from error
