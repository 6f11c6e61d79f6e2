"""The flow document: what is saved, exported and diffed. Data only; reading one executes nothing."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

SCHEMA_NAME = "flowloft/flow"
SCHEMA_VERSION = 1

MAX_NODES = 5_000
MAX_EDGES = 20_000
MAX_BODY_DEPTH = 8
MAX_JSON_DEPTH = 64
MAX_BYTES = 4 * 1024 * 1024

NodeId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$")]
KindKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.]{0,79}$")]
PortName = Annotated[str, StringConstraints(min_length=1, max_length=80)]
FlowRef = Annotated[
    str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{0,64}@(draft|published|[1-9][0-9]{0,8})$")
]
EdgeId = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Retry(_Part):
    """How often a failing node is tried, and the seconds before the second try (then doubled)."""

    attempts: int = Field(1, ge=1, le=10)
    delay: float = Field(1.0, ge=0, le=300)


class Policy(_Part):
    """What happens when a node fails.

    ``stop`` ends the run, ``default`` goes on with the given value, ``branch`` sends the error
    out of the node's ``error`` port.
    """

    on_error: Literal["stop", "default", "branch"] = "stop"
    default: JsonValue = None
    retry: Retry = Field(default_factory=Retry)
    timeout: float | None = Field(None, gt=0, le=86_400, description="Seconds for one try.")
    cache: Literal["auto", "never"] = Field(
        "auto", description="Whether an earlier result for the same inputs and settings may be used again."
    )


class EdgeSpec(_Part):
    """A wire from an output port to an input port of the same graph."""

    source: NodeId
    source_port: PortName
    target: NodeId
    target_port: PortName


class NodeSpec(_Part):
    """A placed instance of a kind. ``body`` belongs to containers only; ``wired`` names the settings
    whose values come along an edge, each an input port of its own."""

    kind: KindKey
    title: str | None = Field(None, max_length=200)
    settings: dict[str, JsonValue] = Field(default_factory=dict)
    wired: list[PortName] = Field(default_factory=list, max_length=50)
    policy: Policy = Field(default_factory=Policy)
    disabled: bool = False
    body: GraphSpec | None = None


class GraphSpec(_Part):
    """Nodes and edges by id; maps, so that a patch and a git diff touch only what changed."""

    nodes: dict[NodeId, NodeSpec] = Field(default_factory=dict)
    edges: dict[EdgeId, EdgeSpec] = Field(default_factory=dict)


class Position(_Part):
    """Where a node is drawn, in canvas pixels; inside a container relative to it."""

    x: float = Field(allow_inf_nan=False)
    y: float = Field(allow_inf_nan=False)
    width: float | None = Field(None, gt=0, allow_inf_nan=False)
    height: float | None = Field(None, gt=0, allow_inf_nan=False)


class Group(_Part):
    """A titled, coloured frame around nodes; it changes nothing about what runs."""

    title: str = Field("", max_length=200)
    color: str = Field("gray", max_length=40)
    node_ids: list[NodeId] = Field(default_factory=list)
    collapsed: bool = False


class Ui(_Part):
    """The drawing. Nothing in it changes what a flow does."""

    positions: dict[NodeId, Position] = Field(default_factory=dict)
    groups: dict[str, Group] = Field(default_factory=dict)
    pins: dict[NodeId, dict[PortName, JsonValue]] = Field(
        default_factory=dict,
        description="Outputs by port that stand in for running a node while the flow is being drawn.",
    )


class Requirements(_Part):
    """What a flow needs to run elsewhere, by logical name; never a secret."""

    kinds: dict[str, int] = Field(default_factory=dict)
    models: list[str] = Field(default_factory=list)
    credentials: list[str] = Field(default_factory=list)


class SavedFlow(_Part):
    """A flow that a node of another runs, as it was when the document was frozen."""

    title: str = Field("", max_length=200)
    graph: GraphSpec = Field(default_factory=GraphSpec)


class FlowSpec(_Part):
    """A whole flow.

    ``flows`` holds the saved flows that its nodes run, by ``<id>@<version>``. A draft has none: they are
    looked up when it is compiled, and kept with a version, a run and an exported file.
    """

    schema_: Literal["flowloft/flow"] = Field("flowloft/flow", alias="schema")
    schema_version: Literal[1] = 1
    kind: Literal["flow"] = "flow"
    graph: GraphSpec = Field(default_factory=GraphSpec)
    ui: Ui = Field(default_factory=Ui)
    requirements: Requirements = Field(default_factory=Requirements)
    flows: dict[FlowRef, SavedFlow] = Field(default_factory=dict, max_length=100)

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    def document(self) -> dict[str, Any]:
        """Returns the plain JSON of the flow; what equals its default is left out of nodes."""
        data = self.model_dump(mode="json", by_alias=True)
        _trim(data["graph"])
        if not data["ui"]["pins"]:
            del data["ui"]["pins"]
        for saved in data["flows"].values():
            _trim(saved["graph"])
        if not data["flows"]:
            del data["flows"]
        for position in data["ui"]["positions"].values():
            for side in ("width", "height"):
                if position[side] is None:
                    del position[side]
        return data


def _trim(graph: dict[str, Any]) -> None:
    plain = Policy().model_dump(mode="json")
    for node in graph["nodes"].values():
        if node["title"] is None:
            del node["title"]
        if node["policy"] == plain:
            del node["policy"]
        for field in ("disabled", "wired"):
            if not node[field]:
                del node[field]
        if node["body"] is None:
            del node["body"]
        else:
            _trim(node["body"])


def flow_schema() -> dict[str, Any]:
    """Returns the JSON Schema of flow documents, as it is published."""
    schema = FlowSpec.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{SCHEMA_NAME.replace('/', ':')}:{SCHEMA_VERSION}",
        **schema,
        "title": "Flowloft flow",
    }
