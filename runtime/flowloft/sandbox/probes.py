"""Attempts to escape. Run inside the sandbox by the self-test, as any foreign code would be."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

CLONE_NEWUSER, PTRACE_ATTACH, MS_BIND = 0x10000000, 16, 4096


def probe(secret: str, home: str, port: int, outside: int, known: list[str]) -> dict[str, str]:
    """Tries everything; returns by attempt what stopped it, empty where nothing did."""
    attempts: dict[str, Callable[[], object]] = {
        "read a file of the machine": lambda: Path(secret).read_text(),
        "read the shadow file": lambda: Path("/etc/shadow").read_text(),
        "list the home": lambda: os.listdir(home),
        "read the environment": lambda: _environment(known),
        "read the environment of the first process": lambda: _first_process(known),
        "see other processes": _processes,
        "signal a process outside": lambda: os.kill(outside, 0),
        "reach a port of the machine": lambda: socket.create_connection(("127.0.0.1", port), 1),
        "reach the internet": lambda: socket.create_connection(("1.1.1.1", 53), 1),
        "open a raw socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1),
        "write to the system": lambda: Path("/usr/probe").write_text(""),
        "write to the root": lambda: Path("/probe").write_text(""),
        "make a device": lambda: os.mknod("/work/disk", 0o60666, os.makedev(254, 0)),
        "become root": lambda: os.setuid(0),
        "make a user namespace": lambda: _call("unshare", CLONE_NEWUSER),
        "mount": lambda: _call("mount", b"/", b"/work", None, MS_BIND, None),
        "change the root": lambda: os.chroot("/work"),
        "trace a process": lambda: _call("ptrace", PTRACE_ATTACH, 1, None, None),
        "start processes without end": _forks,
        "take 4 GiB": lambda: bytearray(4 << 30),
    }
    return {name: _stopped_by(attempt) for name, attempt in attempts.items()}


def _stopped_by(attempt: Callable[[], object]) -> str:
    with contextlib.suppress(KeyboardInterrupt):
        try:
            attempt()
        except Exception as error:  # noqa: BLE001 - whatever stops it
            return f"{type(error).__name__}: {error}"
    return ""


def _call(name: str, *arguments: Any) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _environment(known: list[str]) -> None:
    if not set(os.environ) - set(known) - {"PWD", "LC_CTYPE", "SHLVL", "_"}:
        raise LookupError("nothing of it is here")


def _first_process(known: list[str]) -> None:
    text = Path("/proc/1/environ").read_bytes()
    mine = tuple(name.encode() for name in known)
    if all(part.startswith(mine) for part in text.split(b"\0") if part):
        raise LookupError("nothing of it is here")


def _processes() -> None:
    numbers = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    if len(numbers) <= 4:
        raise LookupError(f"only {len(numbers)} processes to be seen")


def _forks() -> None:
    children = []
    try:
        for _ in range(64):
            child = os.fork()
            if child == 0:
                signal.pause()
            children.append(child)
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
