"""From ranked sentences to the shortest evidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.domain.text import Sentence


def within_budget(ranked: Iterable[int], sentences: Sequence[Sentence], budget: int) -> list[int]:
    """Whole sentences, best first, together at most ``budget`` characters.

    A sentence that does not fit is passed over, so that one long one does not end the search. The best
    one is always kept: a budget smaller than it would leave nothing.
    """
    kept: list[int] = []
    left = budget
    for index in ranked:
        length = sentences[index].span.end - sentences[index].span.start
        if length <= left or not kept:
            kept.append(index)
            left -= length
        if left < 20:
            break
    return kept
