"""The shell writes what the studio writes, and unpacks what anybody sends with the same care."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from flowloft.cli import main
from flowloft.templates import template


def test_an_archive_comes_back_from_a_shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive, again = tmp_path / "a.zip", tmp_path / "b.zip"
    for target in (archive, again):
        flows = ["template:chatbot", "template:story"]
        assert main(["export", *flows, "--form", "archive", "--output", str(target)]) == 0
    assert archive.read_bytes() == again.read_bytes()
    assert main(["import", str(archive), "--output", str(tmp_path / "out"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["files"] == ["flows/chatbot.json", "flows/story.json"]
    back = json.loads((tmp_path / "out/flows/chatbot.json").read_text())
    assert back["graph"] == template("chatbot").document.document()["graph"]
    assert main(["import", str(archive), "--output", str(tmp_path / "out")]) == 2, "nothing is overwritten"


@pytest.mark.parametrize(
    ("kind", "settings", "models"),
    [
        ("chat_model", {}, ["builtin/smollm2-135m-instruct"]),
        ("embedding", {}, ["builtin/use-multilingual"]),
        ("reranker", {"by": "keyword"}, []),
        ("chat_model", {"model": "mine/large"}, ["mine/large"]),
    ],
)
def test_a_model_that_nobody_chose_goes_along_too(
    tmp_path: Path, kind: str, settings: dict[str, str], models: list[str]
) -> None:
    flow = {"schema": "flowloft/flow", "schema_version": 1, "kind": "flow"}
    nodes = {"it": {"kind": kind, "settings": settings}}
    stored = tmp_path / "flow.json"
    stored.write_text(json.dumps(flow | {"graph": {"nodes": nodes, "edges": {}}}))
    assert main(["export", str(stored), "--form", "archive", "--output", str(tmp_path / "a.zip")]) == 0
    manifest = json.loads(zipfile.ZipFile(tmp_path / "a.zip").read("manifest.json"))
    assert manifest["requirements"]["models"] == models


def test_a_hostile_archive_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("../outside", "x")
        packed.writestr("manifest.json", "{}")
    assert main(["import", str(archive), "--output", str(tmp_path / "in")]) == 2
    assert "no plain name" in capsys.readouterr().err
    assert [one.name for one in tmp_path.iterdir()] == ["a.zip"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["template:chatbot", "--form", "archive"],
        ["template:chatbot", "template:story"],
        ["template:chatbot", "template:story", "--title", "x", "--form", "archive", "--output", "x.zip"],
        ["template:chatbot", "--form", "archive", "--output", "/nowhere/at/all.zip"],
    ],
)
def test_what_cannot_be_is_said(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", *arguments]) == 2
    assert "error: " in capsys.readouterr().err
