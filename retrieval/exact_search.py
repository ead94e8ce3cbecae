"""Nearest passages by a matrix product over the store's vectors: right by construction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from app.domain.ports import MatterReader, PassageHit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

_HELD = 10_000
"""Candidates that are kept before the best of them are."""


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


def best_of(hits: Sequence[PassageHit], limit: int) -> tuple[PassageHit, ...]:
    """The first ``limit`` by score."""
    return tuple(sorted(hits, key=lambda hit: -hit.score)[:limit])


def _first(candidates: list[tuple[float, str, int]], limit: int) -> list[tuple[float, str, int]]:
    return sorted(candidates, key=lambda one: -one[0])[:limit]
