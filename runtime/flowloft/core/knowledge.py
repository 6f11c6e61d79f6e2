"""Knowledge as a flow sees it: a question goes in, chunks with their places come out."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from flowloft.core.parser import Place
from flowloft.core.store import Combine, Compare

Mode = Literal["dense", "text", "hybrid"]
Fusion = Literal["weights", "rrf"]
RerankBy = Literal["none", "model", "embedding", "keyword", "rrf"]

BUNDLED = "bundled:"
"""Begins the reference of a set of documents that comes with the program."""


class RerankSettings(BaseModel):
    """What puts the candidates in order once more."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    by: RerankBy = Field(
        "none",
        title="Reranker",
        description=(
            "model: a reranking model of a connection. embedding: an embedding model, better than the "
            "one of the index. keyword: share of the words of the question. rrf: by rank in each part."
        ),
    )
    model: str = Field(
        "",
        title="Model",
        max_length=200,
        description="<connection>/<model>, for model and embedding.",
        json_schema_extra={"x-widget": "model", "x-job": "rerank"},
    )
    candidates: int = Field(
        20, title="Candidates", ge=1, le=200, description="How many of the best are put in order again."
    )


class SearchSettings(BaseModel):
    """How a knowledge base is searched."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mode: Mode = Field(
        "hybrid",
        title="Search",
        description="dense: by meaning. text: by words. hybrid: both, fused.",
    )
    top_k: int = Field(5, title="Results", ge=1, le=200, description="At most so many chunks.")
    candidates: int = Field(
        50,
        title="Candidates",
        ge=1,
        le=1000,
        description="How many each part looks for before they are fused.",
        json_schema_extra={"x-advanced": True},
    )
    fusion: Fusion = Field(
        "weights",
        title="Fusion",
        description="weights: by score. rrf: by rank.",
        json_schema_extra={"x-advanced": True},
    )
    rrf_k: int = Field(
        60,
        title="k of rrf",
        ge=1,
        le=1000,
        description="Smaller: the first places count more. Score: sum of weight / (k + rank).",
        json_schema_extra={"x-advanced": True},
    )
    dense_weight: float = Field(
        0.4,
        title="Weight of meaning",
        ge=0,
        le=1,
        description="0 to 1; words have the rest.",
        json_schema_extra={"x-widget": "slider", "x-advanced": True},
    )
    threshold: float | None = Field(
        None,
        title="Lowest score",
        description=(
            "Leaves out chunks whose cosine (-1 to 1) is below; in mode text, whose BM25 score is. "
            "In mode hybrid a chunk found by words alone stays."
        ),
        json_schema_extra={"x-advanced": True},
    )
    filters: Compare | Combine | None = Field(
        None,
        title="Filter",
        description="Only chunks whose facts fit.",
        json_schema_extra={"x-widget": "json", "x-advanced": True},
    )
    groups: list[str] = Field(
        default_factory=list,
        title="Node groups",
        max_length=10,
        description="Which chunkings are searched; none means the default one.",
        json_schema_extra={"x-widget": "list", "x-advanced": True},
    )
    expand: Literal["none", "window", "parent"] = Field(
        "none",
        title="Widen",
        description="window: with the chunks before and after. parent: the larger chunk it is part of.",
        json_schema_extra={"x-advanced": True},
    )
    window: int = Field(
        1,
        title="Chunks before and after",
        ge=1,
        le=10,
        description="For window.",
        json_schema_extra={"x-advanced": True},
    )
    rerank: RerankSettings = Field(default_factory=RerankSettings, title="Reranker")


class Scores(BaseModel):
    """What each stage thought of a chunk; higher is better in all; None where it did not see it.

    Attributes:
        dense: Cosine, -1 to 1.
        text: BM25 score, above 0, no upper end.
        fused: With rrf at most 1 / (k + 1); with weights 0 to 1.
        reranked: As its reranker has it: 0 to 1 for models and keywords, -1 to 1 for embedding.
    """

    model_config = ConfigDict(frozen=True)

    RANGES: ClassVar[dict[str, tuple[float | None, float | None]]] = {
        "dense": (-1.0, 1.0),
        "text": (0.0, None),
        "fused": (0.0, 1.0),
        "reranked": (None, None),
    }

    dense: float | None = None
    text: float | None = None
    fused: float | None = None
    reranked: float | None = None

    def best(self) -> float:
        """Returns the score of the last stage that gave one."""
        for score in (self.reranked, self.fused, self.dense, self.text):
            if score is not None:
                return score
        return 0.0


class Hit(BaseModel):
    """A chunk that was found.

    Attributes:
        text: The chunk, widened where that was asked for.
        matched: The chunk itself, where ``text`` is more than that; else empty.
        places: Where it stands in its document.
        metadata: Facts of chunk and document.
    """

    chunk_id: str
    document_id: str
    title: str = ""
    knowledge: str = ""
    """Reference of the knowledge base it is from."""
    text: str
    matched: str = ""
    heading_path: tuple[str, ...] = ()
    places: list[Place] = Field(default_factory=list)
    scores: Scores = Scores()
    metadata: dict[str, Any] = Field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Returns it as it travels along an edge of type ``documents``."""
        return {
            "id": self.chunk_id,
            "text": self.text,
            "score": self.scores.best(),
            "scores": self.scores.model_dump(exclude_none=True),
            "source": {
                "knowledge": self.knowledge,
                "document_id": self.document_id,
                "title": self.title,
                "heading_path": list(self.heading_path),
                "places": [place.model_dump(mode="json") for place in self.places],
            },
            "metadata": dict(self.metadata),
        }


