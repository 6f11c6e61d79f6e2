"""What a part of a bundle is: flows, components, knowledge bases, ... One file each in ``parts``."""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import IO, Any, ClassVar, Literal

from flowloft.bundle import Archive, FlowEntry
from flowloft.core.registry import Family
from flowloft.core.spec import FlowSpec
from pydantic import BaseModel, ConfigDict

Conflict = Literal["new_version", "copy", "skip", "fail"]
Missing = Literal["stub", "fail"]


class Options(BaseModel):
    """What can be asked of a part when exporting."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Piece:
    """A file that will go out.

    Attributes:
        path: In the archive, for instance ``flows/greeter.json``.
        size: Bytes; an estimate where the content is made while it is written.
        mark: Tells this content from any other: a digest, or an id with a revision.
        content: The bytes, or what opens them as a stream.
    """

    path: str
    size: int
    mark: str
    content: bytes | Callable[[], AbstractContextManager[IO[bytes]]]


@dataclass(frozen=True)
class OutgoingFlow:
    """A flow that goes out, already without secrets."""

    entry: FlowEntry
    spec: FlowSpec


@dataclass
class Outgoing:
    """What will go out. Each part adds what it finds to it, and nothing else ever gets in.

    Attributes:
        user: Who exports; every object is asked for in this person's name.
        flows: ``(id, version)`` as asked for.
        with_subflows: Whether flows that those flows call go with them.
        archive: Whether it becomes an archive; projects can't hold every part.
        found: The flows, those asked for first.
        references: By widget (``knowledge_base``, ``dataset``, ...), what the flows point at.
        kinds: Kinds of all their nodes.
        parts: For the manifest, by part.
        pieces: The files.
        warnings: What the person should know before handing the file on.
    """

    user: Any
    flows: list[tuple[uuid.UUID, str]]
    with_subflows: bool = True
    archive: bool = True
    found: list[OutgoingFlow] = field(default_factory=list)
    references: dict[str, list[str]] = field(default_factory=dict)
    kinds: set[str] = field(default_factory=set)
    parts: dict[str, Any] = field(default_factory=dict)
    pieces: list[Piece] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Arrival:
    """One flow of an import before it is checked; ``key`` is None for a single file."""

    key: uuid.UUID | None
    name: str
    description: str
    path: str
    document: dict[str, Any]

    def place(self, pointer: str) -> str:
        """Returns where something is: the file, ``#``, and a JSON pointer into it."""
        return f"{self.path}#{pointer}" if self.path else pointer


@dataclass
class Incoming:
    """What comes in, and what became of it.

    Attributes:
        archive: None where a single flow comes as a text.
        arrivals: The flows in it.
        bindings: Logical name of a credential to the name of the connection that stands for it here.
        dry_run: Whether it will all be taken back; what is large need not be done then.
        ids: By widget, under which id here a thing of the archive is found.
        issues: ``{path, code, message}``: why it cannot be imported.
        missing: The same for what flows need and nobody has here.
        conflicts: ``{type, key, id, name}``: what is here already.
        created, updated, skipped: ``{type, id, key, name, path, note}``.
    """

    user: Any
    archive: Archive | None
    arrivals: list[Arrival]
    conflict: Conflict
    dry_run: bool = False
    bindings: dict[str, str] = field(default_factory=dict)
    ids: dict[str, dict[str, str]] = field(default_factory=dict)
    issues: list[dict[str, Any]] = field(default_factory=list)
    missing: list[dict[str, Any]] = field(default_factory=list)
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    created: list[dict[str, Any]] = field(default_factory=list)
    updated: list[dict[str, Any]] = field(default_factory=list)
    skipped: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def manifest_part(self, part: str) -> Any:
        """Returns what the manifest says of a part; None where it has none."""
        return self.archive.manifest.parts.get(part) if self.archive else None


class Part(ABC):
    """One part of bundles. An object lives for one export or one import.

    Exporting, the parts are asked in ``order``, importing in the opposite one, so that what flows
    point at is there before them.
    """

    title: ClassVar[str]
    order: ClassVar[int]
    options: ClassVar[type[Options]] = Options

    @abstractmethod
    def collect(self, going: Outgoing, options: Any) -> None:
        """Adds what goes out; asks for each object in the person's name."""

    @abstractmethod
    def read(self, coming: Incoming) -> None:
        """Looks at what comes in and notes issues, missing things and conflicts. Changes nothing."""

    @abstractmethod
    def apply(self, coming: Incoming) -> None:
        """Saves it, inside the transaction of the import. Effects outside the database belong into
        ``transaction.on_commit``."""


PARTS: Family[Part] = Family("backend.exports.parts", Part, "part")  # type: ignore[type-abstract]


def parts_in_order() -> list[tuple[str, Part]]:
    """Returns a new object of each part, as they are asked when exporting."""
    members = sorted(PARTS.all().items(), key=lambda item: item[1].order)
    return [(key, member()) for key, member in members]
