"""Real pages in continuous scroll. Only what shows is drawn; where everything stands follows from sizes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from app.desktop import look
from app.desktop.document import zoom
from app.desktop.document.marks import Marks
from app.desktop.document.page_layout import PageLayout, Rect, Size, commonest, lay_out
from app.desktop.document.page_painting import PagePainter
from app.desktop.document.page_selecting import WordSelecting
from app.desktop.document.selection import words_in
from app.desktop.document.zoom import Fit
from app.domain.spans import Box, Span, line_boxes

if TYPE_CHECKING:
    from app.desktop.document.page_pictures import PagePictures
    from app.desktop.document.reading import Reading
    from app.desktop.document.source import Rotation
    from app.domain.text import Page, PageShape

_READING_LINE = 3
"""What is looked for is put at a third of the height; the page there is the current one."""

_WORDS_HELD, _WORDS_ASKED = 24, 16
_LINE_PIXELS = 40


class PagesView(QAbstractScrollArea):
    """Shows one document at a time; ``drawing`` and ``reading`` belong to whoever opens it."""

    page_changed = Signal(int)
    zoom_changed = Signal(float)
    selection_changed = Signal(object)
    painted = Signal()

    def __init__(self, pictures: PagePictures, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown: dict[int, bool] = {}
        """Pages painted last, and whether all of what shows of each was sharp."""
        self._pictures = pictures
        self._shapes: tuple[PageShape, ...] = ()
        self._sizes: tuple[Size, ...] = ()
        self._reading: Reading | None = None
        self._layout: PageLayout = lay_out((), 1.0, 0, 0, 0)
        self._zoom = 1.0
        self._fit = Fit.WIDTH
        self._rotation: Rotation = 0
        self._marks = Marks()
        self._words: OrderedDict[int, Page] = OrderedDict()
        self._words_asked: set[int] = set()
        self._target: tuple[int, Box | None] | None = None
        self._awaited: tuple[int, Span] | None = None
        self._holding = False
        self._page = 1
        self._ratio = self.devicePixelRatioF()
        self._selecting = WordSelecting(self, self)
        self._selecting.changed.connect(self.selection_changed)
        pictures.arrived.connect(self._arrived)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.viewport().setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Pages"))

    def open(self, shapes: tuple[PageShape, ...], sizes: tuple[Size, ...], reading: Reading) -> None:
        """At the first page; ``pictures`` are those of the same document already."""
        self.close_document()
        self._shapes, self._sizes, self._reading = shapes, sizes, reading
        reading.page_read.connect(self._page_read)
        self._lay_out()
        self._scroll_to(0, 0)

    def close_document(self) -> None:
        """Show nothing, and hear of nothing any more."""
        if self._reading is not None:
            self._reading.page_read.disconnect(self._page_read)
        self._reading = self._target = self._awaited = None
        self._shapes, self._sizes, self._marks, self._page = (), (), Marks(), 1
        self._words.clear()
        self._words_asked.clear()
        self._selecting.forget()
        self._lay_out()

    @property
    def page(self) -> int:
        """The current one, from 1."""
        return self._page

    @property
    def zoom(self) -> float:
        """1 is the size on paper."""
        return self._zoom

    @property
    def fit(self) -> Fit:
        """What decides the zoom now."""
        return self._fit

    @property
    def rotation(self) -> Rotation:
        """Clockwise, beyond what the file says."""
        return self._rotation

    @property
    def page_layout(self) -> PageLayout:
        """Where pages stand, in pixels of the device."""
        return self._layout

    @property
    def corner(self) -> tuple[int, int]:
        """Where the column begins in the viewport, in pixels of the device."""
        width = self._view()[0]
        x = (
            (width - self._layout.width) // 2
            if self._layout.width < width
            else -self.horizontalScrollBar().value()
        )
        return x, -self.verticalScrollBar().value()

    def set_marks(self, marks: Marks) -> None:
        """What is marked."""
        self._marks = marks
        self.viewport().update()

    def set_fit(self, fit: Fit) -> None:
        """Let the window decide the zoom from now on."""
        self._fit = fit
        self._lay_out()

    def set_zoom(self, wanted: float, at: QPointF | None = None) -> None:
        """What stands at a point of the viewport stays there."""
        self._fit = Fit.FREE
        self._zoom = zoom.held(wanted)
        self._lay_out(at)

    def rotate(self) -> None:
        """A quarter clockwise."""
        turns: dict[Rotation, Rotation] = {0: 90, 90: 180, 180: 270, 270: 0}
        self._rotation = turns[self._rotation]
        self._lay_out()

    def go_to_page(self, number: int) -> None:
        """Its top edge comes to the top."""
        if self._sizes:
            self._reveal(min(max(number, 1), len(self._sizes)), None)

    def reveal(self, page: int, boxes: Sequence[Box], span: Span) -> None:
        """Bring words to a third of the height; without boxes they follow from the words of the page."""
        self._awaited = None
        if not 1 <= page <= len(self._sizes):
            return
        held = self._words.get(page)
        if not boxes and held is not None:
            boxes = line_boxes(words_in(held.words, span))
        if boxes:
            self._reveal(page, boxes[0])
            return
        self._reveal(page, None)
        self._awaited = (page, span)

    def span_of_page(self) -> Span | None:
        """All of the current page."""
        if not self._shapes:
            return None
        shape = self._shapes[self._page - 1]
        return Span(shape.start, shape.end) if shape.end > shape.start else None

    def page_point(self, position: QPointF) -> tuple[Page | None, float, float]:
        """Where a point of the viewport lies: page with words, if there, and the place in its points."""
        if not self._sizes:
            return None, 0.0, 0.0
        ratio, (left, top) = self.devicePixelRatioF(), self.corner
        x, y = position.x() * ratio - left, position.y() * ratio - top
        index = self._layout.at(y)
        return self._words.get(index + 1), *self._layout.point(index, x, y)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Pages that show, then ask for what was missing."""
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), look.colour("canvas"))
        self.shown = {}
        ratio = self.devicePixelRatioF()
        if ratio != self._ratio:  # the window has moved to another screen
            QTimer.singleShot(0, self, self._lay_out)
        painter.scale(1 / ratio, 1 / ratio)
        page_painter = PagePainter(painter, self._layout, self.corner, ratio, self.viewport().rect())
        view = self._column_view()
        for index in self._layout.visible(view.y, view.bottom):
            self._paint_page(page_painter, index, view)
        painter.end()
        self._ask(view)
        self.painted.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """A fitted page is fitted again; what was revealed stays in place."""
        super().resizeEvent(event)
        self._lay_out()

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: N802
        """Whoever scrolls away from what was revealed wants to be elsewhere."""
        if not self._holding:
            self._target = self._awaited = None
        self._note_page()
        self.viewport().update()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """By pixels where the device tells them; with Ctrl zoom at the cursor."""
        steps = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if steps.y():
                self.set_zoom(self._zoom * 1.1 ** (steps.y() / 120), event.position())
            event.accept()
            return
        ratio = self.devicePixelRatioF()
        exact = event.pixelDelta()
        move = exact * ratio if not exact.isNull() else steps * (3 * _LINE_PIXELS * ratio / 120)
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not move.x():
            move = move.transposed()
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setValue(across.value() - round(move.x()))
        down.setValue(down.value() - round(move.y()))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Selecting begins."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._selecting.press(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A word is selected."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._selecting.double(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Selecting goes on."""
        self._selecting.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Selecting ends."""
        self._selecting.release()

    def _view(self) -> tuple[int, int]:
        ratio = self.devicePixelRatioF()
        return round(self.viewport().width() * ratio), round(self.viewport().height() * ratio)

    def _column_view(self, top: int | None = None) -> Rect:
        """The part of the column that shows, or would show from ``top``."""
        (width, height), (left, up) = self._view(), self.corner
        return Rect(-left, -up if top is None else top, width, height)

    def _paint_page(self, painter: PagePainter, index: int, view: Rect) -> None:
        number = index + 1
        painter.paint_paper(index)
        refusal = self._pictures.refusal(number)
        if refusal is not None:
            painter.paint_refusal(index, refusal)
        else:
            pictures, sharp = self._pictures.of(self._layout, index, view)
            painter.paint_pictures(index, pictures)
            if pictures:
                self.shown[number] = sharp
        painter.paint_marks(index, self._marks, self._shapes[index], self._words.get(number))

    def _ask(self, view: Rect) -> None:
        ahead = [
            self._column_view(view.bottom),
            self._column_view(view.y - view.height),
            *(
                self._column_view(self._top_for(citation.page, citation.boxes[0]))
                for citation in self._marks.citations
                if citation.boxes and citation.page <= len(self._sizes)
            ),
        ]
        self._pictures.ask(self._layout, view, ahead, self._page)
        visible = self._layout.visible(view.y, view.bottom)
        missing = [index + 1 for index in visible[:_WORDS_ASKED] if index + 1 not in self._words]
        if self._reading is not None and not self._words_asked.issuperset(missing):
            self._words_asked = set(missing)
            self._reading.want_pages(missing)

    def _arrived(self, page: int) -> None:
        view = self._column_view()
        if page - 1 in self._layout.visible(view.y, view.bottom):
            self.viewport().update()

    def _page_read(self, page: Page) -> None:
        self._words[page.number] = page
        self._words_asked.discard(page.number)
        if len(self._words) > _WORDS_HELD:
            self._words.popitem(last=False)
        if self._awaited is not None and self._awaited[0] == page.number:
            boxes = line_boxes(words_in(page.words, self._awaited[1]))
            self._awaited = None
            if boxes:
                self._reveal(page.number, boxes[0])
        self.viewport().update()

    def _note_page(self) -> None:
        if not self._sizes:
            return
        bar = self.verticalScrollBar()
        page = self._layout.at(-self.corner[1] + self._view()[1] / _READING_LINE) + 1
        if self._target is not None:
            page = self._target[0]
        elif bar.value() in (bar.minimum(), bar.maximum()):
            page = 1 if bar.value() == bar.minimum() else len(self._sizes)
        if page != self._page:
            self._page = page
            self.page_changed.emit(page)

    def _scale(self) -> float:
        """Pixels of the device per point."""
        ratio = self.devicePixelRatioF()
        if self._fit is not Fit.FREE and self._sizes:
            width, height = (edge - 2 * self._margin() for edge in self._view())
            size = commonest(self._sizes).turned(self._rotation)
            self._zoom = zoom.fitted(self._fit, size, (width, height), ratio)
        return self._zoom * zoom.PIXELS_PER_POINT * ratio

    def _margin(self) -> int:
        return round(2 * look.STEP * self.devicePixelRatioF())

    def _lay_out(self, at: QPointF | None = None) -> None:
        ratio, (width, height) = self.devicePixelRatioF(), self._view()
        self._ratio = ratio
        held_at = (at.x() * ratio, at.y() * ratio) if at else (width / 2, height / _READING_LINE)
        at_top = at is None and self.verticalScrollBar().value() == 0
        held = self._held_point(held_at)
        margin = self._margin()
        self._layout = lay_out(self._sizes, self._scale(), self._rotation, margin, margin)
        self._zoom = self._layout.scale / (zoom.PIXELS_PER_POINT * ratio)
        self._pictures.try_again()
        self._holding = True
        for bar, whole, part in (
            (self.horizontalScrollBar(), self._layout.width, width),
            (self.verticalScrollBar(), self._layout.height, height),
        ):
            bar.setRange(0, max(0, whole - part))
            bar.setPageStep(part * 9 // 10)
            bar.setSingleStep(round(_LINE_PIXELS * ratio))
        self._holding = False
        if self._target is not None and at is None:
            self._reveal(*self._target)
        elif held is not None and not at_top:
            index, x, y = held
            left, top, _, _ = self._layout.place(index, Box(x, y, x, y))
            self._scroll_to(round(left - held_at[0]), round(top - held_at[1]))
        self._note_page()
        self.zoom_changed.emit(self._zoom)
        self.viewport().update()

    def _held_point(self, at: tuple[float, float]) -> tuple[int, float, float] | None:
        if not self._layout.count or self._layout.count != len(self._sizes):
            return None
        left, top = self.corner
        index = self._layout.at(at[1] - top)
        x, y = self._layout.point(index, at[0] - left, at[1] - top)
        size = self._sizes[index]
        return index, min(max(x, 0.0), size.width), min(max(y, 0.0), size.height)

    def _scroll_to(self, x: int, y: int) -> None:
        self._holding = True
        self.horizontalScrollBar().setValue(x)
        self.verticalScrollBar().setValue(y)
        self._holding = False

    def _reveal(self, page: int, box: Box | None) -> None:
        self._target = (page, box)
        width, _ = self._view()
        x = self.horizontalScrollBar().value()
        if box is None:
            self._scroll_to(x, self._layout.rect(page - 1).y - self._layout.gap // 2)
            return
        left, _, right, _ = self._layout.place(page - 1, box)
        if left < x or right > x + width:
            x = round(min(left - self._layout.margin, (left + right - width) / 2))
        self._scroll_to(x, self._top_for(page, box))

    def _top_for(self, page: int, box: Box) -> int:
        return round(self._layout.place(page - 1, box)[1] - self._view()[1] / _READING_LINE)