class SearchResult(BaseModel):
    """What was found, best first, and how long each stage took.

    Attributes:
        timings: Seconds by stage: ``embed``, ``dense``, ``text``, ``fuse``, ``rerank``, ``load``, ``total``.
        remarks: What went otherwise than asked, for instance a store that did not answer.
    """

    hits: list[Hit] = Field(default_factory=list)
    timings: dict[str, float] = Field(default_factory=dict)
    remarks: list[str] = Field(default_factory=list)


class Citation(BaseModel):
    """Where a part of an answer is from.

    Travels beside the answer as the output ``citations`` of the run: a list of these as plain data,
    in the order of ``number``. The answer has ``[1]`` where ``number`` is 1; a number that the
    answer does not name is not in the list. For example::

        {"number": 1, "knowledge": "9f3c...", "document_id": "41d0...", "chunk_id": "8a77...",
         "title": "Handbook", "quote": "A card costs two euros.", "score": 0.83,
         "heading_path": ["Handbook", "Cards"],
         "places": [{"page": 3, "boxes": [...], "start": 120, "end": 143, ...}]}

    It leads back to its place by ``knowledge``, ``document_id`` and ``chunk_id`` together:

    - a knowledge base of the studio: ``/knowledge/<knowledge>/documents/<document_id>?chunk=<chunk_id>``;
    - ``bundled:<set>``: ``/knowledge/bundled/<set>/documents/<document_id>?chunk=<chunk_id>``;
    - no knowledge base and a ``document_id`` that is a web address: that address.

    ``citationLink`` of the page (``frontend/src/shared/lib/citation.ts``) does just this.

    Attributes:
        number: From 1, as in the text.
        knowledge: Reference of the knowledge base; empty where the passage is from none.
        document_id: Id in the knowledge base, path in a folder, or a web address.
        chunk_id: Id of the passage in its document.
        title: Of the document.
        quote: The passage, at most 600 characters.
        score: Of the last stage that gave one; higher is better.
        heading_path: Headings above it, outermost first.
        places: Where it stands, one a page: page from 1, boxes, offsets in the text of the document.
    """

    model_config = ConfigDict(frozen=True)

    number: int = Field(ge=1)
    knowledge: str = ""
    document_id: str = ""
    title: str = ""
    chunk_id: str = ""
    quote: str = ""
    score: float | None = None
    heading_path: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()

    @classmethod
    def of(cls, number: int, document: dict[str, Any]) -> Citation:
        """Makes one from a document as it travels along an edge; see :meth:`Hit.document`."""
        source = document.get("source")
        source = source if isinstance(source, dict) else {}
        return cls(
            number=number,
            knowledge=str(source.get("knowledge", "")),
            document_id=str(source.get("document_id", "")),
            title=str(source.get("title", "")),
            chunk_id=str(document.get("id", "")),
            quote=str(document.get("text", ""))[:600],
            score=document.get("score"),
            heading_path=tuple(source.get("heading_path") or ()),
            places=tuple(Place.model_validate(place) for place in source.get("places") or ()),
        )


class KnowledgeBase(Protocol):
    """Something that can be asked."""

    def search(self, query: str, settings: SearchSettings | None = None) -> SearchResult:
        """Finds the chunks that fit a question.

        Args:
            settings: None for those of the knowledge base.

        Raises:
            NoFit: ``no_node_group``: it has no chunking of that name.
            ProviderError: The embedding or reranking model did not answer.
        """
        ...


class KnowledgeSource(Protocol):
    """Where references to knowledge bases are looked up: folders for a script, the studio's
    knowledge bases in the studio. A reference that begins with ``bundled:`` never gets here."""

    def resolve(self, ref: str) -> KnowledgeBase:
        """Returns what a reference names.

        Raises:
            NoFit: ``unknown_knowledge``: nothing is called so; the hint names what there is.
        """
        ...
