"""Originals that a worker fetches: from the web through the guard, or from an allowed folder."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote, urlsplit

from defusedxml import ElementTree
from flowloft.core.context import Context
from flowloft.core.errors import FlowError
from flowloft.core.fetch import Answer, fetch

from backend.common.blobs import blob_write
from backend.common.errors import ApiError
from backend.documents import limits
from backend.documents.documents import allowed_path
from backend.documents.models import SourceDocument


def fetch_source(document: SourceDocument, check: Callable[[], None]) -> tuple[str, int, str]:
    """Brings the original of a document among the blobs.

    Returns:
        SHA-256, size and media type.

    Raises:
        FlowloftError: The address or path is refused, does not answer, or holds too much.
    """
    if document.source.startswith("file:"):
        path = allowed_path(unquote(urlsplit(document.source).path))
        try:
            with path.open("rb") as file:
                digest, size = blob_write(file, limit=limits.FILE_BYTES)
        except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
            raise ApiError(
                404, "no_file_there", f"“{path.name}” can't be read: {error.strerror}.", "Is it still there?"
            ) from None
        return digest, size, mimetypes.guess_type(path.name)[0] or ""
    answer = web_get(document.source, check)
    digest, size = blob_write(BytesIO(answer.content), limit=limits.URL_BYTES)
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip()
    if not Path(document.name).suffix and media_type:
        suffix = mimetypes.guess_extension(media_type) or ""
        SourceDocument.objects.filter(pk=document.pk).update(name=document.name + suffix)
        document.name += suffix
    return digest, size, media_type


class _Asking(Context):
    """A call that ends when whoever wants it is no longer there."""

    def __init__(self, check: Callable[[], None]) -> None:
        super().__init__(timeout=limits.URL_SECONDS)
        self._look = check

    def check(self) -> None:
        self._look()
        super().check()


def web_get(url: str, check: Callable[[], None]) -> Answer:
    """Fetches a page; addresses inside this network are refused.

    Raises:
        FlowError: The address is none, or it is refused.
        ProviderError: Nobody answers there, with an error, or with too much.
    """
    answer = fetch(
        _Asking(check),
        "GET",
        url,
        headers={"accept": "text/html,application/pdf,*/*;q=0.8"},
        body=b"",
        timeout=limits.URL_SECONDS,
        max_bytes=limits.URL_BYTES,
    )
    answer.require_success()
    return answer


def _nothing() -> None:
    """Never gives up."""


def sitemap_urls(url: str) -> list[str]:
    """Returns the pages that a sitemap names, those of its own sitemaps too.

    Raises:
        FlowError: ``no_sitemap``; the address is refused.
        ProviderError: Nobody answers there.
    """
    found: list[str] = []
    waiting = [url]
    seen: set[str] = set()
    while waiting and len(found) < limits.URLS and len(seen) < 20:
        at = waiting.pop(0)
        seen.add(at)
        nested, pages = _read(at, web_get(at, _nothing))
        waiting += [one for one in nested if one not in seen]
        found += pages
    return list(dict.fromkeys(found))[: limits.URLS]


def _read(url: str, answer: Answer) -> tuple[list[str], list[str]]:
    try:
        root = ElementTree.fromstring(answer.content)
    except (ElementTree.ParseError, ValueError):
        root = None
    kind = "" if root is None else root.tag.rpartition("}")[2]
    if root is None or kind not in ("urlset", "sitemapindex"):
        raise FlowError(
            f"At “{url[:200]}” is no sitemap.",
            code="no_sitemap",
            hint="Give the address of a sitemap.xml, or add the pages one by one.",
            extra={"path": "/sitemap"},
        )
    places = [
        (one.text or "").strip()
        for entry in root
        for one in entry
        if one.tag.rpartition("}")[2] == "loc" and (one.text or "").strip()
    ]
    return (places, []) if kind == "sitemapindex" else ([], places)
