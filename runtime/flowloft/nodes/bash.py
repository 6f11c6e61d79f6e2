"""A command of the system."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

from pydantic import Field, field_validator

from flowloft.core.commands import command_failed, split_command
from flowloft.core.context import Context
from flowloft.core.node import Node, fill
from flowloft.core.types import as_text
from flowloft.sandbox import Limits, run_command


class _Written(NamedTuple):
    output: Annotated[str, "What the command wrote, without the last line break."]
    errors: Annotated[str, "What it wrote to stderr."]


class Bash(Node):
    """Runs a command and gives what it writes.

    The line is split into arguments first, and `{name}` is filled in after: whatever comes in
    stays one argument, and no shell reads it. For pipes write
    `bash -c 'sort "$1" | uniq' sort {file}`. It runs in a sandbox, with the programs of the
    system, without network, files or secrets.
    """

    title = "Command"
    group = "code"
    icon = "terminal-2"

    command: str = Field(
        "tr a-z A-Z",
        title="Command",
        min_length=1,
        max_length=20_000,
        description="A program and its arguments, for example: grep -c {word}",
        json_schema_extra={"x-widget": "template", "x-inputs": "placeholders"},
    )
    seconds: float = Field(
        30.0,
        title="Longest time",
        gt=0,
        le=3600,
        description="In seconds; then it is ended.",
        json_schema_extra={"x-advanced": True},
    )
    memory: int = Field(
        512,
        title="Memory",
        ge=64,
        le=65_536,
        description="In MiB; more than that ends it.",
        json_schema_extra={"x-advanced": True},
    )

    @field_validator("command")
    @classmethod
    def _command_splits(cls, command: str) -> str:
        split_command(command)
        return command

    def run(
        self, ctx: Context, input: Annotated[str, "Given to the command on stdin."] = "", **variables: Any
    ) -> _Written:
        values = {name: as_text(value) for name, value in variables.items()}
        argv = [fill(word, values) for word in split_command(self.command)]
        if any("\0" in word for word in argv):
            raise command_failed(argv, None, "", "an argument has a NUL character in it")
        limits = Limits(seconds=self.seconds, cpu=max(1, round(self.seconds)), memory=self.memory << 20)
        done = run_command(argv, stdin=input, limits=limits, check=ctx.check)
        if done.exit_code:
            raise command_failed(argv, done.exit_code, done.errors)
        return _Written(done.output.removesuffix("\n"), done.errors)
