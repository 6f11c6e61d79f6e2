"""Every command can be driven by a program: JSON out, four fields of an error, an exit code."""

from __future__ import annotations

import json
import subprocess
import sys

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


def test_a_reader_that_leaves_ends_the_command_quietly() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "flowloft.cli", "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as command:
        assert command.stdout is not None
        assert command.stderr is not None
        command.stdout.close()
        assert command.stderr.read() == b""
    assert command.returncode in (0, 1)
