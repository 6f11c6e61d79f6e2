"""The first process inside the sandbox: confines itself, then runs the foreign code.

Reads one request as JSON from stdin. A function's result goes as JSON to stdout, what it prints to
stderr; a command simply takes this process's place. Standard library only.
"""

from __future__ import annotations

import errno
import importlib
import json
import os
import sys
import traceback
from typing import Any

FILE = "<function>"
NOT_CONFINED = "sandbox: "


def main() -> None:
    """Runs the request."""
    request = json.loads(sys.stdin.buffer.read().decode("utf-8"))
    try:
        layers = _confine(request)
    except OSError as error:
        sys.stderr.write(f"{NOT_CONFINED}{error}\n")
        sys.exit(1)
    _feed_stdin(request.get("stdin", ""))
    if "argv" in request:
        _become_command(request["argv"])
    _call(request, layers)


def _confine(request: dict[str, Any]) -> list[str]:
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    confine = importlib.import_module("confine")
    del sys.path[0]
    sys.path.extend(request["packages"])
    if request["user"] is not None:
        confine.become(request["user"])
    confine.forbid_new_privileges()
    confine.set_limits(request["limits"])
    layers = ["namespaces", "limits"]
    if confine.landlock(request["readable"], request["writable"]):
        layers.append("landlock")
    if confine.seccomp():
        layers.append("seccomp")
    return layers


def _feed_stdin(text: str) -> None:
    if text:
        path = "/tmp/.stdin"  # noqa: S108 - the sandbox's own
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        source = os.open(path, os.O_RDONLY)
        os.unlink(path)
    else:
        source = os.open(os.devnull, os.O_RDONLY)
    os.dup2(source, 0)
    os.close(source)


def _become_command(argv: list[str]) -> None:
    try:
        os.execvp(argv[0], argv)  # noqa: S606 - no shell is what is wanted
    except OSError as error:
        sys.stderr.write(f"{argv[0]}: {error.strerror}\n")
        sys.exit(126 if error.errno == errno.EACCES else 127)


def _call(request: dict[str, Any], layers: list[str]) -> None:
    own = os.getpid()
    result = os.dup(1)
    os.dup2(2, 1)
    try:
        scope: dict[str, Any] = {"__name__": "__function__"}
        exec(compile(request["code"], FILE, "exec"), scope)  # noqa: S102 - this is the place for it
        answer = {"value": scope[request["function"]](**request["inputs"]), "layers": layers}
        text = json.dumps(answer, ensure_ascii=False, allow_nan=False)
    except MemoryError:
        text = json.dumps({"error": {"kind": "memory"}})
    except BaseException as error:  # noqa: BLE001 - foreign code may raise anything
        text = json.dumps({"error": _told(error)})
    if os.getpid() != own:
        os._exit(1)
    sys.stdout.flush()
    sys.stderr.flush()
    data = text.encode("utf-8", "replace")
    while data:
        data = data[os.write(result, data) :]
    os._exit(0)


def _told(error: BaseException) -> dict[str, Any]:
    """Describes an error with the lines of the foreign code only."""
    kind = "error"
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.EAGAIN or "start new thread" in str(error):
        kind = "processes"
    elif number in (errno.EFBIG, errno.ENOSPC):
        kind = "files"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == FILE]
    line = frames[-1].lineno if frames else getattr(error, "lineno", None)
    return {"kind": kind, "type": type(error).__name__, "message": str(error)[:4000], "line": line}


if __name__ == "__main__":
    main()
