"""The files of the components that the flows use."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from flowloft.bundle.project import COMPONENTS
from flowloft.components import component_register
from flowloft.core.registry import KINDS

from backend.exports.part import Incoming, Options, Outgoing, Part, Piece


class ComponentOptions(Options):
    """Which components go out."""

    include: bool = True
    """Whether the source of the components goes with the flows that use them."""


class Components(Part):
    """Their source. Importing never puts code in place: somebody who may has to read it first."""

    title = "Components"
    order = 20
    options = ComponentOptions

    def collect(self, going: Outgoing, options: ComponentOptions) -> None:
        used = [one for one in component_register.components() if one.key in going.kinds]
        if not used:
            return
        if not options.include:
            going.warnings.append(f"Needed where it runs: the components {_names(used)}.")
            return
        if not going.user.is_owner:
            going.warnings.append(
                f"The components {_names(used)} stay here: only the studio's owner hands on their source."
            )
            return
        files: dict[Path, list[str]] = {}
        for one in used:
            if one.file:
                files.setdefault(Path(one.file), []).append(one.key)
            else:
                going.warnings.append(f"The component {one.key} stands in no file and stays here.")
        told = {}
        for place, keys in sorted(files.items(), key=lambda item: (item[0].name, str(item[0]))):
            name = place.name
            if name in told:
                going.warnings.append(f"Two files are called {name}; the second stays here.")
                continue
            content = place.read_bytes()
            told[name] = sorted(keys)
            path = f"{COMPONENTS}/{name}"
            going.pieces.append(Piece(path, len(content), hashlib.sha256(content).hexdigest(), content))
        if told:
            going.parts["components"] = told

    def read(self, coming: Incoming) -> None:
        found = coming.manifest_part("components")
        if not isinstance(found, dict):
            return
        for name, keys in sorted(found.items()):
            absent = [key for key in keys if key not in KINDS] if isinstance(keys, list) else []
            if absent:
                coming.warnings.append(
                    f"The file {COMPONENTS}/{name} of the archive has {', '.join(map(str, absent))}. "
                    "Read it, and put it into the folder of components: imported code is never run by itself."
                )

    def apply(self, coming: Incoming) -> None:
        """Nothing: see :meth:`read`."""


def _names(components: list[Any]) -> str:
    return ", ".join(one.key for one in components)
