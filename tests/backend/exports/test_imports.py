"""A file becomes a flow: equal to the one it came from, with nothing in it executed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flowloft.templates import Template, load_templates

URL = "/api/v1/imports"
FORMATS = ["json", "yaml", "python"]


def only(answer: Any) -> str:
    """Returns the id of the one flow that an import made."""
    (made,) = answer.json()["created"]
    return str(made["id"])


def exported(api: Any, flow: str, format: str) -> str:
    answer = api.get(f"/api/v1/flows/{flow}/export?format={format}")
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.once
@pytest.mark.parametrize("template", load_templates(), ids=lambda template: template.key)
@pytest.mark.parametrize("format", FORMATS)
def test_out_in_and_out_again_is_the_same_file(api: Any, template: Template, format: str) -> None:
    made = api.post("/api/v1/flows", {"template": template.key}).json()
    first = exported(api, made["id"], format)
    for given in ({"format": format}, {}):
        back = api.post(URL, {"content": first, "name": made["name"], **given})
        assert back.status_code == 201, back.content
        assert exported(api, only(back), format) == first


@pytest.mark.parametrize("format", FORMATS)
def test_odd_texts_survive(api: Any, flow: str, format: str) -> None:
    first = exported(api, flow, format)
    back = api.post(URL, {"content": first, "name": "问候 1/2"})
    assert back.status_code == 201, back.content
    assert exported(api, only(back), format) == first


def test_python_brings_its_name(api: Any, flow: str) -> None:
    back = api.post(URL, {"content": exported(api, flow, "python")}).json()["created"][0]
    assert back["name"] == "问候 1/2"


@pytest.mark.parametrize(
    "line",
    [
        "open({marker!r}, 'w')",
        "flow.text(text=open({marker!r}, 'w').name)",
        "import pathlib; pathlib.Path({marker!r}).touch()",
        "@open({marker!r}, 'w').write\ndef f(): pass",
        "class A:\n    open({marker!r}, 'w')",
        "f'{{open({marker!r}, chr(119))}}'",
        "x = [open({marker!r}, 'w')]",
        "flow.text(text=[x for x in [open({marker!r}, 'w')]])",
    ],
)
def test_python_is_never_executed(api: Any, tmp_path: Path, line: str) -> None:
    marker = tmp_path / "executed"
    frame = f"from flowloft.codegen import Drawing\nflow = Drawing()\n{line.format(marker=str(marker))}\n"
    answer = api.post(URL, {"content": frame, "format": "python"})
    assert not marker.exists()
    assert answer.status_code == 422, answer.content
    assert answer.json()["extra"]["line"] >= 3


def test_what_a_file_does_when_it_is_the_program_is_left_aside(api: Any, tmp_path: Path) -> None:
    marker = tmp_path / "executed"
    content = (
        "import antigravity\nfrom flowloft.codegen import Drawing\nflow = Drawing()\n"
        f'if __name__ == "__main__" or open({str(marker)!r}, "w"):\n    flow.main()\n'
    )
    assert api.post(URL, {"content": content}).status_code == 201
    assert not marker.exists()


BOMB = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
DRAWING = "flow = Drawing()\n"
FLOW = '{"schema": "flowloft/flow", "schema_version": 1, "graph": {"nodes": {"a": %s}}}'
BAD: list[tuple[str, str, dict[str, Any]]] = [
    ("json", "{", {"line": 1}),
    ("json", '{\n"a": }', {"line": 2}),
    ("json", "", {}),
    ("json", "[]", {"path": ""}),
    ("json", "7", {"path": ""}),
    ("json", '{"a": NaN}', {}),
    ("json", "[" * 100_000, {}),
    ("json", '{"graph": {}}', {"path": "/schema_version"}),
    ("json", FLOW % '{"kind": 7}', {"path": "/graph/nodes/a/kind"}),
    ("json", FLOW % '{"kind": "text", "settings": {"text": "\\u0000"}}', {}),
    ("json", FLOW % f'{{"kind": "text", "settings": {{"n": 1{"0" * 400}}}}}', {}),
    ("yaml", "a: [", {"line": 2}),
    ("yaml", "a: 1\nb: [}", {"line": 2}),
    ("yaml", BOMB, {"line": 2}),
    ("yaml", "a: &a\n  b: *a\n", {"line": 2}),
    ("yaml", "a: !!python/object/apply:os.system [ls]", {"line": 1}),
    ("yaml", "a: 2026-01-01", {"path": "/a"}),
    ("yaml", "a: .inf", {"path": "/a"}),
    ("yaml", "1: x", {"path": ""}),
    ("yaml", "a: !!set {x}", {"path": "/a"}),
    ("yaml", "a: !!binary aGk=", {"path": "/a"}),
    ("yaml", "a: 1\n---\na: 2", {}),
    ("yaml", "[" * 5000, {"line": 1}),
    ("yaml", "a: \x07", {}),
    ("yaml", "just words", {"path": ""}),
    ("python", "flow = (", {"line": 1}),
    ("python", "x = 1", {"line": 1}),
    ("python", "", {}),
    ("python", DRAWING + "a = flow.text(text='x')\nflow.text(text={'k': a})", {}),
    ("python", DRAWING + "flow.text(text=(1, 2))", {}),
    ("python", DRAWING + "flow.text(text=b'x')", {}),
    ("python", DRAWING + f"flow.text(text=0x{'f' * 5000})", {}),
    ("python", DRAWING + "flow.text(text=1e999)", {}),
    ("python", DRAWING + "flow.text(id=5)", {}),
    ("python", DRAWING + "flow.text(id='a')\nflow.text(id='a')", {"line": 3}),
    ("python", DRAWING + "flow.node()", {"line": 2}),
    ("python", DRAWING + "flow.layout(positions={'a': 5})", {"line": 2}),
    ("python", DRAWING + "flow.connect('a', 'b', 'c', 'd')\n" + "flow.layout(edge_ids=['x'])\n" * 2, {}),
    ("python", DRAWING + "flow.text(text=" + "1+" * 20_000 + "1)", {}),
    ("python", DRAWING + "flow.text(text=" + "-" * 50_000 + "1)", {}),
    ("python", DRAWING + "if " + "not " * 3_000 + "__name__: pass", {}),
]


@pytest.mark.once
@pytest.mark.parametrize(("format", "content", "place"), BAD, ids=[str(index) for index in range(len(BAD))])
def test_what_is_no_flow_is_refused_with_its_place(
    api: Any, format: str, content: str, place: dict[str, Any]
) -> None:
    answer = api.post(URL, {"format": format, "content": content})
    assert answer.status_code in (400, 413, 422), answer.content
    assert answer.json()["code"]
    assert place.items() <= answer.json()["extra"].items(), answer.content
    assert api.get("/api/v1/flows").json()["results"] == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"content": None},
        {"content": {}},
        {"format": "docx", "content": "{}"},
        {"content": "{}", "name": "x" * 201},
    ],
)
def test_a_body_that_is_none_is_refused(api: Any, body: Any) -> None:
    assert api.post(URL, body).status_code == 400


def test_an_imported_flow_belongs_to_who_imported_it(api: Any, stranger_api: Any, flow: str) -> None:
    content = exported(api, flow, "json")
    made = only(stranger_api.post(URL, {"content": content, "name": "Mine"}))
    assert api.get(f"/api/v1/flows/{made}").status_code == 404
    assert json.loads(exported(stranger_api, made, "json")) == json.loads(content)


def test_a_dry_run_of_a_file_makes_nothing(api: Any, flow: str) -> None:
    told = api.post(f"{URL}?dry_run=true", {"content": exported(api, flow, "json"), "name": "Again"})
    assert told.status_code == 200
    assert [(one["name"], one["id"]) for one in told.json()["created"]] == [("Again", None)]
    assert any("telepathy" in warning for warning in told.json()["warnings"])
    assert len(api.get("/api/v1/flows").json()["results"]) == 1
