"""What an item of a list leans on, as "does not apply to what:" before "(a) is in the public domain"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain.ports import IndexedText
from retrieval.layout import starts_with_enumerator

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_OPENS = (":", "—", "–", "-")
_LESS = 0.5
"""In log-odds: what a lead-in counts for less than the best of its items."""


def lead_ins(indexed: IndexedText, text: str) -> tuple[int | None, ...]:
    """For every sentence, the one that its list begins with; None for one that is no item of a list.

    An item begins with an enumerator or in lower case, and its list with a sentence that ends in a colon or a
    dash. An item may itself begin a list.
    """
    found: list[int | None] = []
    opened: int | None = None
    for ordinal, sentence in enumerate(indexed.sentences):
        words = text[sentence.span.start : sentence.span.end]
        item = words[:1].islower() or starts_with_enumerator(words)
        found.append(opened if item else None)
        if words.endswith(_OPENS):
            opened = ordinal
        elif not item:
            opened = None
    return tuple(found)


def with_lead_ins(scores: Floats, leads: tuple[int | None, ...]) -> Floats:
    """A lead-in's score is at least nearly that of its best item: neither is read without the other."""
    raised = scores.copy()
    for ordinal in range(len(leads) - 1, -1, -1):
        lead = leads[ordinal]
        if lead is not None:
            raised[lead] = max(raised[lead], raised[ordinal] - _LESS)
    return raised
