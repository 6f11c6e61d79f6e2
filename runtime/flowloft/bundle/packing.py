"""Flows to a bundle and back without a studio: what the shell does."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

from flowloft.bundle.archive import open_archive
from flowloft.bundle.docker import write_context
from flowloft.bundle.manifest import MANIFEST, FlowEntry, Manifest, file_stem
from flowloft.bundle.needs import requirements
from flowloft.bundle.project import ProjectFlow, write_project
from flowloft.bundle.tree import Tree
from flowloft.codegen.files import write_flow
from flowloft.codegen.shareable import shareable
from flowloft.core.errors import FlowError

Form = Literal["archive", "python_project", "docker_context"]
FORMS: tuple[Form, ...] = get_args(Form)
_KEYS = uuid.uuid5(uuid.NAMESPACE_URL, "flowloft:flow")


def pack(flows: Sequence[ProjectFlow], form: Form, target: Path) -> list[str]:
    """Writes a bundle, without secrets; the same bytes as a studio's for the same flows.

    In an archive a flow that no studio knows has a key made of its name, so that it is known again.

    Returns:
        What its reader has to know.

    Raises:
        FlowError: ``cannot_export``; ``cannot_write``.
    """
    clean = [ProjectFlow(flow.name, shareable(flow.spec)) for flow in flows]
    with tempfile.TemporaryDirectory(prefix="flowloft-pack-") as folder:
        tree = Tree(Path(folder))
        warnings: list[str] = []
        if form == "archive":
            _archive(tree, clean)
        else:
            warnings = (write_context if form == "docker_context" else write_project)(tree, clean).warnings
        try:
            tree.pack(target)
        except OSError as error:
            raise FlowError(
                f"“{target}” can't be written: {error.strerror}.",
                code="cannot_write",
                hint="Name a file in a folder that is there and that you may write to.",
            ) from error
    return warnings


def _archive(tree: Tree, flows: Sequence[ProjectFlow]) -> None:
    entries: list[FlowEntry] = []
    stems: list[str] = []
    for flow in flows:
        stems.append(file_stem(flow.name, stems))
        path = f"flows/{stems[-1]}.json"
        entries.append(FlowEntry(key=str(uuid.uuid5(_KEYS, flow.name)), name=flow.name, path=path))
        tree.add(path, write_flow(flow.spec, "json", title=flow.name))
    manifest = Manifest(
        flows=sorted(entries, key=lambda entry: entry.key),
        requirements=requirements([flow.spec for flow in flows]),
        files=dict(tree.files),
    )
    tree.add(MANIFEST, manifest.text())


def unpack(source: Path, folder: Path) -> list[str]:
    """Writes the files of an archive into a folder, checked; nothing of them is executed.

    Returns:
        Their paths in the folder, sorted.

    Raises:
        InputError: ``unsafe_archive``.
        FlowError: ``broken_archive``; ``cannot_write``, also where a file is there already.
    """
    with open_archive(source) as archive:
        paths = sorted(archive.manifest.files)
        for entry in archive.manifest.flows:
            archive.flow(entry.path)
        for path in paths:
            target = folder.joinpath(path)
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(path) as file, target.open("xb") as place:
                    while piece := file.read():
                        place.write(piece)
            except OSError as error:
                raise FlowError(
                    f"“{target}” can't be written: {error.strerror}.",
                    code="cannot_write",
                    hint="Name a folder that is empty, or not there yet.",
                ) from error
    return paths
