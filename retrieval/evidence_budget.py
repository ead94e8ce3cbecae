"""From ranked sentences to the shortest evidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.domain.text import Sentence

LIKELY = -6.0
"""Log-odds above which a sentence is evidence, and"""
LEAST = 6
"""so many sentences are in any case. On 51 CUAD contracts that nothing was learned from, within twice 2,000
characters, 92.1 % of a clause in 3.1 % of the contracts; 2,000 characters filled up had 89.4 in 3.7 %."""


def likely(
    ranked: Sequence[int], scores: Sequence[float], sentences: Sequence[Sentence], budget: int
) -> list[int]:
    """The few sentences likely to hold the answer, best first: mostly fewer than ``budget`` characters.

    Where more are likely, up to twice as many. ``scores`` are log-odds, by sentence.
    """
    kept = [index for place, index in enumerate(ranked) if place < LEAST or scores[index] > LIKELY]
    return within_budget(kept, sentences, 2 * budget)


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
