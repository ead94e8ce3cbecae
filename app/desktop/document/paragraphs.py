"""A text without pages of its own, cut into pieces that can be laid out one by one."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.domain.text import PageShape

MOST_CHARACTERS = 2000
"""Of one piece; a longer line is cut, at a space if it has one."""

_BREAK = re.compile(r"\r\n|[\r\n\f]")
_BLOCK = 256


@dataclass(frozen=True)
class Paragraphs:
    """Piece i is ``text[starts[i]:ends[i]]``; line ends and form feeds are in none of them."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    pages: tuple[int, ...]

    @property
    def count(self) -> int:
        """At least one."""
        return len(self.starts)

    def piece(self, index: int) -> str:
        """The words."""
        return self.text[self.starts[index] : self.ends[index]]

    def at(self, offset: int) -> int:
        """The piece that holds a place of the text, or ends before it."""
        return max(0, bisect_right(self.starts, offset) - 1)


def paragraphs_of(text: str, shapes: Sequence[PageShape]) -> Paragraphs:
    """At every line end and page break, and within very long lines."""
    starts: list[int] = []
    ends: list[int] = []
    start = 0
    for found in _BREAK.finditer(text):
        _cut(text, start, found.start(), starts, ends)
        start = found.end()
    _cut(text, start, len(text), starts, ends)
    page_starts = [shape.start for shape in shapes]
    pages = tuple(max(1, bisect_right(page_starts, place)) for place in starts)
    return Paragraphs(text, tuple(starts), tuple(ends), pages)


def _cut(text: str, start: int, end: int, starts: list[int], ends: list[int]) -> None:
    while end - start > MOST_CHARACTERS:
        space = text.rfind(" ", start + MOST_CHARACTERS // 2, start + MOST_CHARACTERS)
        cut = start + MOST_CHARACTERS if space < 0 else space + 1
        starts.append(start)
        ends.append(cut)
        start = cut
    starts.append(start)
    ends.append(end)


class Heights:
    """Heights one above the other: sums in blocks, so that one may change without a walk through all."""

    def __init__(self, heights: Sequence[float]) -> None:
        self._heights = list(heights)
        self._blocks = [sum(self._heights[i : i + _BLOCK]) for i in range(0, len(self._heights), _BLOCK)]

    @property
    def total(self) -> float:
        """Of all."""
        return sum(self._blocks)

    def __getitem__(self, index: int) -> float:
        return self._heights[index]

    def __setitem__(self, index: int, height: float) -> None:
        self._blocks[index // _BLOCK] += height - self._heights[index]
        self._heights[index] = height

    def top(self, index: int) -> float:
        """What stands above."""
        block = index // _BLOCK
        return sum(self._blocks[:block]) + sum(self._heights[block * _BLOCK : index])

    def at(self, y: float) -> int:
        """The one that covers ``y``; the last if it is below all."""
        block = 0
        while block < len(self._blocks) - 1 and y >= self._blocks[block]:
            y -= self._blocks[block]
            block += 1
        index = block * _BLOCK
        while index < len(self._heights) - 1 and y >= self._heights[index]:
            y -= self._heights[index]
            index += 1
        return index
