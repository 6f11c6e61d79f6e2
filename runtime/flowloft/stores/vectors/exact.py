"""Exact search in numpy: for scripts and small collections, in memory or in a folder."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowloft.core.errors import InputError
from flowloft.core.store import Filter, Found, Metadata, VectorRow, VectorStore, fits
from flowloft.stores._names import slug

if TYPE_CHECKING:
    import numpy as np

_MANY = 20_000
"""From so many rows on, all are compared in 8 bits first, and the best of those exactly."""
_CLOSER = 4
_CHOSEN = 200
"""How many times as many are compared exactly as are asked for, and how many at least."""
_PART = 10_000
"""Rows that are rounded at a time, so that the memory for it is small."""
_VIEWS = 8
"""Conditions whose rows are remembered; a search asks for the same few again and again."""


class Exact(VectorStore):
    """Compares a question with every vector: 10,000 in a fraction of a millisecond. From 20,000 on the scores
    of 8 bits a number choose which are compared exactly, in a third of the time; next to none is missed.

    Args:
        path: Folder that it is kept in, for one process at a time; None for memory alone.
    """

    title = "Exact (numpy)"

    def __init__(self, path: Path | str | None = None) -> None:
        self._path = None if path is None else Path(path)
        self._open: dict[str, _Collection] = {}
        self._guard = threading.RLock()

    def upsert(self, collection: str, rows: Sequence[VectorRow]) -> None:
        if rows:
            with self._guard:
                self._collection(collection).upsert(rows)

    def delete(self, collection: str, ids: Sequence[str] | None = None, where: Filter | None = None) -> None:
        with self._guard:
            self._collection(collection).delete(ids, where)

    def query(
        self, collection: str, vector: Sequence[float], top_k: int, where: Filter | None = None
    ) -> list[Found]:
        with self._guard:
            return self._collection(collection).query(vector, top_k, where)

    def count(self, collection: str) -> int:
        with self._guard:
            return len(self._collection(collection).at)

    def ids(self, collection: str) -> Iterator[str]:
        with self._guard:
            found = list(self._collection(collection).at)
        yield from found

    def vectors(self, collection: str, ids: Sequence[str]) -> dict[str, list[float]]:
        with self._guard:
            kept = self._collection(collection)
            return {one: kept.vectors[kept.at[one]].tolist() for one in ids if one in kept.at}

    def drop(self, collection: str) -> None:
        with self._guard:
            self._collection(collection).forget()
            self._open.pop(collection, None)

    def _collection(self, name: str) -> _Collection:
        if name not in self._open:
            self._open[name] = _Collection(None if self._path is None else self._path / slug(name))
        return self._open[name]


class _Collection:
    """Rows of one collection. On disk: ``vectors.f32`` and one line of ``rows.jsonl`` for each, in the
    order in which they came; a later row, or a line of a deletion, overrides an earlier one."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.at: dict[str, int] = {}
        self._metadata: dict[str, Metadata] = {}
        self._room: Any = None
        self._codes: Any = None
        self._steps: Any = ()
        self._views: dict[str, tuple[list[str], np.ndarray[Any, Any]]] = {}
        self._size = 0
        self._width = 0
        if folder is not None and (folder / "rows.jsonl").exists():
            self._load(folder)

    def upsert(self, rows: Sequence[VectorRow]) -> None:
        import numpy as np

        try:
            fresh = np.asarray([row.vector for row in rows], dtype=np.float32)
        except ValueError as error:
            raise _wrong(self._width, {len(row.vector) for row in rows}) from error
        if fresh.ndim != 2 or (self._width and fresh.shape[1] != self._width):
            raise _wrong(self._width, {len(row.vector) for row in rows})
        fresh /= np.maximum(np.linalg.norm(fresh, axis=1, keepdims=True), 1e-12)
        self._width = fresh.shape[1]
        self._write(rows, fresh)
        self._keep(fresh)
        self._views.clear()
        for row in rows:
            self.at[row.id] = self._size
            self._metadata[row.id] = row.metadata
            self._size += 1

    def delete(self, ids: Sequence[str] | None, where: Filter | None) -> None:
        gone = [one for one in (self.at if ids is None else ids) if one in self.at]
        if where is not None:
            gone = [one for one in gone if fits(where, self._metadata[one])]
        if not gone or (ids is None and where is None):
            return
        self._views.clear()
        for one in gone:
            del self.at[one], self._metadata[one]
        if self.folder is not None:
            with (self.folder / "rows.jsonl").open("a", encoding="utf-8") as file:
                file.writelines(json.dumps({"deleted": one}, ensure_ascii=False) + "\n" for one in gone)

    def query(self, vector: Sequence[float], top_k: int, where: Filter | None) -> list[Found]:
        import numpy as np

        if not self.at:
            return []
        asked = np.asarray(vector, dtype=np.float32)
        if asked.shape != (self._width,):
            raise _wrong(self._width, {len(vector)})
        ids, places = self._view(where)
        if not ids:
            return []
        asked = asked / max(float(np.linalg.norm(asked)), 1e-12)
        if len(ids) >= _MANY and top_k * _CLOSER < len(ids) // 2:
            chosen = _best(self._coarse(asked, places), max(_CHOSEN, top_k * _CLOSER))
            ids, places = [ids[index] for index in chosen], places[chosen]
        rows, wanted = self._selection(places)
        scores = (self.vectors[rows] @ asked)[wanted]
        return [Found(ids[index], float(scores[index])) for index in _best(scores, top_k)]

    def _selection(self, places: np.ndarray[Any, Any]) -> tuple[Any, Any]:
        """Returns which rows are compared, and which of their scores count."""
        if len(places) == self._size:
            return slice(None), slice(None)
        if 2 * len(places) < self._size:
            return places, slice(None)
        # To gather rows costs more than to multiply a few too many.
        return slice(None), places

    def _coarse(self, asked: np.ndarray[Any, Any], places: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Returns about the score of each place, by 8 bits a number."""
        import numpy as np
        import simsimd

        codes, steps = self._in_8_bits()
        small, _ = _in_8_bits(asked[None])
        rows, wanted = self._selection(places)
        products = np.asarray(simsimd.cdist(small, codes[rows], "dot", out_dtype="float32"))[0]
        return (products * steps[rows])[wanted]  # type: ignore[no-any-return]

    def _in_8_bits(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """Returns all vectors in 8 bits a number and the step of each; only those that are new are made."""
        import numpy as np

        done = len(self._steps)
        if done < self._size:
            codes, steps = np.empty((self._size, self._width), np.int8), np.empty(self._size, np.float32)
            if done:
                codes[:done], steps[:done] = self._codes, self._steps
            for start in range(done, self._size, _PART):
                part = slice(start, min(start + _PART, self._size))
                codes[part], steps[part] = _in_8_bits(self.vectors[part])
            self._codes, self._steps = codes, steps
        return self._codes, self._steps

    def _view(self, where: Filter | None) -> tuple[list[str], np.ndarray[Any, Any]]:
        """Returns the ids that meet a condition and their rows; those of the latest conditions are kept."""
        import numpy as np

        key = "" if where is None else where.model_dump_json()
        if key not in self._views:
            ids = [one for one in self.at if where is None or fits(where, self._metadata[one])]
            if len(self._views) >= _VIEWS:
                del self._views[next(iter(self._views))]
            self._views[key] = ids, np.fromiter((self.at[one] for one in ids), np.int64, len(ids))
        return self._views[key]

    @property
    def vectors(self) -> np.ndarray[Any, Any]:
        """All vectors that ever came, ``(rows, dimensions) float32``, L2-normalised."""
        return self._room[: self._size]  # type: ignore[no-any-return]

    def _keep(self, fresh: np.ndarray[Any, Any]) -> None:
        """Puts vectors behind the others; the room grows by half."""
        import numpy as np

        wanted = self._size + len(fresh)
        if self._room is None or wanted > len(self._room):
            # Not resized in its place: numpy asks for large pages for new memory only, and a search over
            # small ones takes half as long again.
            room = np.empty((wanted + wanted // 2, self._width), np.float32)
            if self._room is not None:
                room[: self._size] = self.vectors
            self._room = room
        self._room[self._size : wanted] = fresh

    def forget(self) -> None:
        if self.folder is not None:
            for name in ("rows.jsonl", "vectors.f32"):
                (self.folder / name).unlink(missing_ok=True)

    def _write(self, rows: Sequence[VectorRow], fresh: np.ndarray[Any, Any]) -> None:
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "vectors.f32").open("ab") as file:
            file.write(fresh.tobytes())
        with (self.folder / "rows.jsonl").open("a", encoding="utf-8") as lines:
            lines.writelines(
                json.dumps({"id": row.id, "metadata": row.metadata, "width": self._width}, ensure_ascii=False)
                + "\n"
                for row in rows
            )

    def _load(self, folder: Path) -> None:
        import numpy as np

        for line in (folder / "rows.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if "deleted" in row:
                self.at.pop(row["deleted"], None)
                self._metadata.pop(row["deleted"], None)
                continue
            self.at[row["id"]], self._metadata[row["id"]] = self._size, row["metadata"]
            self._width = row["width"]
            self._size += 1
        if self._width:
            count = self._size * self._width
            kept = np.fromfile(folder / "vectors.f32", dtype=np.float32, count=count)
            self._room = kept.reshape(self._size, self._width)


def _in_8_bits(rows: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Returns rows as whole numbers from -127 to 127, and what one of these is in each row."""
    import numpy as np

    steps = np.maximum(np.abs(rows).max(axis=1), 1e-12) / 127
    return np.rint(rows / steps[:, None]).astype(np.int8), steps


def _best(scores: np.ndarray[Any, Any], most: int) -> np.ndarray[Any, Any]:
    """Returns where the highest scores are, highest first."""
    import numpy as np

    best = np.argpartition(scores, -most)[-most:] if most < len(scores) else np.arange(len(scores))
    return best[np.argsort(-scores[best], kind="stable")]


def _wrong(width: int, given: set[int]) -> InputError:
    numbers = ", ".join(str(one) for one in sorted(given))
    return InputError(
        f"Vectors of {numbers} numbers do not fit"
        + (f" a collection of {width}." if width else " each other."),
        code="wrong_dimensions",
        hint="Embed all of it again with one model.",
    )
