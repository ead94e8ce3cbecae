"""Several rankings into one."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TypeVar

Item = TypeVar("Item", bound=Hashable)


def fuse(rankings: Sequence[Sequence[Item]], k: int = 60) -> list[tuple[Item, float]]:
    """Reciprocal rank fusion (Cormack, Clarke and Buettcher, 2009): score = Σ 1 / (k + rank), rank from 1.

    Best first; ties keep the order in which items were first seen.
    """
    scores: dict[Item, float] = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, start=1):
            scores[item] = scores.get(item, 0.0) + 1.0 / (k + rank)
    return sorted(scores.items(), key=lambda pair: -pair[1])
