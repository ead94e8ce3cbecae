"""Pictures of pages that were drawn, within a bound in bytes; what was looked at last stays longest."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from app.desktop.document.page_layout import Tile

MOST_BYTES = 64 << 20


class TileCache:
    """Only used in the window's thread."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.most_bytes = most_bytes
        self._held: OrderedDict[Tile, QImage] = OrderedDict()
        self._pages: dict[tuple[str, int], set[Tile]] = {}
        self._bytes = 0

    @property
    def bytes(self) -> int:
        """Of all pictures."""
        return self._bytes

    def __contains__(self, tile: Tile) -> bool:
        return tile in self._held

    def get(self, tile: Tile) -> QImage | None:
        """And note that it was looked at."""
        image = self._held.get(tile)
        if image is not None:
            self._held.move_to_end(tile)
        return image

    def put(self, tile: Tile, image: QImage) -> None:
        """Push out what was not looked at for longest, until it fits."""
        if tile in self._held:
            self._drop(tile)
        self._held[tile] = image
        self._pages.setdefault((tile.document, tile.page), set()).add(tile)
        self._bytes += image.sizeInBytes()
        while self._bytes > self.most_bytes and len(self._held) > 1:
            self._drop(next(iter(self._held)))

    def of_page(self, document: str, page: int) -> list[Tile]:
        """Everything there is of a page, coarsest first."""
        return sorted(self._pages.get((document, page), ()), key=lambda tile: tile.scale)

    def clear(self) -> None:
        """Forget everything."""
        self._held.clear()
        self._pages.clear()
        self._bytes = 0

    def _drop(self, tile: Tile) -> None:
        self._bytes -= self._held.pop(tile).sizeInBytes()
        key = (tile.document, tile.page)
        self._pages[key].discard(tile)
        if not self._pages[key]:
            del self._pages[key]
