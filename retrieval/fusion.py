"""Several rankings into one."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TypeVar

Item = TypeVar("Item", bound=Hashable)


def mix(rankings: Sequence[Sequence[tuple[Item, float]]]) -> list[tuple[Item, float]]:
    """Mean of scores, each ranking's brought to 0 (its last) to 1 (its first); 0 where it lacks an item.

    Unlike reciprocal ranks it keeps how far apart the scores are. Best first; ties keep the order in which
    items were first seen.
    """
    scores: dict[Item, float] = {}
    for ranking in rankings:
        last = min((score for _, score in ranking), default=0.0)
        width = max((score for _, score in ranking), default=0.0) - last
        for item, score in ranking:
            share = (score - last) / width if width > 0 else 1.0
            scores[item] = scores.get(item, 0.0) + share / len(rankings)
    return sorted(scores.items(), key=lambda pair: -pair[1])
