"""The thread that has a document's pages drawn: always what is wanted now, never what was wanted before."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QTimer, Signal
from PySide6.QtGui import QImage

from app.desktop.document.page_layout import Size, Tile, clip_of
from app.desktop.document.worker import Worker
from app.domain.errors import Cancelled, PinciteError

if TYPE_CHECKING:
    from app.desktop.document.source import Drawer, PagePixels

_log = logging.getLogger(__name__)
_PATIENCE_SECONDS = 0.5
"""So long a page that nobody wants any more may keep the drawer."""


class Drawing(Worker):
    """``open_drawer`` is called in its thread; so is ``prepare_next``, once there is nothing left to draw."""

    drawn = Signal(object, object)
    """Tile, QImage."""

    not_drawn = Signal(int, str)
    """Page, and one sentence why."""

    def __init__(
        self, open_drawer: Callable[[], Drawer], prepare_next: Callable[[], None], sizes: Sequence[Size]
    ) -> None:
        super().__init__("pincite-drawing")
        self._open = open_drawer
        self._prepare_next = prepare_next
        self._prepared = False
        self._sizes = sizes
        self._wanted: frozenset[Tile] = frozenset()
        self._wanted_small: frozenset[Tile] = frozenset()
        self._first: list[Tile] = []
        self._then: list[Tile] = []
        self._current: Tile | None = None
        self._sent: set[Tile] = set()
        self._since = 0.0
        self._drawer: Drawer | None = None
        self._impatience = QTimer(self)
        self._impatience.setSingleShot(True)
        self._impatience.timeout.connect(self._give_up_the_unwanted)

    def want(self, tiles: Sequence[Tile]) -> None:
        """What the pages need, most urgent first, in place of what they needed before."""
        with self._changed:
            self._wanted = frozenset(tiles)
            self._first = [tile for tile in tiles if self._is_new(tile)]
            self._changed.notify()
        self._give_up_the_unwanted()

    def want_small(self, tiles: Sequence[Tile]) -> None:
        """What the thumbnails need; they come after the pages."""
        with self._changed:
            self._wanted_small = frozenset(tiles)
            self._then = [tile for tile in tiles if self._is_new(tile)]
            self._changed.notify()

    def close(self) -> None:
        """The thread ends, and the drawer with it; returns at once."""
        self._impatience.stop()
        super().close()
        if self._drawer is not None:
            self._drawer.interrupt()

    def _is_new(self, tile: Tile) -> bool:
        return tile != self._current and tile not in self._sent

    def _give_up_the_unwanted(self) -> None:
        with self._changed:
            tile, drawer = self._current, self._drawer
            if tile is None or drawer is None or tile in self._wanted | self._wanted_small:
                return
            spent = time.monotonic() - self._since
        if spent >= _PATIENCE_SECONDS:
            drawer.interrupt()
        elif not self._impatience.isActive():
            self._impatience.start(round((_PATIENCE_SECONDS - spent) * 1000) + 1)

    def _serve(self) -> None:
        try:
            drawer = self._drawer = self._open()
        except Cancelled:
            return
        except Exception as error:
            _log.warning("no page can be drawn: %s", type(error).__name__)
            self._refuse_all()
            return
        try:
            while (tile := self._next()) is not None:
                self._draw(drawer, tile)
                if not self._prepared and not self._first:
                    self._prepared = True
                    self._prepare_next()
        finally:
            drawer.close()

    def _draw(self, drawer: Drawer, tile: Tile) -> None:
        clip = clip_of(tile, self._sizes[tile.page - 1])
        try:
            pixels = drawer.draw(tile.page, tile.scale, clip, tile.rotation)
        except Cancelled:
            self._take_back(tile)
        except PinciteError as error:
            sentence = error.message
            self._tell(lambda: self.not_drawn.emit(tile.page, sentence))
        else:
            image = _image(pixels)
            with self._changed:
                self._sent.add(tile)
            self._tell(lambda: self._arrive(tile, image))

    def _take_back(self, tile: Tile) -> None:
        """What was given up may be wanted again by now."""
        with self._changed:
            self._current = None
            if tile in self._wanted:
                self._first.insert(0, tile)

    def _arrive(self, tile: Tile, image: QImage) -> None:
        with self._changed:
            self._sent.discard(tile)
        self.drawn.emit(tile, image)

    def _next(self) -> Tile | None:
        with self._changed:
            self._current = None
            while not self._closed and not self._first and not self._then:
                self._changed.wait()
            if self._closed:
                return None
            self._current = (self._first or self._then).pop(0)
            self._since = time.monotonic()
            return self._current

    def _refuse_all(self) -> None:
        sentence = QCoreApplication.translate("Drawing", "Pages cannot be drawn on this machine.")
        while (tile := self._next()) is not None:
            number = tile.page
            self._tell(lambda number=number: self.not_drawn.emit(number, sentence))


def _image(pixels: PagePixels) -> QImage:
    form = QImage.Format.Format_RGB888
    shared = QImage(pixels.data, pixels.width, pixels.height, pixels.stride, form)
    return shared.convertToFormat(QImage.Format.Format_RGB32)  # a copy, in the form that paints fastest
