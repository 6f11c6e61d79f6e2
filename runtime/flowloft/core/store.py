"""The contracts of what chunks are searched in: vectors and texts. One class in one file of
``flowloft/stores/vectors`` or ``flowloft/stores/texts``.

Rows live in collections. A collection is named by any text (Chinese as well) and comes into being
with its first row. All methods may be called from several threads, and from several processes
where ``shared`` says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, model_validator

from flowloft.core.registry import Family

Scalar = str | int | float | bool
Metadata = dict[str, Scalar | list[str]]
"""Facts to filter by. A list is searched with ``contains``."""

Operator = Literal["eq", "ne", "in", "nin", "lt", "lte", "gt", "gte", "contains"]


class Compare(BaseModel):
    """One condition. A row that lacks the field fits ``ne`` and ``nin`` only.

    ``lt``, ``lte``, ``gt``, ``gte`` compare numbers; ``in`` and ``nin`` take a list;
    ``contains`` asks whether a list has the value.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    field: str = Field(min_length=1, max_length=200)
    op: Operator = "eq"
    value: Scalar | list[Scalar]

    @model_validator(mode="after")
    def _value_fits(self) -> Compare:
        if (self.op in ("in", "nin")) != isinstance(self.value, list):
            raise ValueError(f"{self.op} needs " + ("a list" if self.op in ("in", "nin") else "one value"))
        if self.value == []:
            raise ValueError(f"{self.op} needs at least one value")
        if self.op in _ORDER and not _is_number(self.value):
            raise ValueError(f"{self.op} compares numbers")
        return self


class Combine(BaseModel):
    """Several conditions: all of them (``and``) or any (``or``)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    op: Literal["and", "or"] = "and"
    filters: list[Compare | Combine] = Field(min_length=1, max_length=50)


Filter = Compare | Combine


def fits(where: Filter | None, metadata: Mapping[str, Any]) -> bool:
    """Says whether a row's facts meet a condition; this is what every store's filter means.

    Example:
        >>> fits(Compare(field="year", op="gte", value=2020), {"year": 2024})
        True
    """
    if where is None:
        return True
    if isinstance(where, Combine):
        found = (fits(one, metadata) for one in where.filters)
        return all(found) if where.op == "and" else any(found)
    return _compares(where, metadata.get(where.field))


def _compares(where: Compare, value: Any) -> bool:
    wanted = where.value
    if where.op in ("ne", "nin"):
        return value is None or not _equals(where, value)
    if value is None:
        return False
    if where.op in ("eq", "in"):
        return _equals(where, value)
    if where.op == "contains":
        return isinstance(value, list) and wanted in value
    return _is_number(value) and _is_number(wanted) and bool(_ORDER[where.op](value, wanted))


def _equals(where: Compare, value: Any) -> bool:
    return value in (where.value if isinstance(where.value, list) else [where.value])


_ORDER: dict[str, Any] = {
    "lt": lambda a, b: a < b,
    "lte": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "gte": lambda a, b: a >= b,
}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


@dataclass(slots=True)
class VectorRow:
    """A vector to keep: ``(dimensions,)``, L2-normalised."""

    id: str
    vector: Sequence[float]
    metadata: Metadata = field(default_factory=dict)


@dataclass(slots=True)
class TextRow:
    """A text to keep; ``payload`` is given back and never searched (JSON only)."""

    id: str
    text: str
    metadata: Metadata = field(default_factory=dict)
    payload: dict[str, Any] = field(default_factory=dict)


class Found(NamedTuple):
    """A row that was found.

    Attributes:
        score: Higher is better. Of a vector store the cosine, -1 to 1; of a text store the BM25
            score, above 0 and without an upper end.
        share: Of a text store, 0 to 1: how much of what was asked the row has, rare words counting
            more and words that are nowhere most. Small where a question has other words than the texts.
    """

    id: str
    score: float
    share: float = 1.0


class VectorStore:
    """Base of the stores of vectors. All of a collection have the same number of dimensions."""

    title: ClassVar[str] = ""
    shared: ClassVar[bool] = False
    """Whether several processes may use the same one at a time."""

    def upsert(self, collection: str, rows: Sequence[VectorRow]) -> None:
        """Adds rows; one whose id is there already takes its place.

        Raises:
            InputError: ``wrong_dimensions``: they do not fit what is there.
        """
        raise NotImplementedError

    def delete(self, collection: str, ids: Sequence[str] | None = None, where: Filter | None = None) -> None:
        """Takes rows away, by id or by condition; what is not there is no error."""
        raise NotImplementedError

    def query(
        self, collection: str, vector: Sequence[float], top_k: int, where: Filter | None = None
    ) -> list[Found]:
        """Returns the nearest rows, at most ``top_k``, best first; none where nothing is there."""
        raise NotImplementedError

    def count(self, collection: str) -> int:
        """Returns how many rows there are; 0 for a collection that is not there."""
        raise NotImplementedError

    def ids(self, collection: str) -> Iterator[str]:
        """Yields the id of every row, in no order."""
        raise NotImplementedError

    def vectors(self, collection: str, ids: Sequence[str]) -> dict[str, list[float]]:
        """Returns the vectors of those rows that are there."""
        raise NotImplementedError

    def drop(self, collection: str) -> None:
        """Takes a collection away with all it holds; one that is not there is no error."""
        raise NotImplementedError

    def close(self) -> None:
        """Lets go of files and connections."""


class TextStore:
    """Base of the stores of texts: full text search in English, Chinese and what has spaces."""

    title: ClassVar[str] = ""
    shared: ClassVar[bool] = False

    def upsert(self, collection: str, rows: Sequence[TextRow]) -> None:
        """Adds rows; one whose id is there already takes its place."""
        raise NotImplementedError

    def delete(self, collection: str, ids: Sequence[str] | None = None, where: Filter | None = None) -> None:
        """Takes rows away, by id or by condition; what is not there is no error."""
        raise NotImplementedError

    def search(self, collection: str, query: str, top_k: int, where: Filter | None = None) -> list[Found]:
        """Returns the rows with words of the query, at most ``top_k``, best first.

        Any text is a query; there is no query language in it.
        """
        raise NotImplementedError

    def get(self, collection: str, ids: Sequence[str]) -> dict[str, TextRow]:
        """Returns those rows that are there."""
        raise NotImplementedError

    def count(self, collection: str) -> int:
        """Returns how many rows there are; 0 for a collection that is not there."""
        raise NotImplementedError

    def rows(self, collection: str, where: Filter | None = None) -> Iterator[TextRow]:
        """Yields every row that meets a condition, in no order."""
        raise NotImplementedError

    def drop(self, collection: str) -> None:
        """Takes a collection away with all it holds; one that is not there is no error."""
        raise NotImplementedError

    def close(self) -> None:
        """Lets go of files and connections."""


VECTOR_STORES: Family[VectorStore] = Family("flowloft.stores.vectors", VectorStore, "vector store")
TEXT_STORES: Family[TextStore] = Family("flowloft.stores.texts", TextStore, "text store")
