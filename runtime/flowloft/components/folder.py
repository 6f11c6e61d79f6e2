"""A project folder of component files: loaded, reloaded, each file's error its own."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path

from flowloft.components.component import Component
from flowloft.components.register import component_register
from flowloft.core.errors import FlowloftError


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What became of one file.

    Attributes:
        file: Its path.
        components: Keys of what it registered; of a file that fails, of its last good version.
        error: None, or what went wrong as ``{code, message, hint, extra}``; ``extra`` has the line.
    """

    file: str
    components: tuple[str, ...]
    error: dict[str, object] | None = None


class ComponentFolder:
    """The component files of a folder: every ``*.py`` whose name does not begin with ``_``."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder).expanduser().absolute()
        self._seen: dict[Path, tuple[int, int]] = {}
        self._loaded: dict[Path, list[Component]] = {}
        self._results: dict[Path, LoadResult] = {}

    def refresh(self) -> list[LoadResult]:
        """Loads files that are new or have changed, forgets those that are gone.

        A file that fails keeps what its last good version registered, and stops nothing.

        Returns:
            The state of every file, sorted by path.
        """
        there = {
            path: (path.stat().st_mtime_ns, path.stat().st_size)
            for path in sorted(self.folder.glob("*.py"))
            if not path.name.startswith(("_", "."))
        }
        for path in set(self._loaded) - set(there):
            for component in self._loaded.pop(path):
                component_register.remove(component)
            self._results.pop(path, None)
            self._seen.pop(path, None)
        for path, stamp in there.items():
            if self._seen.get(path) != stamp:
                self._seen[path] = stamp
                self._results[path] = self._load(path)
        return [self._results[path] for path in there]

    def _load(self, path: Path) -> LoadResult:
        old = self._loaded.setdefault(path, [])
        try:
            self._loaded[path] = load_file(path, old)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a file of someone's own may raise anything
            return LoadResult(str(path), tuple(one.key for one in old), _told(error, path))
        return LoadResult(str(path), tuple(one.key for one in self._loaded[path]))


def load_components(folder: str | os.PathLike[str]) -> list[LoadResult]:
    """Loads the component files of a folder once; see :class:`ComponentFolder` for reloading.

    Returns:
        What became of each file; one that fails stops nothing.
    """
    return ComponentFolder(folder).refresh()


def load_file(path: str | os.PathLike[str], old: list[Component] | None = None) -> list[Component]:
    """Runs a component file, and puts what it registers in the place of what it had.

    Args:
        path: The file. Its folder is on the module path while it is read.
        old: What it had registered before.

    Raises:
        Exception: Whatever the file raises; then nothing has changed.
    """
    file = Path(path).absolute()
    name = f"flowloft_components_{hashlib.sha256(str(file).encode()).hexdigest()[:12]}"
    source = file.read_bytes()
    spec = importlib.util.spec_from_loader(name, loader=None, origin=str(file))
    if spec is None:
        raise ImportError(f"{file} cannot be read")
    module = importlib.util.module_from_spec(spec)
    module.__file__ = str(file)
    with component_register.replacing(old or []) as staged:
        before = sys.modules.get(name)
        sys.modules[name] = module
        sys.path.insert(0, str(file.parent))
        try:
            exec(compile(source, str(file), "exec"), module.__dict__)  # noqa: S102 - the owner's own file
        except BaseException:
            sys.modules.pop(name)
            if before is not None:
                sys.modules[name] = before
            raise
        finally:
            sys.path.remove(str(file.parent))
    return list(staged)


def _told(error: BaseException, path: Path) -> dict[str, object]:
    if isinstance(error, FlowloftError):
        return {**error.payload()}
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    line = error.lineno if isinstance(error, SyntaxError) else (frames[-1].lineno if frames else None)
    return {
        "code": "component_file_failed",
        "message": f"{type(error).__name__}: {error}",
        "hint": "Mend the file; it is read again when it changes.",
        "extra": {"line": line},
    }
