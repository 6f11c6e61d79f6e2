# ruff: noqa: E501 - a PDF is long lines
"""Small documents of every format, made here, each with a heading, a text in English and Chinese,
and a table where the format has them. And hostile ones."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

HEADING = "Opening hours"
ENGLISH = "The library opens at nine in the morning."
CHINESE = "图书馆早上九点开门。"
ROWS = [["Day", "Hours"], ["Monday", "9 to 5"], ["周日", "closed"]]


def pdf(path: Path, pages: Iterable[list[tuple[float, float, float, str]]], extra: str = "") -> Path:
    """Writes a PDF: each page is texts with x, y from below, and size; Chinese by a ToUnicode map."""
    pages = list(pages)
    letters = sorted({letter for page in pages for *_, text in page for letter in text})
    codes = {letter: number + 1 for number, letter in enumerate(letters)}
    cmap = "\n".join(f"<{code:04X}> <{ord(letter):04X}>" for letter, code in codes.items())
    widths = " ".join(f"{code} [{1000 if ord(letter) > 255 else 500}]" for letter, code in codes.items())
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{' '.join(f'{7 + 2 * i} 0 R' for i in range(len(pages)))}] >>",
        "<< /Type /Font /Subtype /Type0 /BaseFont /F /Encoding /Identity-H /DescendantFonts [4 0 R] /ToUnicode 6 0 R >>",
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /F /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity)"
        f" /Supplement 0 >> /FontDescriptor 5 0 R /W [{widths}] >>",
        "<< /Type /FontDescriptor /FontName /F /Flags 4 /FontBBox [0 -200 1000 800] /ItalicAngle 0 /Ascent 800"
        " /Descent -200 /CapHeight 700 /StemV 80 >>",
        _stream(
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def\n"
            "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
            f"{len(codes)} beginbfchar\n{cmap}\nendbfchar endcmap end end"
        ),
    ]
    for number, page in enumerate(pages):
        drawn = "\n".join(
            f"BT /F {size} Tf {x} {y} Td <{''.join(f'{codes[letter]:04X}' for letter in text)}> Tj ET"
            for x, y, size, text in page
        )
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {8 + 2 * number} 0 R"
            " /Resources << /Font << /F 3 0 R >> >> >>"
        )
        objects.append(_stream(drawn))
    data = b"%PDF-1.7\n"
    starts = []
    for number, one in enumerate(objects, 1):
        starts.append(len(data))
        data += f"{number} 0 obj\n{one}\nendobj\n".encode()
    table = "".join(f"{start:010} 00000 n \n" for start in starts)
    data += (
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
        f"trailer << /Size {len(objects) + 1} /Root 1 0 R {extra} >>\nstartxref\n{len(data)}\n%%EOF"
    ).encode()
    path.write_bytes(data)
    return path


def _stream(text: str) -> str:
    return f"<< /Length {len(text)} >>\nstream\n{text}\nendstream"


def make_pdf(path: Path) -> None:
    table = [
        (60.0 + 200 * column, 560.0 - 20 * row, 12.0, ROWS[row][column])
        for row in range(3)
        for column in (0, 1)
    ]
    first = [(60.0, 700.0, 24.0, HEADING), (60.0, 660.0, 12.0, ENGLISH), (60.0, 600.0, 12.0, CHINESE), *table]
    pdf(path, [first, [(60.0, 700.0, 12.0, "A second page.")]])


def make_docx(path: Path) -> None:
    import docx

    document = docx.Document()
    document.add_heading(HEADING, 1)
    document.add_paragraph(ENGLISH)
    document.add_paragraph(CHINESE)
    table = document.add_table(3, 2)
    for row in range(3):
        for column in range(2):
            table.cell(row, column).text = ROWS[row][column]
    document.save(str(path))


def make_pptx(path: Path) -> None:
    import pptx

    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = HEADING
    slide.placeholders[1].text = f"{ENGLISH}\n{CHINESE}"
    shape = slide.shapes.add_table(3, 2, 1_000_000, 4_000_000, 5_000_000, 1_000_000)
    for row in range(3):
        for column in range(2):
            shape.table.cell(row, column).text = ROWS[row][column]
    deck.save(str(path))


def make_xlsx(path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = HEADING
    for row in [*ROWS, [ENGLISH, CHINESE]]:
        book.active.append(row)
    book.save(path)


def make_csv(path: Path) -> None:
    path.write_text("\n".join(";".join(row) for row in [*ROWS, [ENGLISH, CHINESE]]), encoding="utf-8")


MARKDOWN = f"# {HEADING}\n\n{ENGLISH}\n\n{CHINESE}\n\n| Day | Hours |\n| --- | --- |\n| Monday | 9 to 5 |\n| 周日 | closed |\n"


def make_md(path: Path) -> None:
    path.write_text(MARKDOWN, encoding="utf-8")


def html() -> str:
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in ROWS)
    return (
        f"<html><head><title>Library</title></head><body><nav>Menu</nav><h1>{HEADING}</h1><p>{ENGLISH}</p>"
        f"<p>{CHINESE}</p><table>{rows}</table><script>secret()</script></body></html>"
    )


def make_html(path: Path) -> None:
    path.write_text(html(), encoding="utf-8")


def make_txt(path: Path) -> None:
    path.write_bytes(f"Chapter 1 {HEADING}\n\n{ENGLISH}\n\n{CHINESE}".encode("gb18030"))


def make_json(path: Path) -> None:
    path.write_text(json.dumps([{"heading": HEADING, "text": ENGLISH}, {"text": CHINESE}]), encoding="utf-8")


def make_ipynb(path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": MARKDOWN.splitlines(keepends=True)},
        {"cell_type": "code", "source": "1 + 1", "outputs": [{"data": {"text/plain": ["2"]}}]},
    ]
    path.write_text(json.dumps({"cells": cells, "nbformat": 4}), encoding="utf-8")


def make_epub(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OPS/book.opf"/></rootfiles></container>',
        )
        book.writestr(
            "OPS/book.opf",
            '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
            "<dc:title>A book</dc:title></metadata><manifest>"
            '<item id="one" href="one.xhtml" media-type="application/xhtml+xml"/></manifest>'
            '<spine><itemref idref="one"/></spine></package>',
        )
        book.writestr("OPS/one.xhtml", html())


def make_image(path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (40, 40), "white").save(path, "PNG")


def drawn_text(lines: list[str]) -> Any:
    """Returns a picture of lines of text."""
    from PIL import Image, ImageDraw, ImageFont

    (font,) = list(Path("/usr/share/fonts").rglob("NotoSansCJK-Regular.ttc"))[:1]
    picture = Image.new("RGB", (1000, 200 + 80 * len(lines)), "white")
    for at, line in enumerate(lines):
        ImageDraw.Draw(picture).text((60, 40 + 80 * at), line, "black", ImageFont.truetype(str(font), 36))
    return picture


MADE: dict[str, tuple[str, Callable[[Path], None]]] = {
    "pdf": (".pdf", make_pdf),
    "docx": (".docx", make_docx),
    "pptx": (".pptx", make_pptx),
    "xlsx": (".xlsx", make_xlsx),
    "csv": (".csv", make_csv),
    "md": (".md", make_md),
    "html": (".html", make_html),
    "txt": (".txt", make_txt),
    "json": (".json", make_json),
    "ipynb": (".ipynb", make_ipynb),
    "epub": (".epub", make_epub),
    "image": (".png", make_image),
}


# --- hostile ---


def bomb_docx(path: Path) -> None:
    make_docx(path)
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("word/media/image1.bin", "w", force_zip64=True) as member,
    ):
        for _ in range(300):
            member.write(bytes(1 << 20))


def wide_xlsx(path: Path) -> None:
    """A sheet that claims 17 billion cells, and has one at either end of a row, a thousand times."""
    make_xlsx(path)
    rows = "".join(
        f'<row r="{n}"><c r="A{n}"><v>1</v></c><c r="XFD{n}"><v>2</v></c></row>' for n in range(1, 1001)
    )
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<dimension ref="A1:XFD1048576"/><sheetData>{rows}<row r="1048576"><c r="XFD1048576"><v>3</v></c></row>'
        "</sheetData></worksheet>"
    )
    _replace(path, "xl/worksheets/sheet1.xml", sheet)


def _replace(path: Path, name: str, content: str) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {one: archive.read(one) for one in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, data in {**members, name: content.encode()}.items():
            archive.writestr(one, data)


def entity_docx(path: Path) -> None:
    """Entities that multiply: ten lines that come to ten thousand million letters."""
    make_docx(path)
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    _replace(path, "word/document.xml", f'<!DOCTYPE x [<!ENTITY l0 "lol">{levels}]><x>&l9;</x>')


def encrypted_pdf(path: Path) -> None:
    extra = (
        f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{'AB' * 32}> /U <{'CD' * 32}> >> /ID [<00> <00>]"
    )
    pdf(path, [[(60, 700, 12, "secret")]], extra)


def cyclic_pdf(path: Path) -> None:
    """Pages whose parent is their child."""
    path.write_bytes(
        b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
        b"2 0 obj\n<< /Type /Pages /Count 9 /Kids [3 0 R] /Parent 3 0 R >>\nendobj\n"
        b"3 0 obj\n<< /Type /Pages /Count 9 /Kids [2 0 R 3 0 R] /Parent 2 0 R >>\nendobj\n"
        b"trailer << /Size 4 /Root 1 0 R >>\n%%EOF"
    )


def deep_json(path: Path) -> None:
    path.write_text("[" * 200_000 + "]" * 200_000)


def encrypted_office(path: Path) -> None:
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000))


def cut(path: Path) -> None:
    """The first half of a file that was whole."""
    suffix = path.suffix
    next(make for one, make in MADE.values() if one == suffix)(path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


HOSTILE: list[tuple[str, Callable[[Path], None], tuple[str, ...]]] = [
    ("bomb.docx", bomb_docx, ("zip_bomb",)),
    ("entities.docx", entity_docx, ("unreadable", "out_of_memory", "timeout")),
    ("locked.docx", encrypted_office, ("encrypted",)),
    ("locked.pdf", encrypted_pdf, ("encrypted",)),
    ("cyclic.pdf", cyclic_pdf, ("unreadable", "empty", "needs_ocr")),
    ("deep.json", deep_json, ("unreadable",)),
    ("cut.docx", cut, ("unreadable",)),
    ("cut.xlsx", cut, ("unreadable",)),
    ("cut.pptx", cut, ("unreadable",)),
    ("cut.epub", cut, ("unreadable",)),
    ("cut.json", cut, ("unreadable",)),
    ("cut.png", cut, ("unreadable", "needs_ocr")),
    ("nothing.md", lambda path: path.write_bytes(b"") and None, ("empty",)),
    ("blank.txt", lambda path: path.write_text(" \n \n") and None, ("empty",)),
    ("program.exe", lambda path: path.write_bytes(b"MZ") and None, ("unsupported_format",)),
    ("no.pdf", lambda path: path.write_bytes(b"not a pdf") and None, ("unreadable",)),
]
