"""Calls to addresses that a flow names: guarded, watched, and limited in size."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flowloft.core.context import Context
from flowloft.core.errors import Cancelled, FlowError, FlowloftError, ProviderError
from flowloft.core.node import PLACEHOLDER, fill
from flowloft.core.types import as_text
from flowloft.core.watch import Expired, Watch, watching

if TYPE_CHECKING:
    import httpx

REDIRECTS = 5
_PLAIN_HEADERS = frozenset({"accept", "accept-language", "content-type", "user-agent"})
"""What may follow a redirect to another host; any other header may hold a key."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        status: HTTP status.
        text: The body as text.
        headers: Names in small letters.
        url: Where it came from, after redirects.
        content: The body as it came, for what is no text.
    """

    status: int
    text: str
    headers: dict[str, str]
    url: str
    content: bytes = field(default=b"", repr=False)

    def require_success(self) -> None:
        """Raises unless the status is below 400.

        Raises:
            ProviderError: ``http_status``, permanent unless the service is busy or broken.
        """
        if self.status >= 400:
            raise ProviderError(
                f"{_shown(self.url)} answered with status {self.status}.",
                code="http_status",
                permanent=self.status < 500 and self.status not in (408, 425, 429),
                hint="Look at what it says, and check address, headers and body.",
                extra={"status": self.status, "body": self.text[:1000]},
            )


def fill_address(template: str, values: dict[str, Any]) -> str:
    """Fills an address; a value can't break out of its place, unless it is how the address begins."""
    first = PLACEHOLDER.match(template)
    whole = first.group(1) if first else None
    quoted = {
        name: as_text(value) if name == whole else quote(as_text(value), safe="")
        for name, value in values.items()
    }
    return fill(template, quoted)


def fetch(
    ctx: Context,
    method: str,
    url: str,
    *,
    headers: dict[str, str],
    body: bytes,
    timeout: float,
    max_bytes: int,
) -> Answer:
    """Sends one request and follows redirects.

    Args:
        timeout: Seconds for the whole call.
        max_bytes: Of the answer, unpacked.

    Raises:
        FlowError: The address is none, or it is refused.
        ProviderError: Nobody answers there, or it takes too long, or it is too much.
    """
    import httpx  # noqa: PLC0415 - costs 100 ms, and the catalogue needs none of it

    watch = Watch(ctx.check, idle=timeout, total=ctx.remaining(timeout), max_bytes=2 * max_bytes + 65_536)
    try:
        with watching(watch):
            return _followed(_client(), method, url, headers, body, max_bytes)
    except (Cancelled, FlowloftError):
        raise
    except Expired as expired:
        raise _expired(url, expired) from expired
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise FlowError(
            f"“{_shown(url)}” is no address of the web.",
            code="bad_url",
            hint="An address begins with https:// or http:// and names a host.",
        ) from error
    except httpx.HTTPError as error:
        raise ProviderError(
            f"{_shown(url)} can't be reached: {str(error)[:300]}",
            code="http_unreachable",
            permanent=False,
            hint="Check the address, and whether the service runs.",
        ) from error


@functools.cache
def _client() -> httpx.Client:
    import httpx  # noqa: PLC0415

    from flowloft.core.transport import Transport  # noqa: PLC0415

    # The watch keeps the time. No cookies, proxy or .netrc: a request carries what the flow says.
    return httpx.Client(
        transport=Transport(guarded=True),
        timeout=httpx.Timeout(None),
        trust_env=False,
        headers={"user-agent": "Flowloft"},
    )


def _followed(
    client: httpx.Client, method: str, url: str, headers: dict[str, str], body: bytes, max_bytes: int
) -> Answer:
    request = client.build_request(method, url, headers=headers, content=body or None)
    for _ in range(REDIRECTS + 1):
        response = client.send(request, stream=True)
        client.cookies.clear()
        try:
            following = response.next_request
            if following is None:
                return _read(response, max_bytes)
        finally:
            response.close()
        if origin(str(following.url)) != origin(str(request.url)):
            for name in set(following.headers) & set(headers) - _PLAIN_HEADERS:
                del following.headers[name]
        request = following
    raise FlowError(
        f"{_shown(url)} redirects more than {REDIRECTS} times.",
        code="too_many_redirects",
        hint="Enter the address that it leads to.",
    )


def _read(response: httpx.Response, max_bytes: int) -> Answer:
    content = bytearray()
    for part in response.iter_bytes():
        content += part
        if len(content) > max_bytes:
            raise Expired("size", max_bytes)
    encoding = response.encoding or "utf-8"
    return Answer(
        response.status_code,
        content.decode(encoding, errors="replace"),
        {name.lower(): value for name, value in response.headers.items()},
        str(response.url),
        bytes(content),
    )


def _shown(url: str) -> str:
    """Returns an address without the parts that may hold a secret."""
    return re.sub(r"//[^/@]*@", "//", url.partition("?")[0])[:200]


def origin(url: str) -> tuple[str, str, int | None]:
    """Returns scheme, host and port of an address: what a key is given for. Nothing of what is no address."""
    import httpx  # noqa: PLC0415 - the same reading of it as what sends

    try:
        parts = httpx.URL(url.strip())
    except httpx.InvalidURL:
        return "", "", None
    return parts.scheme, parts.host, parts.port


def _expired(url: str, expired: Expired) -> ProviderError:
    if expired.reason == "size":
        return ProviderError(
            f"{_shown(url)} sends more than {expired.limit:g} bytes.",
            code="http_too_large",
            permanent=True,
            hint="Ask for less, or raise the limit of the node.",
        )
    return ProviderError(
        f"{_shown(url)} took longer than {expired.limit:g} s.",
        code="http_timeout",
        permanent=False,
        hint="Allow more time, or run it again.",
    )
