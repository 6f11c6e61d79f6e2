"""The owner's component files are nodes of the studio; one that fails stops none of the others."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flowloft.components import component_register
from flowloft.core.registry import KINDS

from backend.flows import catalogue, documents
from backend.flows.components import Components

GOOD = """
import flowloft
open(__file__ + ".ran", "a").write(str(flowloft.component_register is not None) + "\\n")
flowloft.component_register.new_group("studio_test")

@flowloft.component_register("studio_test")
def repeat(text: str, times: int = 2, loud: bool = False) -> str:
    '''Repeats a text.'''
    return text * times

@flowloft.component_register.cmd("studio_test")
def listing(folder: str):
    return ["ls", folder]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    components = Components(tmp_path)
    monkeypatch.setattr(catalogue, "COMPONENTS", components)
    monkeypatch.setattr(documents, "COMPONENTS", components)
    catalogue._catalogue_json.cache_clear()
    yield tmp_path
    assert components._shown is not None
    components._shown.forget()
    catalogue._catalogue_json.cache_clear()


def kinds(api: Any) -> dict[str, Any]:
    body: dict[str, Any] = api.get("/api/v1/catalogue").json()
    return body | {"kinds": {kind["key"]: kind for kind in body["kinds"]}}


def test_components_are_in_the_palette_and_the_web_process_runs_none(api: Any, folder: Path) -> None:
    (folder / "good.py").write_text(GOOD)
    (folder / "bad.py").write_text("x = 1\nraise RuntimeError('out of order')\n")
    before = set(sys.modules)
    told = kinds(api)
    repeat = told["kinds"]["studio_test.repeat"]
    assert (repeat["title"], repeat["group"], repeat["description"]) == (
        "Repeat",
        "studio_test",
        "Repeats a text.",
    )
    assert [(port["name"], port["type"]) for port in repeat["inputs"]] == [("text", "text")]
    assert repeat["settings_schema"]["properties"]["times"]["default"] == 2
    assert [port["type"] for port in repeat["outputs"]] == ["text"]
    assert "studio_test.listing" in told["kinds"]
    assert told["problems"] == [{"file": "bad.py", "message": "RuntimeError: out of order", "line": 2}]
    assert not [name for name in set(sys.modules) - before if name.startswith("flowloft_components_")]
    assert "studio_test" not in component_register.groups()
    flow = api.post(
        "/api/v1/flows",
        {
            "document": {
                "schema_version": 1,
                "graph": {
                    "nodes": {"a": {"kind": "studio_test.repeat", "settings": {"times": "many"}}},
                    "edges": {},
                },
            }
        },
    ).json()
    findings = api.get(f"/api/v1/flows/{flow['id']}/draft").json()["findings"]
    assert [one["path"] for one in findings if one["code"] == "invalid_setting"] == [
        "/graph/nodes/a/settings/times"
    ]


def test_a_change_is_seen_without_a_restart(api: Any, folder: Path) -> None:
    file = folder / "good.py"
    file.write_text(GOOD)
    assert "studio_test.repeat" in kinds(api)["kinds"]
    file.write_text(GOOD.replace("def repeat", "def again"))
    os.utime(file, ns=(1, 1))
    told = kinds(api)["kinds"]
    assert "studio_test.again" in told
    assert "studio_test.repeat" not in told
    file.unlink()
    assert "studio_test.again" not in kinds(api)["kinds"]


def test_a_worker_loads_the_components_themselves(folder: Path) -> None:
    (folder / "good.py").write_text(GOOD)
    worker = Components(folder)
    worker.refresh()
    try:
        assert worker.load()
        assert component_register.group("studio_test").repeat()("ab", times=3) == "ababab"
        assert KINDS.get("studio_test.repeat")(times=3).model_dump()["times"] == 3
        assert not worker.load(), "nothing has changed"
        assert (folder / "good.py.ran").read_text().count("\n") == 2, "once apart, once here"
    finally:
        for component in component_register.components():
            if component.group == "studio_test":
                component_register.remove(component)
