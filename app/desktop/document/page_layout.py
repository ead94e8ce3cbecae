"""Where pages stand in one long column, known from their sizes alone. All pixels are those of the device."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, NamedTuple

from app.domain.spans import Box

if TYPE_CHECKING:
    from app.desktop.document.source import Rotation
    from app.domain.text import PageShape

_LEAST_POINTS, _MOST_POINTS = 1.0, 400_000.0
_MOST_COLUMN = 2**30
_MOST_SMALL_SCALE = 8.0
TILE = 1024
"""No tile is wider or higher, in pixels."""


class Rect(NamedTuple):
    """Whole pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def bottom(self) -> int:
        """The first row below."""
        return self.y + self.height


class Size(NamedTuple):
    """Of a page in PDF points, as the file shows it."""

    width: float
    height: float

    def turned(self, rotation: Rotation) -> Size:
        """As shown after a turn."""
        return self if rotation in (0, 180) else Size(self.height, self.width)


class Tile(NamedTuple):
    """A part of one page: ``area`` in pixels of the turned page at ``scale`` pixels per point."""

    document: str
    page: int
    scale: float
    rotation: Rotation
    area: Rect


def size_of(shape: PageShape) -> Size:
    """Held to what can be laid out, whatever the file claims."""
    return Size(
        min(max(shape.width, _LEAST_POINTS), _MOST_POINTS),
        min(max(shape.height, _LEAST_POINTS), _MOST_POINTS),
    )


def commonest(sizes: Sequence[Size]) -> Size:
    """The size that most pages have; what a page is fitted by."""
    return Counter(sizes).most_common(1)[0][0]


def turn(box: Box, size: Size, rotation: Rotation) -> Box:
    """A box of the page as the file shows it, on the page as it is shown after a turn clockwise."""
    width, height = size
    match rotation:
        case 0:
            return box
        case 90:
            return Box(height - box.y1, box.x0, height - box.y0, box.x1)
        case 180:
            return Box(width - box.x1, height - box.y1, width - box.x0, height - box.y0)
        case 270:
            return Box(box.y0, width - box.x1, box.y1, width - box.x0)


def turn_back(box: Box, size: Size, rotation: Rotation) -> Box:
    """The reverse of ``turn``; ``size`` is again that of the page as the file shows it."""
    back: dict[Rotation, Rotation] = {0: 0, 90: 270, 180: 180, 270: 90}
    return turn(box, size.turned(rotation), back[rotation])


@dataclass(frozen=True)
class PageLayout:
    """Pages from 0 in a column, each centred. ``scale`` is pixels per point; margin and gap, pixels."""

    sizes: tuple[Size, ...]
    scale: float
    rotation: Rotation
    margin: int
    gap: int
    tops: tuple[int, ...]
    widths: tuple[int, ...]
    heights: tuple[int, ...]
    width: int
    height: int

    @property
    def count(self) -> int:
        """Of pages."""
        return len(self.sizes)

    def rect(self, index: int) -> Rect:
        """Of a page."""
        width = self.widths[index]
        return Rect((self.width - width) // 2, self.tops[index], width, self.heights[index])

    def at(self, y: float) -> int:
        """The page at or above ``y``."""
        return max(0, bisect_right(self.tops, y) - 1)

    def visible(self, top: float, bottom: float) -> range:
        """Pages that show anything between two heights."""
        first = self.at(top)
        if first < self.count and self.rect(first).bottom <= top:
            first += 1
        return range(first, min(self.count, bisect_right(self.tops, bottom)))

    def place(self, index: int, box: Box) -> tuple[float, float, float, float]:
        """A box of a page in the column: left, top, right, bottom."""
        turned = turn(box, self.sizes[index], self.rotation)
        rect = self.rect(index)
        return (
            rect.x + turned.x0 * self.scale,
            rect.y + turned.y0 * self.scale,
            rect.x + turned.x1 * self.scale,
            rect.y + turned.y1 * self.scale,
        )

    def point(self, index: int, x: float, y: float) -> tuple[float, float]:
        """A place of the column in a page's points, as the file shows it; also outside of the page."""
        rect = self.rect(index)
        here = ((x - rect.x) / self.scale, (y - rect.y) / self.scale)
        back = turn_back(Box(*here, *here), self.sizes[index], self.rotation)
        return back.x0, back.y0

    def tiles(self, document: str, index: int, top: int, bottom: int, left: int, right: int) -> list[Tile]:
        """Those of a page that show in a part of the column, from the top."""
        rect = self.rect(index)
        found: list[Tile] = []
        for y0, y1 in _pieces(rect.height, top - rect.y, bottom - rect.y):
            for x0, x1 in _pieces(rect.width, left - rect.x, right - rect.x):
                area = Rect(x0, y0, x1 - x0, y1 - y0)
                found.append(Tile(document, index + 1, self.scale, self.rotation, area))
        return found


def lay_out(sizes: tuple[Size, ...], scale: float, rotation: Rotation, margin: int, gap: int) -> PageLayout:
    """A scale at which the column would outgrow what can be scrolled is lowered."""
    total = sum(size.turned(rotation).height for size in sizes)
    scale = min(scale, _MOST_COLUMN / max(total, 1.0))
    shown = [size.turned(rotation) for size in sizes]
    widths = tuple(max(1, round(size.width * scale)) for size in shown)
    heights = tuple(max(1, round(size.height * scale)) for size in shown)
    tops = tuple(accumulate((height + gap for height in heights), initial=margin))
    return PageLayout(
        sizes, scale, rotation, margin, gap, tops[:-1], widths, heights,
        max(widths, default=0) + 2 * margin, tops[-1] - gap + margin if sizes else 0,
    )  # fmt: skip


def whole_page(document: str, page: int, size: Size, rotation: Rotation, edge: int) -> Tile:
    """One small picture of a whole page; its longer edge is ``edge`` pixels."""
    width, height = size.turned(rotation)
    scale = min(edge / max(width, height), _MOST_SMALL_SCALE)
    area = Rect(0, 0, max(1, round(width * scale)), max(1, round(height * scale)))
    return Tile(document, page, scale, rotation, area)


def clip_of(tile: Tile, size: Size) -> Box:
    """A tile in the page's points, as the file shows it."""
    x, y, width, height = tile.area
    box = Box(x / tile.scale, y / tile.scale, (x + width) / tile.scale, (y + height) / tile.scale)
    return turn_back(box, size, tile.rotation)


def _pieces(length: int, low: int, high: int) -> list[tuple[int, int]]:
    """Equal parts of a page's edge that reach between ``low`` and ``high``."""
    count = -(-length // TILE)
    first = max(0, low * count // length - 1)
    last = min(count, high * count // length + 2)
    edges = [length * part // count for part in range(first, last + 1)]
    return [(a, b) for a, b in pairwise(edges) if b > low and a < high]
