"""Words under the mouse, in reading order."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from app.domain.spans import Span, Word

_ANOTHER_LINE = 8.0
"""A point above or below a word counts as so much farther away than one beside it."""


def word_at(words: Sequence[Word], x: float, y: float) -> int | None:
    """The word that a point lies on."""
    for index, word in enumerate(words):
        box = word.box
        if box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1:
            return index
    return None


def nearest_word(words: Sequence[Word], x: float, y: float) -> int | None:
    """The word that a reader means by a point; None only if there are no words."""
    if not words:
        return None

    def distance(index: int) -> float:
        box = words[index].box
        beside = max(box.x0 - x, 0.0, x - box.x1)
        off = max(box.y0 - y, 0.0, y - box.y1)
        return beside + _ANOTHER_LINE * off

    return min(range(len(words)), key=distance)


def between(first: Span, second: Span) -> Span:
    """All from the one to the other, whichever comes first."""
    return Span(min(first.start, second.start), max(first.end, second.end))


def words_in(words: Sequence[Word], span: Span) -> Sequence[Word]:
    """Those that share a character with the span; ``words`` are in reading order."""
    low = max(0, bisect_right(words, span.start, key=_start) - 1)
    return [
        word for word in words[low : bisect_right(words, span.end - 1, key=_start)] if word.end > span.start
    ]


def _start(word: Word) -> int:
    return word.start
