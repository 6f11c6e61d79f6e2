"""Every command can be driven by a program: JSON out, four fields of an error, an exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from flowloft.cli import commands, main


@pytest.mark.parametrize("command", sorted(commands()))
def test_every_command_says_what_it_does_and_takes_json(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert "--json" in told
    assert len(told.splitlines()) > 4


def test_an_error_reaches_a_program_with_its_four_fields(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "nowhere.json", "--json"]) == 2
    told = capsys.readouterr()
    assert json.loads(told.out)["error"].keys() == {"code", "message", "hint", "extra"}
    assert told.err.startswith("error: ")


def test_a_program_is_told_which_file_was_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, back = str(tmp_path / "flow.py"), str(tmp_path / "flow.json")
    assert main(["export", "template:chatbot", "--output", source, "--json"]) == 0
    assert main(["import", source, "--output", back, "--json"]) == 0
    assert [json.loads(line)["file"] for line in capsys.readouterr().out.splitlines()] == [source, back]


def test_a_reader_that_leaves_ends_the_command_quietly() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "flowloft.cli", "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as command:
        assert command.stdout is not None
        assert command.stderr is not None
        command.stdout.close()
        assert command.stderr.read() == b""
    assert command.returncode in (0, 1)


def test_a_place_to_compute_says_whether_it_can_be_used_and_what_it_would_be_sent(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["backends", "check", "local", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["local"]["score"] > 0
    asked = ["backends", "preview", "slurm", "--set", "partition=a100", "--json", "--gpus", "1"]
    assert main([*asked, "--command", "python", "train.py", "--rate", "1e-4"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert {"--partition=a100", "--gres=gpu:1"} <= set(shown["argv"])
    assert "python train.py --rate 1e-4" in shown["text"]
    assert main(["backends", "preview", "slurm", "--set", "colour=red", "--command", "true"]) == 2
    assert "There are: partition" in capsys.readouterr().err


def test_events_go_to_a_file_while_the_answer_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ends = ("source", "source_port", "target", "target_port")
    edges = {"e": dict(zip(ends, ("ask", "text", "say", "text"), strict=True))}
    nodes = {"ask": {"kind": "chat_input"}, "say": {"kind": "chat_output"}}
    document = {"schema": "flowloft/flow", "schema_version": 1, "kind": "flow"}
    (tmp_path / "flow.json").write_text(json.dumps(document | {"graph": {"nodes": nodes, "edges": edges}}))
    events = tmp_path / "events.jsonl"
    assert main(["run", str(tmp_path / "flow.json"), "Hello", "--events", str(events)]) == 0
    assert capsys.readouterr().out == "Hello\n"
    told = [json.loads(line) for line in events.read_text().splitlines()]
    assert told[-1]["type"] == "run.succeeded"
    assert [event["seq"] for event in told] == list(range(1, len(told) + 1))
