"""The last stage of a search: a model reads the query with each of the best passages."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

from app.domain.ports import Reranker

DEPTH = 24
"""Passages that are read."""

_FIRST = 4.0
"""What the first stage's score counts beside the model's, which is a difference of log-odds."""

Item = TypeVar("Item", bound=Hashable)


def reordered(
    query: str,
    ranked: Sequence[tuple[Item, float]],
    texts: Mapping[Item, str],
    exact: float,
    reranker: Reranker,
) -> list[tuple[Item, float]]:
    """Items that have a text, best first; those with a score of ``exact`` or more stay in front.

    The scores are the first stage's, dealt out anew: only their order is told by the model.
    """
    known = [(item, score) for item, score in ranked if item in texts]
    found = reranker.scores(query, [texts[item] for item, _ in known])
    read = {item: float(one) for (item, _), one in zip(known, found, strict=True)}
    order = sorted(known, key=lambda pair: (pair[1] < exact, -read[pair[0]] - _FIRST * pair[1]))
    return [(item, score) for (item, _), (_, score) in zip(order, known, strict=True)]
