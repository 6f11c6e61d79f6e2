"""An archive from anybody: refused before a byte of it is unpacked, or read exactly as it was written."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from flowloft.bundle import Limits, Manifest, Tree, open_archive
from flowloft.core.errors import FlowError, FlowloftError, InputError
from hypothesis import given, settings
from hypothesis import strategies as st

SMALL = Limits(packed=1 << 20, unpacked=1 << 20, files=50)
Entry = tuple[str | zipfile.ZipInfo, bytes]


def manifest(files: dict[str, bytes], **more: object) -> bytes:
    entries = {
        path: {"sha256": sha256(content).hexdigest(), "bytes": len(content)}
        for path, content in files.items()
    }
    return json.dumps({"schema": "flowloft/bundle", "schema_version": 1, "files": entries, **more}).encode()


def zipped(*entries: Entry, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as packed:
        for name, content in entries:
            packed.writestr(name, content)
    return out.getvalue()


def with_file(name: str | zipfile.ZipInfo, content: bytes = b"x", **how: int) -> bytes:
    path = name if isinstance(name, str) else name.filename
    return zipped((name, content), ("manifest.json", manifest({path: content})), **how)


def link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("a")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    return info


def encrypted() -> bytes:
    made = bytearray(with_file("a"))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        made[made.index(signature) + place] |= 1
    return bytes(made)


def overlapping() -> bytes:
    """Two entries of the directory that share the bytes of one file."""
    made = with_file("a", b"y" * 100)
    start = made.index(b"PK\x01\x02")
    length = 46 + 1
    entry = bytearray(made[start : start + length])
    entry[46:47] = b"b"
    end = bytearray(made[made.index(b"PK\x05\x06") :])
    disk, entries, size, offset = struct.unpack_from("<HHLL", end, 8)
    struct.pack_into("<HHLL", end, 8, disk + 1, entries + 1, size + length, offset)
    directory = made[start : made.index(b"PK\x05\x06")]
    return made[:start] + bytes(entry) + directory + bytes(end)


def many() -> bytes:
    files = {f"f{number}": b"" for number in range(60)}
    return zipped(*files.items(), ("manifest.json", manifest(files)))


UNSAFE: dict[str, Callable[[], bytes]] = {
    "above": lambda: with_file("../a"),
    "above inside": lambda: with_file("flows/../../a"),
    "absolute": lambda: with_file("/etc/passwd"),
    "drive": lambda: with_file("C:/a"),
    "backslash": lambda: with_file("..\\a"),
    "control": lambda: with_file("a\nb"),
    "folder": lambda: with_file("flows/", b""),
    "dot": lambda: with_file("./a"),
    "link": lambda: with_file(link()),
    "twice": lambda: zipped(("a", b"1"), ("manifest.json", manifest({"a": b"1"})), ("a", b"2")),
    "twice by case": lambda: zipped(
        ("a", b"1"), ("A", b"2"), ("manifest.json", manifest({"a": b"1", "A": b"2"}))
    ),
    "bomb": lambda: with_file("a", bytes(900_000)),
    "too big": lambda: with_file("a", bytes(range(256)) * 6_000, method=zipfile.ZIP_STORED),
    "too many": many,
    "encrypted": encrypted,
    "overlapping": overlapping,
    "odd method": lambda: with_file("a", b"x" * 99, method=zipfile.ZIP_LZMA),
    "no zip": lambda: b"hello" * 20,
    "nothing": lambda: b"",
    "comment": lambda: with_file("a")[:-2] + b"\x05\x00hello",
    "many said": lambda: with_file("a")[:-14] + struct.pack("<HHLLH", 9, 9, 1 << 30, 0, 0),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("case", UNSAFE)
def test_nobody_unpacks_what_is_dangerous(tmp_path: Path, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "a.zip"
    place.write_bytes(UNSAFE[case]())

    def read(*_: object) -> None:
        raise AssertionError("it was unpacked")

    monkeypatch.setattr(zipfile.ZipFile, "open", read)
    with pytest.raises(InputError) as refused, open_archive(place, SMALL):
        pass
    assert refused.value.error_code == "unsafe_archive"


A = {"a": b"content"}
BROKEN: dict[str, Callable[[], bytes]] = {
    "no manifest": lambda: zipped(("a", b"x")),
    "no JSON": lambda: zipped(("manifest.json", b"{")),
    "a list": lambda: zipped(("manifest.json", b"[]")),
    "no UTF-8": lambda: zipped(("manifest.json", b"\xff")),
    "unknown field": lambda: zipped(("manifest.json", manifest({}, run="rm"))),
    "newer": lambda: zipped(("manifest.json", b'{"schema": "flowloft/bundle", "schema_version": 2}')),
    "not listed": lambda: zipped(("a", b"x"), ("manifest.json", manifest({}))),
    "not there": lambda: zipped(("manifest.json", manifest(A))),
    "other size": lambda: zipped(("a", b"x"), ("manifest.json", manifest(A))),
}


@pytest.mark.parametrize("case", BROKEN)
def test_an_archive_that_contradicts_itself_is_refused(tmp_path: Path, case: str) -> None:
    place = tmp_path / "a.zip"
    place.write_bytes(BROKEN[case]())
    with pytest.raises(FlowError) as refused, open_archive(place):
        pass
    assert refused.value.error_code in ("broken_archive", "no_bundle", "newer_schema")
    assert "path" in refused.value.extra


def test_changed_bytes_are_noticed(tmp_path: Path) -> None:
    place = tmp_path / "a.zip"
    place.write_bytes(zipped(("a", b"CONTENT"), ("manifest.json", manifest(A))))
    with open_archive(place) as archive, pytest.raises(FlowError, match="not what the manifest says"):
        archive.read("a")
    packed = bytearray(zipped(("a", b"content"), ("manifest.json", manifest(A)), method=zipfile.ZIP_STORED))
    packed[packed.index(b"content")] ^= 1
    place.write_bytes(packed)
    with open_archive(place) as archive, pytest.raises(FlowError, match="damaged"):
        archive.read("a")


NAMES = st.lists(st.text("abcxyz你_-", min_size=1, max_size=8), min_size=1, max_size=3).map("/".join)


@settings(max_examples=60)
@given(files=st.dictionaries(NAMES, st.binary(max_size=300), max_size=6), order=st.randoms())
def test_equal_content_is_equal_bytes(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes], order: object
) -> None:
    names = [name for name in files if not any(other.startswith(f"{name}/") for other in files)]
    packed = []
    for turn in range(2):
        order.shuffle(names)  # type: ignore[attr-defined]
        folder = tmp_path_factory.mktemp("tree")
        tree = Tree(folder)
        for name in names:
            if turn:
                tree.add(name, files[name])
            else:
                tree.copy(name, io.BytesIO(files[name]))
        tree.add("manifest.json", Manifest(files=dict(tree.files)).text())
        place = folder.with_suffix(".zip")
        tree.pack(place)
        packed.append(place.read_bytes())
        with open_archive(place) as archive:
            assert {name: archive.read(name) for name in names} == {name: files[name] for name in names}
    assert packed[0] == packed[1]


@settings(max_examples=150)
@given(changes=st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_damaged_archive_is_never_a_bug(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]]
) -> None:
    files = {"flows/a.json": b"{}" * 40, "b": b"hello"}
    whole = bytearray(zipped(*files.items(), ("manifest.json", manifest(files))))
    for place, byte in changes:
        whole[place % len(whole)] = byte
    file = tmp_path_factory.mktemp("damaged") / "a.zip"
    file.write_bytes(whole)
    try:
        with open_archive(file) as archive:
            read = {name: archive.read(name) for name in archive.manifest.files}
    except FlowloftError:
        return
    assert {path: sha256(content).hexdigest() for path, content in read.items()} == {
        path: entry.sha256 for path, entry in archive.manifest.files.items()
    }
