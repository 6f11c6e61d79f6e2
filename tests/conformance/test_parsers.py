"""What holds for every parser, each with a document of its own format, in the process with limits."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from flowloft.core.parser import PARSERS, DocumentError, parser_for
from flowloft.rag import ParseLimits, jail, parse_limited
from flowloft.sandbox import check
from PIL import Image

from tests.conformance.documents import (
    CHINESE,
    ENGLISH,
    HEADING,
    HOSTILE,
    MADE,
    ROWS,
    drawn_text,
    pdf,
    wide_xlsx,
)

HAVE_TABLES = {"pdf", "docx", "pptx", "xlsx", "csv", "md", "html", "ipynb", "epub"}
HAVE_PLACES = {"pdf", "pptx"}
HAVE_NO_HEADINGS = {"csv", "json"}


@pytest.mark.parametrize("key", [key for key in PARSERS.keys if key != "image"])
def test_keeps_text_order_table_and_place(key: str, tmp_path: Path) -> None:
    suffix, make = MADE[key]
    path = tmp_path / f"馆 library{suffix}"
    make(path)
    assert parser_for(path.name) == key
    parsed = parse_limited(path)
    if key != "json":
        assert ENGLISH in parsed.text
        assert CHINESE in parsed.text
    assert "secret()" not in parsed.text
    for block in parsed.blocks:
        assert parsed.text[block.place.start : block.place.end] == block.text
    if key in HAVE_TABLES:
        table = next(block for block in parsed.blocks if block.kind == "table")
        cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.text.split("\n")]
        assert [cells[0], *cells[2:4]] == ROWS
    if key not in HAVE_NO_HEADINGS:
        heading = next(block for block in parsed.blocks if block.kind == "heading")
        assert HEADING in heading.text
        assert heading.level >= 1
        below = next(block for block in parsed.blocks if block.kind != "heading")
        assert below.place.heading_path == (heading.text,)
    if key in HAVE_PLACES:
        width, height = parsed.pages[0]
        for block in parsed.blocks:
            assert block.place.page
            for left, top, right, bottom in block.place.boxes:
                assert 0 <= left < right <= width
                assert 0 <= top < bottom <= height


def test_a_box_is_where_the_text_stands(tmp_path: Path) -> None:
    parsed = parse_limited(pdf(tmp_path / "a.pdf", [[(100, 700, 20, "Here"), (50, 100, 20, "There")]]))
    boxes = {block.text: block.place.boxes[0] for block in parsed.blocks}
    assert boxes["Here"][0] == pytest.approx(100, abs=3)
    assert boxes["Here"][3] == pytest.approx(100, abs=6)
    assert boxes["There"][3] == pytest.approx(700, abs=6)


def test_headers_and_footers_are_no_text(tmp_path: Path) -> None:
    pages = [
        [(60, 780, 10, "ACME report"), (60, 400, 12, f"Fact {n} of many."), (280, 20, 10, f"page {n}")]
        for n in range(1, 7)
    ]
    parsed = parse_limited(pdf(tmp_path / "a.pdf", pages))
    assert [block.text for block in parsed.blocks] == [f"Fact {n} of many." for n in range(1, 7)]
    assert len(parsed.remarks) == 2


def test_sentences_at_the_edge_that_differ_in_their_numbers_are_text(tmp_path: Path) -> None:
    pages = [
        [(60, 780, 10, f"Machine {7 * n} is oiled every {n * n} days."), (280, 20, 10, f"{n} / 6")]
        for n in range(1, 7)
    ]
    parsed = parse_limited(pdf(tmp_path / "a.pdf", pages))
    assert [block.text for block in parsed.blocks] == [row[0][3] for row in pages]
    assert len(parsed.remarks) == 1


@pytest.mark.parametrize(("name", "make", "codes"), HOSTILE, ids=[name for name, *_ in HOSTILE])
def test_a_hostile_file_fails_alone_and_says_why(
    name: str, make: Callable[[Path], None], codes: tuple[str, ...], tmp_path: Path
) -> None:
    path = tmp_path / name
    make(path)
    with pytest.raises(DocumentError) as caught:
        parse_limited(path, limits=ParseLimits(seconds=20, memory=512 << 20))
    assert caught.value.error_code in codes, caught.value.message
    assert caught.value.hint


@pytest.mark.slow
def test_a_sheet_of_17_billion_cells_is_read_as_far_as_is_sane(tmp_path: Path) -> None:
    path = tmp_path / "wide.xlsx"
    wide_xlsx(path)
    parsed = parse_limited(
        path, settings={"max_cells": 200_000}, limits=ParseLimits(seconds=30, memory=512 << 20)
    )
    assert "200,000 cells" in parsed.remarks[0]


@pytest.mark.slow
def test_a_picture_and_a_scanned_page_are_read_in_english_and_chinese(tmp_path: Path) -> None:
    picture = drawn_text(["The lighthouse keeper counts 47 ships.", "图书馆每天晚上九点关门。"])
    on_its_side = Image.Exif()
    on_its_side[0x0112] = 6
    picture.rotate(90, expand=True).save(tmp_path / "photo.png", exif=on_its_side)
    picture.save(tmp_path / "scan.pdf", resolution=144)
    for name in ("photo.png", "scan.pdf"):
        parsed = parse_limited(tmp_path / name)
        assert "The lighthouse keeper counts 47 ships." in parsed.text
        assert "图书馆每天晚上九点关门。" in parsed.text
        width, height = parsed.pages[0]
        assert width > height
        (place,) = [block.place for block in parsed.blocks if "lighthouse" in block.text]
        left, top, right, bottom = place.boxes[0]
        assert place.page == 1
        assert 0 < left < right < width
        assert 0 < top < bottom < height / 2
    assert parsed.remarks == ["Read by OCR: page 1."]


@pytest.mark.slow
def test_a_picture_without_text_says_so(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    MADE["image"][1](path)
    with pytest.raises(DocumentError) as caught:
        parse_limited(path)
    assert caught.value.error_code == "empty"


def test_a_picture_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "photo.png"
    MADE["image"][1](path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DocumentError) as caught:
        PARSERS.get("image")().parse(path)
    assert caught.value.error_code == "needs_ocr"
    assert "tesseract" in caught.value.hint


@pytest.mark.slow
def test_too_long_ends_the_process(tmp_path: Path) -> None:
    path = tmp_path / "long.md"
    path.write_text("a *b* [c](d) `e` " * 400_000)
    with pytest.raises(DocumentError) as caught:
        parse_limited(path, limits=ParseLimits(seconds=1))
    assert caught.value.error_code == "timeout"


@pytest.mark.slow
def test_without_the_sandbox_limits_hold_and_the_document_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "_report", None)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing here"))
    try:
        path = tmp_path / "a.md"
        path.write_text(f"# {HEADING}\n\n{ENGLISH}")
        assert "bubblewrap" in parse_limited(path).remarks[0]
        path.write_text("word " * 60_000_000)
        with pytest.raises(DocumentError) as caught:
            parse_limited(path, limits=ParseLimits(memory=256 << 20, file=1 << 30))
        assert caught.value.error_code == "out_of_memory"
    finally:
        check._report = None
        assert os.environ["PATH"]


CALLS_OUT = """import socket
def parse(**_):
    try:
        socket.create_connection(("127.0.0.1", PORT), 2)
    except OSError as error:
        return {"failed": {"code": "unreadable", "message": f"shut in: {error}", "hint": ""}}
    return {"failed": {"code": "unreadable", "message": "got out", "hint": ""}}
"""


def test_what_parses_a_file_reaches_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_text("text")
    with socket.create_server(("127.0.0.1", 0)) as listens:
        listens.settimeout(0)
        monkeypatch.setattr(jail, "_CODE", CALLS_OUT.replace("PORT", str(listens.getsockname()[1])))
        with pytest.raises(DocumentError, match="shut in"):
            parse_limited(path)
        with pytest.raises(BlockingIOError):
            listens.accept()
