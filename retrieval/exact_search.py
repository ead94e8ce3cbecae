"""Nearest passages by a matrix product over the store's vectors: right by construction."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from app.domain.ports import MatterReader, PassageHit, VectorsDigest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]
    Vectors = NDArray[np.float32]

_HELD = 10_000
"""Candidates that are kept before the best of them are."""

_MOST_ROWS = 1_000_000
"""Vectors that are kept in memory: 1.5 GB, which is what Chroma will take for the same."""

_BLOCK_ROWS = 8_000


def nearest(
    matter: MatterReader, embedder: str, documents: Iterable[str], vector: Vector, limit: int
) -> list[PassageHit]:
    """The ``limit`` best passages of these documents by cosine similarity, best first.

    Reads one document after the other and keeps few candidates, however many passages there are.
    """
    best: list[tuple[float, str, int]] = []
    for document in documents:
        vectors = matter.passage_vectors(document, embedder)
        if vectors is None:
            continue
        scores = vectors @ vector
        order = (-scores).argsort(kind="stable")[:limit]
        best += [(float(scores[row]), document, int(row)) for row in order]
        if len(best) > max(_HELD, 2 * limit):
            best = _first(best, limit)
    return [PassageHit(document=d, passage=p, score=score) for score, d, p in _first(best, limit)]


class _Block(NamedTuple):
    """Documents' vectors one after the other: row ``starts[i]`` is the first of ``documents[i]``."""

    documents: list[str]
    held: list[VectorsDigest]
    starts: list[int]
    vectors: Vectors

    def outside(self, wanted: Mapping[str, VectorsDigest]) -> list[tuple[int, int]]:
        """Rows, from and to, of documents of which others or none are wanted."""
        places = zip(self.documents, self.held, self.starts, strict=True)
        return [(start, start + of.rows) for name, of, start in places if wanted.get(name) != of]


class HeldVectors:
    """Vectors that were read from the store, kept from one exact search to the next.

    Reading a million takes seconds, the product a fraction of one. For one thread at a time, as
    ``at_one_moment`` sees to. ``most_rows`` are kept; what is beyond is read in each search.
    """

    def __init__(self, matter: MatterReader, embedder: str, most_rows: int = _MOST_ROWS) -> None:
        self._matter = matter
        self._embedder = embedder
        self._most_rows = most_rows
        self._blocks: list[_Block] = []

    def nearest(self, wanted: Mapping[str, VectorsDigest], vector: Vector, limit: int) -> list[PassageHit]:
        """The best passages of all documents that are wanted, best first.

        ``wanted`` says which vectors the store holds of them at this moment.
        """
        unread = self._read(wanted)
        hits = nearest(self._matter, self._embedder, unread, vector, limit) if unread else []
        for block in self._blocks:
            hits += _best_in(block, block.outside(wanted), vector, limit)
        return list(best_of(hits, limit))

    def forget(self) -> None:
        """Give the memory back."""
        self._blocks.clear()

    def _read(self, wanted: Mapping[str, VectorsDigest]) -> list[str]:
        """Take in what is missing; what there is no room for is told."""
        kept: list[_Block] = []
        for block in self._blocks:
            outside = sum(end - start for start, end in block.outside(wanted))
            if 2 * outside <= len(block.vectors):
                kept.append(block)
        self._blocks = kept
        held = dict(chain.from_iterable(zip(block.documents, block.held, strict=True) for block in kept))
        room = self._most_rows - sum(len(block.vectors) for block in kept)
        missing: list[str] = []
        beyond: list[str] = []
        for name, of in wanted.items():
            if held.get(name) != of:
                room -= of.rows
                (missing if room >= 0 else beyond).append(name)
        self._take_in(missing, wanted)
        return beyond

    def _take_in(self, documents: Sequence[str], wanted: Mapping[str, VectorsDigest]) -> None:
        import numpy as np

        parts: list[Vectors] = []
        names: list[str] = []
        starts: list[int] = []
        rows = 0
        for place, name in enumerate(documents):
            vectors = self._matter.passage_vectors(name, self._embedder)
            if vectors is not None:
                parts.append(vectors)
                names.append(name)
                starts.append(rows)
                rows += len(vectors)
            if parts and (rows >= _BLOCK_ROWS or place == len(documents) - 1):
                held = [wanted[one] for one in names]
                self._blocks.append(_Block(names, held, starts, np.concatenate(parts)))
                parts, names, starts, rows = [], [], [], 0


def _best_in(
    block: _Block, outside: Sequence[tuple[int, int]], vector: Vector, limit: int
) -> list[PassageHit]:
    import numpy as np

    scores = block.vectors @ vector
    for start, end in outside:
        scores[start:end] = -np.inf
    found = np.arange(len(scores))
    if len(scores) > limit:
        found = np.flatnonzero(scores >= np.partition(scores, -limit)[-limit])
    hits: list[PassageHit] = []
    for row in found[np.isfinite(scores[found])].tolist():
        place = bisect_right(block.starts, row) - 1
        passage = row - block.starts[place]
        hits.append(PassageHit(document=block.documents[place], passage=passage, score=float(scores[row])))
    return hits


def best_of(hits: Sequence[PassageHit], limit: int) -> tuple[PassageHit, ...]:
    """The first ``limit`` by score."""
    return tuple(sorted(hits, key=lambda hit: -hit.score)[:limit])


def _first(candidates: list[tuple[float, str, int]], limit: int) -> list[tuple[float, str, int]]:
    return sorted(candidates, key=lambda one: -one[0])[:limit]
