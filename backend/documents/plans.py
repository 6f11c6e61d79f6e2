"""The settings of a knowledge base: how its documents are read, cut and searched."""

from __future__ import annotations

from typing import Any, Literal

from flowloft.core.errors import FlowloftError, InputError
from flowloft.core.knowledge import SearchSettings
from flowloft.core.parser import PARSERS, Parsed
from flowloft.core.splitter import SPLITTERS, Chunk, Splitter
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from backend.common.errors import spec_problems

DEFAULT_SPLITTER = "recursive"
Transform = Literal["", "summary", "questions", "keywords"]


class Group(BaseModel):
    """One chunking of every document.

    Attributes:
        name: Unique in the base; ``default`` is what is searched when nothing else is asked for.
        splitter: Key of a file in ``flowloft/splitters``.
        settings: Its fields.
        parent: Name of a coarser group that its chunks are parts of; empty for none.
        transform: What a chat model makes of each chunk of ``parent``, in place of a splitter.
        model: Reference of that model; empty for the built-in one.
    """

    model_config = ConfigDict(extra="forbid")

    name: str = Field("default", min_length=1, max_length=100, pattern=r"^[^\x00-\x1f/]+$")
    splitter: str = Field(DEFAULT_SPLITTER, max_length=100)
    transform: Transform = ""
    model: str = Field("", max_length=200)
    settings: dict[str, Any] = Field(default_factory=dict)
    parent: str = Field("", max_length=100)


def default_groups() -> list[dict[str, Any]]:
    """Returns the chunking of a new base."""
    return [Group().model_dump()]


def _refused(problems: list[dict[str, str]], path: str) -> InputError:
    first = problems[0]
    return InputError(
        f"{first['path'] or path}: {first['message']}",
        hint="Correct the named place and send again.",
        extra={"path": first["path"] or path, "problems": problems[:50]},
    )


def checked_groups(given: Any) -> list[dict[str, Any]]:
    """Checks a chain of chunkings.

    Raises:
        InputError: With the path of what does not fit.
    """
    if not isinstance(given, list) or not 0 < len(given) <= 10:
        raise InputError("/groups: one to ten node groups are needed.", extra={"path": "/groups"})
    found: list[Group] = []
    for index, raw in enumerate(given):
        try:
            group = Group.model_validate(raw)
        except ValidationError as error:
            raise _refused(spec_problems(error, ("groups", index)), f"/groups/{index}") from None
        names = [one.name for one in found]
        if group.name in names:
            raise InputError(
                f"/groups/{index}/name: the name “{group.name}” stands twice.",
                hint="Give each node group a name of its own.",
                extra={"path": f"/groups/{index}/name"},
            )
        if group.parent and group.parent not in names:
            raise InputError(
                f"/groups/{index}/parent: no node group before it is called “{group.parent}”.",
                hint="A parent stands before the groups that are parts of it.",
                extra={"path": f"/groups/{index}/parent"},
            )
        if group.transform:
            group = group.model_copy(update={"splitter": "", "settings": {}})
            above = next((one for one in found if one.name == group.parent), None)
            if above is None or above.transform:
                raise InputError(
                    f"/groups/{index}/parent: {group.transform} is made of the chunks of another group.",
                    hint="Choose a group that a splitter makes, and that stands before it.",
                    extra={"path": f"/groups/{index}/parent"},
                )
        else:
            splitter_of(group, f"/groups/{index}")
        found.append(group)
    return [group.model_dump() for group in found]


def splitter_of(group: Group, at: str = "") -> Splitter:
    """Returns the splitter of a group, with its settings.

    Raises:
        InputError: There is none of that name, or its settings do not fit.
    """
    if group.splitter not in SPLITTERS:
        raise InputError(
            f"{at}/splitter: there is no splitter “{group.splitter}”.",
            hint=f"There are: {', '.join(sorted(SPLITTERS.all()))}.",
            extra={"path": f"{at}/splitter"},
        )
    try:
        return SPLITTERS.get(group.splitter)(**group.settings)
    except ValidationError as error:
        raise _refused(spec_problems(error, (*at.strip("/").split("/"), "settings")), at) from None


def checked_parsing(given: Any) -> dict[str, Any]:
    """Checks settings of parsers, by key.

    Raises:
        InputError: With the path of what does not fit.
    """
    if not isinstance(given, dict):
        raise InputError("/parsing: an object is needed.", extra={"path": "/parsing"})
    for key, fields in given.items():
        if key not in PARSERS:
            raise InputError(
                f"/parsing/{key}: there is no parser of that name.",
                hint=f"There are: {', '.join(sorted(PARSERS.all()))}.",
                extra={"path": f"/parsing/{key}"},
            )
        try:
            PARSERS.get(key).model_validate(fields)
        except ValidationError as error:
            raise _refused(spec_problems(error, ("parsing", key)), f"/parsing/{key}") from None
    return given


def checked_search(given: Any, at: str = "search") -> SearchSettings:
    """Checks search settings.

    Raises:
        InputError: With the path of what does not fit.
    """
    try:
        return SearchSettings.model_validate(given or {})
    except ValidationError as error:
        raise _refused(spec_problems(error, (at,)), f"/{at}") from None


def split_all(parsed: Parsed, groups: list[dict[str, Any]]) -> dict[str, list[Chunk]]:
    """Cuts a document by every group; ``parent`` of a chunk is its index in the parent's group.

    Raises:
        FlowloftError: A splitter can't work on it.
    """
    cut: dict[str, list[Chunk]] = {}
    for raw in groups:
        group = Group.model_validate(raw)
        if group.transform:
            continue
        chunks = [chunk for chunk in splitter_of(group).split(parsed) if chunk.text.strip()]
        if group.parent:
            above = cut.get(group.parent, [])
            chunks = [chunk.model_copy(update={"parent": _around(above, chunk)}) for chunk in chunks]
        cut[group.name] = chunks
    if not any(cut.values()):
        raise FlowloftError(
            "The document came to no chunk.", code="no_chunks", hint="Look at the settings of the splitters."
        )
    return cut


def _around(above: list[Chunk], chunk: Chunk) -> int | None:
    """Returns the index of the larger chunk that holds most of a chunk."""
    best, most = None, 0
    for index, one in enumerate(above):
        shared = min(one.end, chunk.end) - max(one.start, chunk.start)
        if shared > most:
            best, most = index, shared
    return best
