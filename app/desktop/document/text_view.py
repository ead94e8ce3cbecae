"""A document that has no pages of its own, as text; only what shows is laid out."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextLayout,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from app.desktop import look
from app.desktop.document.marks import Marks
from app.desktop.document.paragraphs import Heights, Paragraphs
from app.desktop.document.selection import between
from app.desktop.document.text_painting import PieceText, paint_piece
from app.domain.spans import Box, Span

if TYPE_CHECKING:
    from app.domain.text import PageShape

LEAST_ZOOM, MOST_ZOOM = 0.5, 4.0
_LAYOUTS_HELD = 200
_LINE_CHARACTERS = 96
_PAGE_GAP = 3 * look.STEP
_READING_LINE = 3


class TextView(QAbstractScrollArea):
    """Heights of pieces that were never shown are guesses; what is at the top stays when they are mended."""

    page_changed = Signal(int)
    zoom_changed = Signal(float)
    selection_changed = Signal(object)
    painted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shapes: tuple[PageShape, ...] = ()
        self._text: Paragraphs | None = None
        self._heights = Heights([])
        self._pieces: OrderedDict[int, PieceText] = OrderedDict()
        self._measured: set[int] = set()
        self._marks = Marks()
        self._zoom = 1.0
        self._page = 1
        self._target: tuple[int, float] | None = None
        self._anchor: Span | None = None
        self._settling = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Text"))

    def open(self, shapes: tuple[PageShape, ...]) -> None:
        """Empty, until there is text."""
        self.close_document()
        self._shapes = shapes

    def set_text(self, text: Paragraphs) -> None:
        """All of it; at what is to be revealed, if something is."""
        self._text = text
        self._estimate()
        self._restore()

    def close_document(self) -> None:
        """Show nothing."""
        self._text, self._shapes, self._marks = None, (), Marks()
        self._target = self._anchor = None
        self._page = 1
        self._estimate()

    @property
    def page(self) -> int:
        """The current one, from 1."""
        return self._page

    @property
    def zoom(self) -> float:
        """1 is the system's font."""
        return self._zoom

    def set_marks(self, marks: Marks) -> None:
        """What is marked."""
        self._marks = marks
        self.viewport().update()

    def set_zoom(self, zoom: float) -> None:
        """The same words stay at the top."""
        first = self._first_offset()
        self._zoom = min(max(zoom, LEAST_ZOOM), MOST_ZOOM)
        self._estimate()
        self._restore(first)
        self.zoom_changed.emit(self._zoom)

    def go_to_page(self, number: int) -> None:
        """Its first line comes to the top."""
        if self._shapes:
            number = min(max(number, 1), len(self._shapes))
            self._target = (self._shapes[number - 1].start, 0.0)
            self._restore()

    def reveal(self, page: int, boxes: Sequence[Box], span: Span) -> None:
        """Bring words to a third of the height; at once, or when there is text."""
        self._target = (span.start, 1 / _READING_LINE)
        self._restore()

    def span_of_page(self) -> Span | None:
        """All of the current page."""
        if not self._shapes:
            return None
        shape = self._shapes[self._page - 1]
        return Span(shape.start, shape.end) if shape.end > shape.start else None

    def place_of(self, offset: int) -> tuple[float, float]:
        """Where a character's line begins in the viewport, and its left edge."""
        assert self._text is not None
        index = self._text.at(offset)
        piece = self._piece(index)
        x, y = piece.place(offset - self._text.starts[index])
        left = self._left()
        return left + x, self._heights.top(index) + self._gap(index) + y - self.verticalScrollBar().value()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """The pieces that show."""
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), look.colour("surface"))
        if self._text is None:
            return
        left, top = self._left(), float(self.verticalScrollBar().value())
        index = self._heights.at(top)
        y = self._heights.top(index) - top
        while index < self._text.count and y < self.viewport().height():
            gap = self._gap(index)
            if gap and index:
                painter.setPen(look.colour("border"))
                line = round(y + gap / 2)
                painter.drawLine(0, line, self.viewport().width(), line)
            start = self._text.starts[index]
            paint_piece(painter, QPointF(left, y + gap), self._piece(index), start, self._marks)
            y += self._heights[index]
            index += 1
        painter.end()
        self.painted.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Lines break anew; what is at the top stays."""
        super().resizeEvent(event)
        first = self._first_offset()
        self._estimate()
        self._restore(first)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Colours are looked up when painted; a font is measured again."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._estimate()
        self.viewport().update()

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: N802
        """Lay out what has come into sight."""
        if not self._settling:
            self._target = None
            self._settle()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """By pixels where the device tells them; with Ctrl the letters grow."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_zoom(self._zoom * 1.1 ** (event.angleDelta().y() / 120))
        else:
            exact = event.pixelDelta().y()
            move = exact or event.angleDelta().y() / 120 * 3 * self.verticalScrollBar().singleStep()
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() - round(move))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Selecting begins; with Shift it goes on."""
        place = self._offset_at(event.position())
        if event.button() is not Qt.MouseButton.LeftButton or place is None:
            return
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self._anchor is not None:
            self._select_to(place)
        else:
            self._anchor = Span(place, place)
            self.selection_changed.emit(None)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A word is selected."""
        place = self._offset_at(event.position())
        if place is not None and self._text is not None:
            index = self._text.at(place)
            start = self._text.starts[index]
            word = self._piece(index).word(place - start)
            self._anchor = Span(start + word.start, start + word.end)
            self.selection_changed.emit(self._anchor if word.end > word.start else None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Selecting goes on, and scrolls at the edge."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            y = event.position().y()
            beyond = min(0.0, y) or max(0.0, y - self.viewport().height())
            if beyond:
                self.verticalScrollBar().setValue(self.verticalScrollBar().value() + round(beyond))
            place = self._offset_at(event.position())
            if place is not None and self._anchor is not None:
                self._select_to(place)

    def _select_to(self, place: int) -> None:
        assert self._anchor is not None
        span = between(self._anchor, Span(place, place))
        self.selection_changed.emit(span if span.end > span.start else None)

    def _offset_at(self, position: QPointF) -> int | None:
        if self._text is None:
            return None
        y = position.y() + self.verticalScrollBar().value()
        index = self._heights.at(y)
        inside = y - self._heights.top(index) - self._gap(index)
        return self._text.starts[index] + self._piece(index).offset(position.x() - self._left(), inside)

    def _left(self) -> float:
        return max(2 * look.STEP, (self.viewport().width() - self._line_width()) / 2)

    def _line_width(self) -> float:
        wide = _LINE_CHARACTERS * QFontMetricsF(self._font()).averageCharWidth()
        return max(1.0, min(wide, self.viewport().width() - 4 * look.STEP))

    def _font(self) -> QFont:
        font = look.font()
        font.setPointSizeF(font.pointSizeF() * self._zoom)
        return font

    def _gap(self, index: int) -> float:
        assert self._text is not None
        if index == 0:
            return 2.0 * look.STEP
        return float(_PAGE_GAP) if self._text.pages[index] != self._text.pages[index - 1] else 0.0

    def _estimate(self) -> None:
        """Forget what was laid out, and guess all heights from lengths."""
        self._pieces.clear()
        self._measured.clear()
        text = self._text
        if text is None:
            self._heights = Heights([])
            self.verticalScrollBar().setRange(0, 0)
            self.viewport().update()
            return
        metrics = QFontMetricsF(self._font())
        line = metrics.lineSpacing()
        per_line = max(1, int(self._line_width() / metrics.averageCharWidth()))
        self._heights = Heights(
            [
                line * max(1, -(-(end - start) // per_line)) + self._gap(index)
                for index, (start, end) in enumerate(zip(text.starts, text.ends, strict=True))
            ]
        )
        self.verticalScrollBar().setSingleStep(round(line))

    def _piece(self, index: int) -> PieceText:
        assert self._text is not None
        held = self._pieces.get(index)
        if held is None:
            option = QTextOption()
            option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
            layout = QTextLayout(self._text.piece(index), self._font())
            layout.setTextOption(option)
            held = self._pieces[index] = PieceText(self._text.piece(index), layout, self._line_width())
            if len(self._pieces) > _LAYOUTS_HELD:
                self._pieces.popitem(last=False)
        self._pieces.move_to_end(index)
        return held

    def _settle(self) -> None:
        """Measure what shows; a piece that hangs over the top keeps its lower edge in place."""
        if self._text is None:
            return
        bar, height = self.verticalScrollBar(), self.viewport().height()
        top = float(bar.value())
        index = self._heights.at(top)
        bottom = self._heights.top(index)
        while index < self._text.count and bottom < top + height:
            if index not in self._measured:
                measured = self._piece(index).height + self._gap(index)
                if bottom < top:
                    top += measured - self._heights[index]
                self._heights[index] = measured
                self._measured.add(index)
            bottom += self._heights[index]
            index += 1
        self._settling = True
        bar.setRange(0, max(0, round(self._heights.total + 2 * look.STEP) - height))
        bar.setPageStep(height)
        bar.setValue(round(top))
        self._settling = False
        self._note_page()
        self.viewport().update()

    def _note_page(self) -> None:
        if self._text is None or not self._shapes:
            return
        bar = self.verticalScrollBar()
        place = bar.value() + self.viewport().height() / _READING_LINE
        index = self._heights.at(place)
        if self._target is not None:
            index = self._text.at(self._target[0])
        elif bar.value() in (bar.minimum(), bar.maximum()):
            index = 0 if bar.value() == bar.minimum() else self._text.count - 1
        if self._text.pages[index] != self._page:
            self._page = self._text.pages[index]
            self.page_changed.emit(self._page)

    def _first_offset(self) -> int | None:
        if self._text is None:
            return None
        return self._text.starts[self._heights.at(self.verticalScrollBar().value())]

    def _restore(self, first: int | None = None) -> None:
        """To what was revealed, else to what was at the top."""
        if self._target is not None:
            offset, share = self._target
            self._top_at(offset, self.viewport().height() * share)
        elif first is not None:
            self._top_at(first, 0.0)
        else:
            self._settle()

    def _top_at(self, offset: int, below: float) -> None:
        """A character's line comes so far below the top; twice, for the first time mends the heights."""
        if self._text is None:
            return
        for _ in range(2):
            _, y = self.place_of(offset)
            if not below:
                y -= self._gap(self._text.at(offset))
            self._settling = True
            bar = self.verticalScrollBar()
            bar.setRange(0, max(0, round(self._heights.total) - self.viewport().height() + 2 * look.STEP))
            bar.setValue(round(bar.value() + y - below))
            self._settling = False
            self._settle()
