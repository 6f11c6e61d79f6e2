"""Lists the places to compute, checks one, or shows what would be submitted to it.

flowloft backends
flowloft backends check slurm --set partition=a100
flowloft backends preview slurm --gpus 1 --command python train.py --rate 1e-4
"""

from __future__ import annotations

import argparse
import json
from inspect import getdoc
from typing import Any

from pydantic import ValidationError

from flowloft.codegen.console import FAILED, SUCCEEDED
from flowloft.core.backend import BACKENDS, Backend
from flowloft.core.errors import InputError
from flowloft.core.job import Job
from flowloft.core.resources import Resources

_ASKED = ("cpus", "memory", "gpus", "seconds")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this command takes."""
    parser.add_argument("action", nargs="?", choices=["list", "check", "preview"], default="list")
    parser.add_argument("kind", nargs="?", help="which backend; without it check asks each")
    parser.add_argument(
        "--command",
        nargs=argparse.REMAINDER,
        default=[],
        metavar="PROGRAM",
        help="for preview, at the end: the program and its arguments",
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the backend"
    )
    for name in _ASKED:
        parser.add_argument(f"--{name}", help=Resources.model_fields[name].title)


def run(options: argparse.Namespace) -> int:
    """Does what was asked."""
    if options.action == "check":
        return _check(options)
    if options.action == "preview":
        return _preview(options)
    found = [
        {
            "key": key,
            "title": member.title,
            "summary": (getdoc(member) or "").partition("\n\n")[0].replace("\n", " ").replace("``", ""),
            "settings": list(member.model_fields),
        }
        for key, member in BACKENDS.all().items()
    ]
    if options.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        for one in found:
            print(f"{one['key']:12} {one['summary']}")
    return SUCCEEDED


def _check(options: argparse.Namespace) -> int:
    """Asks the named backend, or each that needs no setting."""
    if options.kind:
        asked = {options.kind: _made(options.kind, options.set)}
    else:
        members = BACKENDS.all().items()
        asked = {key: member() for key, member in members if not _needs(member)}
    found = {key: backend.affinity() for key, backend in asked.items()}
    if options.json:
        print(json.dumps({key: {"score": one.score, "reason": one.reason} for key, one in found.items()}))
    else:
        for key, one in found.items():
            print(f"{key:12} {'can be used' if one.score else 'cannot be used'}: {one.reason}")
    return SUCCEEDED if any(one.score for one in found.values()) else FAILED


def _preview(options: argparse.Namespace) -> int:
    if not options.kind or not options.command:
        raise InputError(
            "A backend and a command are needed.",
            code="invalid_input",
            hint="Write flowloft backends preview KIND --command PROGRAM ARGUMENT ...",
        )
    asked = {name: getattr(options, name) for name in _ASKED if getattr(options, name) is not None}
    try:
        job = Job(argv=options.command, resources=Resources(**asked))
    except ValidationError as error:
        raise _wrong(error) from error
    preview = _made(options.kind, options.set).preview(job)
    if options.json:
        print(json.dumps({"form": preview.form, "text": preview.text, "argv": preview.argv}))
    else:
        print(preview.text)
    return SUCCEEDED


def _needs(member: type[Backend]) -> bool:
    return any(field.is_required() for field in member.model_fields.values())


def _made(kind: str, given: list[str]) -> Backend:
    member = BACKENDS.get(kind)
    several = {name for name, field in member.model_fields.items() if field.annotation == list[str]}
    settings: dict[str, Any] = {}
    for one in given:
        name, _, value = one.partition("=")
        if name not in member.model_fields:
            raise InputError(
                f"{kind} has no setting “{name}”.",
                code="invalid_input",
                hint=f"There are: {', '.join(member.model_fields)}.",
            )
        settings[name] = [*settings.get(name, []), value] if name in several else value
    try:
        return member.model_validate(settings)
    except ValidationError as error:
        raise _wrong(error) from error


def _wrong(error: ValidationError) -> InputError:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return InputError(f"{place}: {first['msg']}.", code="invalid_input", hint="Correct it and try again.")
