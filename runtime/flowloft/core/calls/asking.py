"""One call to a server whose answer is not trusted."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager

import httpx

from flowloft.core.calls.address import Address, shown
from flowloft.core.calls.wire import written
from flowloft.core.context import Context
from flowloft.core.errors import FlowError, ProviderError
from flowloft.core.transport import Transport
from flowloft.core.watch import Expired, Watch, watching

MOVES = 3
"""How often a server may send a call on, within its own host."""
LONGEST = 3600.0
"""Seconds for a whole stream."""


def ask(
    address: Address, call: object, accept: str, ctx: Context, method: str = "POST"
) -> Generator[bytes, None, None]:
    """Sends a call and yields the body of the answer as it comes.

    Args:
        call: Plain data; not sent where the method is ``GET``.
        accept: The one content type that the answer may have.

    Raises:
        ProviderError: Nobody answers, it takes too long or is too much, or the status is an error.
        FlowError: The address is none, it is refused, or it redirects elsewhere.
    """
    body = b"" if method == "GET" else written(call)
    streams = accept == "text/event-stream"
    watch = Watch(
        ctx.check,
        idle=address.timeout,
        total=LONGEST if streams else address.timeout,
        max_bytes=address.max_bytes + 65_536,
    )
    headers = {
        **address.headers,
        "accept": accept,
        "accept-encoding": "identity",
        "content-type": "application/json",
        **({"authorization": f"Bearer {address.key}"} if address.key else {}),
    }
    # A client for each call: the pool of a shared one lets ten calls through and no more.
    with _client(address.guarded) as client:
        with _worded(address, watch):
            response = _sent(client, method, address, headers, body)
        with closing(response):
            parts = response.iter_raw()
            with _worded(address, watch):
                _require(address, response, accept, parts)
            while True:
                with _worded(address, watch):
                    part = next(parts, None)
                if part is None:
                    return
                watch.heard()
                yield part


def _sent(
    client: httpx.Client, method: str, address: Address, headers: dict[str, str], body: bytes
) -> httpx.Response:
    request = client.build_request(method, address.url, headers=headers, content=body)
    home = _origin(request.url)
    for _ in range(MOVES + 1):
        response = client.send(request, stream=True)
        if not response.is_redirect:
            return response
        response.close()
        target = request.url.join(response.headers["location"])
        if response.status_code not in (307, 308) or _origin(target) != home:
            raise FlowError(
                f"{shown(address.url)} sends the call on to {shown(str(target))}.",
                code="redirect_refused",
                hint="If that is right, enter the address that it leads to.",
            )
        request = client.build_request(method, target, headers=headers, content=body)
    raise FlowError(
        f"{shown(address.url)} redirects more than {MOVES} times.",
        code="too_many_redirects",
        hint="Enter the address that it leads to.",
    )


def _require(address: Address, response: httpx.Response, accept: str, parts: Iterator[bytes]) -> None:
    packed = response.headers.get("content-encoding", "identity").lower() != "identity"
    if response.status_code >= 400:
        said = b"" if packed else _start(parts)
        raise ProviderError(
            f"{shown(address.url)} answered with status {response.status_code}.",
            code="http_status",
            permanent=response.status_code < 500 and response.status_code not in (408, 425, 429),
            hint="Look at what it says, and check address, key and input.",
            extra={"status": response.status_code, "body": said.decode(errors="replace")},
        )
    given = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != accept or packed:
        raise ProviderError(
            f"{shown(address.url)} answers with {given[:80] or 'nothing known'}, not with {accept}.",
            code="bad_answer",
            permanent=True,
            hint="Check the address, and whether it streams.",
        )


def _start(parts: Iterator[bytes]) -> bytes:
    said = b""
    for part in parts:
        said += part
        if len(said) >= 1000:
            break
    return said[:1000]


@contextmanager
def _worded(address: Address, watch: Watch) -> Iterator[None]:
    """Watches a part of the call, and says what goes wrong in words of ours."""
    try:
        with watching(watch):
            yield
    except (Expired, httpx.HTTPError, httpx.InvalidURL) as error:
        raise _told(address, watch.error or error) from error


def _told(address: Address, error: BaseException) -> BaseException:
    place = shown(address.url)
    if isinstance(error, Expired):
        much = error.reason == "size"
        return ProviderError(
            f"{place} sends more than {address.max_bytes} bytes."
            if much
            else f"{place} took longer than {error.limit:g} s.",
            code="http_too_large" if much else "http_timeout",
            permanent=much,
            hint="Ask for less, or raise the limit of the module.",
        )
    if isinstance(error, (httpx.InvalidURL, httpx.UnsupportedProtocol)):
        return FlowError(
            f"“{place}” is no address of the web.",
            code="bad_url",
            hint="An address begins with https:// or http:// and names a host.",
        )
    if isinstance(error, httpx.HTTPError):
        return ProviderError(
            f"{place} can't be reached: {str(error)[:300]}",
            code="http_unreachable",
            permanent=False,
            hint="Check the address, and whether the service runs.",
        )
    return error


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _client(guarded: bool) -> httpx.Client:
    # The watch keeps the time. No cookies, proxy or .netrc: a call carries what the module says.
    return httpx.Client(
        transport=Transport(guarded=guarded),
        timeout=httpx.Timeout(None),
        trust_env=False,
        follow_redirects=False,
        headers={"user-agent": "Flowloft"},
    )
