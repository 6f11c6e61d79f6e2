"""``flowloft``: what the studio does, from a shell. One file a command: its name is the command's.

A file holds ``add_arguments(parser)`` and ``run(options) -> int``; its docstring is the help. Every
command takes ``--json``: then what it prints is JSON, errors as ``{"error": {code, message, hint,
extra}}`` included. Exit codes: 0 done, 1 failed, 2 wrong arguments or a flow with errors, 130
cancelled.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pkgutil
import sys
from collections.abc import Sequence
from types import ModuleType

import flowloft
from flowloft.codegen.console import CANCELLED, FAILED, USAGE
from flowloft.core.errors import Cancelled, FlowError, FlowloftError, InputError

EXITS = "Exit codes: 0 done, 1 failed, 2 wrong arguments or a flow with errors, 130 cancelled."


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; returns the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser(given).parse_args(given)
    try:
        return int(options.run(options))
    except FlowloftError as error:
        if options.json:
            print(json.dumps({"error": error.payload()}, ensure_ascii=False, default=str))
        print(f"error: {error.message} {error.hint}".rstrip(), file=sys.stderr)
        return USAGE if isinstance(error, (FlowError, InputError)) else FAILED
    except (KeyboardInterrupt, Cancelled):
        return CANCELLED
    except BrokenPipeError:
        # Whoever read has gone, as `head` does; a second failure at exit is spared.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def commands() -> dict[str, str]:
    """Returns the name of each command and of its file."""
    names = (found.name for found in pkgutil.iter_modules(__path__))
    return {name.rstrip("_").replace("_", "-"): name for name in names if not name.startswith("_")}


def _parser(given: list[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="flowloft", description="Runs, serves and converts flows.", epilog=EXITS
    )
    parser.add_argument("--version", action="version", version=f"flowloft {flowloft.__version__}")
    family = parser.add_subparsers(required=True, metavar="COMMAND")
    there = commands()
    # Only the command that is called is loaded; all of them where there is help to give.
    chosen = given[:1] if given and given[0] in there else there
    for command in chosen:
        module = importlib.import_module(f"{__name__}.{there[command]}")
        _add(family.add_parser(command, help=_summary(module), description=module.__doc__), module)
    return parser


def _add(parser: argparse.ArgumentParser, module: ModuleType) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    module.add_arguments(parser)
    parser.add_argument("--json", action="store_true", help="for programs: JSON on stdout")
    parser.set_defaults(run=module.run)


def _summary(module: ModuleType) -> str:
    return (module.__doc__ or "").partition("\n")[0].rstrip(".")
