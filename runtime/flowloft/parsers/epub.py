"""Electronic books."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from flowloft.core.parser import Block, DocumentError, Parsed, Parser, assemble
from flowloft.parsers._html import html_blocks
from flowloft.parsers._zip import check_zip

_CONTAINER = "{urn:oasis:names:tc:opendocument:xmlns:container}"
_OPF = "{http://www.idpf.org/2007/opf}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_PAGES = ("application/xhtml+xml", "text/html")


class Epub(Parser):
    """Reads a book without copy protection, chapter by chapter.

    Source: EPUB 3.3, W3C, https://www.w3.org/TR/epub-33/
    """

    title = "EPUB"
    suffixes = (".epub",)
    media_types = ("application/epub+zip",)

    def parse(self, path: Path) -> Parsed:
        check_zip(path)
        try:
            with zipfile.ZipFile(path) as book:
                if "META-INF/encryption.xml" in book.namelist() and "META-INF/rights.xml" in book.namelist():
                    raise DocumentError(
                        "It is copy protected.", code="encrypted", hint="Add a book without protection."
                    )
                package_path, package = _package(book)
                title = package.findtext(f"{_OPF}metadata/{_DC}title") or ""
                return assemble(_blocks(book, package_path, package), title=title)
        except (KeyError, StopIteration, zipfile.BadZipFile) as error:
            raise DocumentError(
                f"It is no whole EPUB: {error} is missing.", code="unreadable", hint="Get the book again."
            ) from error


def _package(book: zipfile.ZipFile) -> tuple[str, Any]:
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        container = fromstring(book.read("META-INF/container.xml"))
        path = next(container.iter(f"{_CONTAINER}rootfile")).attrib["full-path"]
        return path, fromstring(book.read(path))
    except ParseError as error:
        raise DocumentError(
            f"It is broken: {error}.", code="unreadable", hint="Get the book again."
        ) from error


def _blocks(book: zipfile.ZipFile, package_path: str, package: Any) -> Iterator[Block]:
    folder = posixpath.dirname(package_path)
    names = set(book.namelist())
    items = {item.get("id"): item for item in package.iter(f"{_OPF}item")}
    for reference in package.iter(f"{_OPF}itemref"):
        item = items.get(reference.get("idref"))
        if item is None or item.get("media-type") not in _PAGES:
            continue
        name = posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))
        if name in names:
            yield from html_blocks(book.read(name))[1]
