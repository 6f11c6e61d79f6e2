"""The owner's components: in the web process their signatures only, in a worker themselves.

They are the owner's own code, put into a folder of the machine by whoever runs the studio, and run in
the worker as such. What people write in the browser is another matter: it runs in the sandbox.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Any

from django.conf import settings
from flowloft.components import ComponentFolder
from flowloft.components.shown import ShownFolder, stamp_of

log = logging.getLogger(__name__)


class Components:
    """The folder of ``FLOWLOFT_COMPONENTS`` in this process."""

    def __init__(self, folder: Path | None) -> None:
        self._shown = ShownFolder(folder) if folder else None
        self._own = ComponentFolder(folder) if folder else None
        self._runs = False
        self._stamp: object = None
        self._lock = threading.Lock()
        self.version = 0
        """Changes with the kinds."""

    def refresh(self) -> None:
        """Reads what has changed in the folder, signatures only."""
        if self._shown is None or self._runs:
            return
        with self._lock:
            if self._shown.refresh():
                self.version += 1

    def load(self) -> bool:
        """Loads what has changed in the folder, to be run in this process; returns whether that was so."""
        if self._own is None or self._shown is None:
            return False
        with self._lock:
            if not self._runs:
                self._runs = True
                self._shown.forget()
            stamp = stamp_of(self._own.folder)
            if stamp == self._stamp:
                return False
            self._stamp = stamp
            for result in self._own.refresh():
                if result.error:
                    log.warning("the component file %s failed: %s", result.file, result.error["message"])
            return True

    def entries(self) -> dict[str, dict[str, Any]]:
        """Returns the catalogue entries of the components by kind."""
        return self._shown.entries() if self._shown else {}

    def problems(self) -> list[dict[str, Any]]:
        """Returns the files that failed: name, message and line."""
        files = self._shown.files if self._shown else []
        return [
            {
                "file": Path(one["file"]).name,
                "message": one["error"]["message"],
                "line": one["error"]["extra"].get("line"),
            }
            for one in files
            if one["error"]
        ]


COMPONENTS = Components(settings.FLOWLOFT_COMPONENTS)
