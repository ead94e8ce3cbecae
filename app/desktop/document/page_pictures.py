"""Which pictures of pages there are, and which to ask for next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.desktop.document.page_layout import PageLayout, Rect, Size, Tile, whole_page
from app.desktop.document.page_painting import Picture

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from app.desktop.document.drawing import Drawing
    from app.desktop.document.source import Rotation
    from app.desktop.document.tile_cache import TileCache

SMALL_EDGE = 320
"""Pixels of the longer edge of a page's small picture: what shows first, and in the thumbnails."""

_PIXEL_BYTES = 4
_AHEAD_SHARE = 0.6


class PagePictures(QObject):
    """Of one document at a time; the cache may hold others' too."""

    arrived = Signal(int)
    """Something new of this page."""

    def __init__(self, cache: TileCache, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cache = cache
        self._drawing: Drawing | None = None
        self._document = ""
        self._sizes: tuple[Size, ...] = ()
        self._refused: dict[int, str] = {}

    def open(self, document: str, sizes: tuple[Size, ...], drawing: Drawing) -> None:
        """Of this document from now on."""
        self.close()
        self._document, self._sizes, self._drawing = document, sizes, drawing
        drawing.drawn.connect(self._drawn)
        drawing.not_drawn.connect(self._not_drawn)

    def close(self) -> None:
        """Hear of nothing any more."""
        if self._drawing is not None:
            self._drawing.drawn.disconnect(self._drawn)
            self._drawing.not_drawn.disconnect(self._not_drawn)
        self._drawing, self._document, self._sizes = None, "", ()
        self._refused.clear()

    def try_again(self) -> None:
        """Also what could not be drawn."""
        self._refused.clear()

    def refusal(self, page: int) -> str | None:
        """Why a page has no picture."""
        return self._refused.get(page)

    def small(self, page: int, rotation: Rotation) -> Tile:
        """The small picture of a whole page."""
        return whole_page(self._document, page, self._sizes[page - 1], rotation, SMALL_EDGE)

    def small_image(self, page: int, rotation: Rotation) -> QImage | None:
        """None while it is not drawn."""
        return self._cache.get(self.small(page, rotation))

    def ask_small(self, pages: Iterable[int], rotation: Rotation) -> None:
        """After all else; in place of what was asked before."""
        if self._drawing is not None:
            wanted = (self.small(page, rotation) for page in pages if page not in self._refused)
            self._drawing.want_small([tile for tile in wanted if tile not in self._cache])

    def of(self, layout: PageLayout, index: int, view: Rect) -> tuple[list[Picture], bool]:
        """To be painted in this order; and whether all that shows is sharp."""
        tiles = self._tiles(layout, index, view)
        sharp = [Picture(tile, image) for tile in tiles if (image := self._cache.get(tile)) is not None]
        if len(sharp) == len(tiles):
            return sharp, True
        coarse = [
            Picture(tile, image)
            for tile in self._cache.of_page(self._document, index + 1)
            if tile.rotation == layout.rotation
            and tile.scale != layout.scale
            and (image := self._cache.get(tile)) is not None
        ]
        return coarse + sharp, False

    def ask(self, layout: PageLayout, view: Rect, ahead: Sequence[Rect], first: int) -> None:
        """What shows, the page ``first`` before others, each small and then sharp; then what may show next.

        What is asked for in advance never pushes out what shows: there is a bound on it.
        """
        if self._drawing is None:
            return
        visible = sorted(
            layout.visible(view.y, view.bottom),
            key=lambda index: (index != first - 1, abs(index - first + 1)),
        )
        wanted = [tile for index in visible for tile in self._needed(layout, index, view)]
        left = self._cache.most_bytes * _AHEAD_SHARE - sum(
            map(_bytes, (tile for index in visible for tile in self._tiles(layout, index, view)))
        )
        for tile in self._ahead(layout, ahead):
            left -= _bytes(tile)
            if left < 0:
                break
            if tile not in self._cache and tile not in wanted:
                wanted.append(tile)
        self._drawing.want(wanted)

    def _needed(self, layout: PageLayout, index: int, view: Rect) -> Iterator[Tile]:
        if index + 1 in self._refused:
            return
        missing = [tile for tile in self._tiles(layout, index, view) if tile not in self._cache]
        small = self.small(index + 1, layout.rotation)
        if missing and small.scale < layout.scale and small not in self._cache:
            yield small
        yield from missing

    def _ahead(self, layout: PageLayout, views: Sequence[Rect]) -> Iterator[Tile]:
        for view in views:
            for index in layout.visible(view.y, view.bottom):
                if index + 1 not in self._refused:
                    yield from self._tiles(layout, index, view)

    def _tiles(self, layout: PageLayout, index: int, view: Rect) -> list[Tile]:
        return layout.tiles(self._document, index, view.y, view.bottom, view.x, view.x + view.width)

    def _drawn(self, tile: Tile, image: QImage) -> None:
        self._cache.put(tile, image)
        if tile.document == self._document:
            self.arrived.emit(tile.page)

    def _not_drawn(self, page: int, sentence: str) -> None:
        self._refused[page] = sentence
        self.arrived.emit(page)


def _bytes(tile: Tile) -> int:
    return tile.area.width * tile.area.height * _PIXEL_BYTES
