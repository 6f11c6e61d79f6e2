"""A folder of component files: one broken file costs its author nothing but that file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import flowloft
import pytest
from flowloft.components import ComponentFolder, component_register
from flowloft.core.registry import KINDS

GOOD = """
from flowloft import component_register

component_register.new_group("folder_test")

@component_register("folder_test")
def {name}(text: str) -> str:
    return text + {value!r}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    for component in component_register.components():
        if component.group == "folder_test":
            component_register.remove(component)


def write(path: Path, text: str, at: int) -> None:
    path.write_text(text)
    os.utime(path, (at, at))


def test_a_file_that_fails_stops_nothing_and_is_told_with_its_line(folder: Path) -> None:
    write(folder / "a.py", "x = 1\nraise RuntimeError('broken')", 1)
    write(folder / "b.py", GOOD.format(name="one", value="!"), 1)
    write(folder / "c.py", "def f(:\n", 1)
    write(folder / "d.py", "import no_such_module_at_all\n", 1)
    write(folder / "e.py", "import sys; sys.exit(3)\n", 1)
    write(folder / "_shared.py", "raise RuntimeError('not a component file')", 1)
    a, b, c, d, e = ComponentFolder(folder).refresh()
    assert a.error is not None
    assert (a.error["message"], a.error["extra"]) == ("RuntimeError: broken", {"line": 2})
    assert (b.error, b.components) == (None, ("folder_test.one",))
    assert all(one.error is not None for one in (c, d, e))
    assert flowloft.folder_test.one()("x") == "x!"


def test_a_changed_file_is_read_again_and_a_broken_one_keeps_its_last_good_version(folder: Path) -> None:
    files = ComponentFolder(folder)
    write(folder / "a.py", GOOD.format(name="two", value="1"), 1)
    files.refresh()
    write(folder / "a.py", GOOD.format(name="two", value="2"), 2)
    files.refresh()
    assert flowloft.folder_test.two()("x") == "x2"
    write(folder / "a.py", GOOD.format(name="two", value="3") + "\n1/0", 3)
    (broken,) = files.refresh()
    assert broken.error is not None
    assert broken.components == ("folder_test.two",)
    assert flowloft.folder_test.two()("x") == "x2"
    write(folder / "a.py", GOOD.format(name="three", value="4"), 4)
    (mended,) = files.refresh()
    assert (mended.error, mended.components) == (None, ("folder_test.three",))
    assert "folder_test.two" not in KINDS
    (folder / "a.py").unlink()
    assert files.refresh() == []
    assert "folder_test.three" not in KINDS


def test_two_files_with_one_name_do_not_shadow_each_other(folder: Path) -> None:
    write(folder / "a.py", GOOD.format(name="same", value="a"), 1)
    write(folder / "b.py", GOOD.format(name="same", value="b"), 1)
    first, second = ComponentFolder(folder).refresh()
    assert first.error is None
    assert second.error is not None
    assert second.error["code"] == "name_taken"
    assert flowloft.folder_test.same()("x") == "xa"
