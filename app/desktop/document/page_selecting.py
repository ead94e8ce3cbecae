"""Selecting words with the mouse, over as many pages as the drag crosses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QPointF, Qt, QTimer, Signal
from PySide6.QtWidgets import QAbstractScrollArea, QApplication

from app.desktop.document.selection import between, nearest_word, word_at
from app.domain.spans import Span

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent

    from app.domain.text import Page

_SCROLL_MILLISECONDS = 30
_SCROLL_SHARE = 0.3


class Places(Protocol):
    """Where a point of the viewport lies in the document."""

    def page_point(self, position: QPointF) -> tuple[Page | None, float, float]:
        """The page, if its words are there, and the place on it in points."""
        ...


class WordSelecting(QObject):
    """Hears the mouse of ``area``; a drag beyond its edge scrolls."""

    changed = Signal(object)
    """Span, or None."""

    def __init__(self, area: QAbstractScrollArea, places: Places) -> None:
        super().__init__(area)
        self._area = area
        self._places = places
        self._anchor: Span | None = None
        self._pressed = QPointF()
        self._latest = QPointF()
        self._dragging = False
        self._scrolling = QTimer(self)
        self._scrolling.setInterval(_SCROLL_MILLISECONDS)
        self._scrolling.timeout.connect(self._scroll_on)

    def press(self, event: QMouseEvent) -> None:
        """Begin; with Shift go on from where the last selection began."""
        going_on = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier) and self._anchor is not None
        self._pressed = self._latest = event.position()
        self._dragging = going_on
        if going_on:
            self._extend()
        else:
            self._anchor = self._nearest(event.position())
            self.changed.emit(None)

    def double(self, event: QMouseEvent) -> None:
        """Take the word under the mouse; a drag goes on from it."""
        page, x, y = self._places.page_point(event.position())
        index = word_at(page.words, x, y) if page is not None else None
        if page is not None and index is not None:
            self._anchor = _span(page, index)
            self._pressed = event.position()
            self._dragging = False
            self.changed.emit(self._anchor)

    def move(self, event: QMouseEvent) -> None:
        """With the button held, extend; without, show whether there are words here."""
        self._latest = event.position()
        if not event.buttons() & Qt.MouseButton.LeftButton:
            page, x, y = self._places.page_point(event.position())
            over = page is not None and word_at(page.words, x, y) is not None
            shape = Qt.CursorShape.IBeamCursor if over else Qt.CursorShape.ArrowCursor
            if self._area.viewport().cursor().shape() is not shape:
                self._area.viewport().setCursor(shape)
            return
        moved = (event.position() - self._pressed).manhattanLength()
        if self._dragging or moved >= QApplication.startDragDistance() / 2:
            self._dragging = True
            self._extend()
            outside = not 0 <= event.position().y() < self._area.viewport().height()
            if outside and not self._scrolling.isActive():
                self._scrolling.start()

    def release(self) -> None:
        """The selection stays."""
        self._scrolling.stop()
        self._dragging = False

    def forget(self) -> None:
        """Another document."""
        self.release()
        self._anchor = None

    def _extend(self) -> None:
        here = self._nearest(self._latest)
        if self._anchor is None:
            self._anchor = here
        elif here is not None:
            self.changed.emit(between(self._anchor, here))

    def _nearest(self, position: QPointF) -> Span | None:
        page, x, y = self._places.page_point(position)
        index = nearest_word(page.words, x, y) if page is not None else None
        return _span(page, index) if page is not None and index is not None else None

    def _scroll_on(self) -> None:
        height = self._area.viewport().height()
        beyond = min(0.0, self._latest.y()) or max(0.0, self._latest.y() - height)
        if not beyond:
            self._scrolling.stop()
            return
        bar = self._area.verticalScrollBar()
        bar.setValue(bar.value() + round(beyond * _SCROLL_SHARE))
        self._extend()


def _span(page: Page, index: int) -> Span:
    word = page.words[index]
    return Span(word.start, word.end)
