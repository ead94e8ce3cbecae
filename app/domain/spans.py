"""Where words are: code points in the canonical text, rectangles on the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Span(NamedTuple):
    """Code points ``[start, end)`` in a document's canonical text."""

    start: int
    end: int


def half_shared(one: Span, other: Span) -> bool:
    """Whether they share at least half of the shorter of the two."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared > 0 and 2 * shared >= min(one.end - one.start, other.end - other.start)


class Box(NamedTuple):
    """A rectangle on a page in PDF points, origin top left."""

    x0: float
    y0: float
    x1: float
    y1: float


class Word(NamedTuple):
    """One word of a page: its code points in the *canonical* text and where it stands on the page."""

    start: int
    end: int
    box: Box


def line_boxes(words: Sequence[Word]) -> tuple[Box, ...]:
    """One box for each line of words."""
    lines: list[Box] = []
    for word in words:
        box = word.box
        if lines:
            last = lines[-1]
            middle = (box.y0 + box.y1) / 2
            if last.y0 <= middle <= last.y1 and box.x0 >= last.x0:
                lines[-1] = Box(last.x0, min(last.y0, box.y0), max(last.x1, box.x1), max(last.y1, box.y1))
                continue
        lines.append(box)
    return tuple(lines)
