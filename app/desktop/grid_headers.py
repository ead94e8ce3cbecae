"""The grid's headers: tasks above, documents at the left, "Document" in the corner between them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFont, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHeaderView, QWidget

from app.desktop import look
from app.desktop.grid_delegate import ROW_HEIGHT
from app.desktop.grid_filter import DOCUMENT, GridRows

HEADING_HEIGHT = look.STEP * 4
LEAST_WIDTH = look.STEP * 9
MOST_WIDTH = look.STEP * 80
COLUMN_WIDTH = look.STEP * 17
DOCUMENT_WIDTH = look.STEP * 23
_ARROW = 12
_COPY = 14
_GRIP = 5
_MARGIN = look.STEP


class HeadingLook:
    """What headings are painted with; made anew for every palette and font."""

    def __init__(self, widget: QWidget) -> None:
        self.heading = QFont(widget.font())
        self.heading.setPointSizeF(max(6.0, self.heading.pointSizeF() - 1.0))
        self.heading.setWeight(QFont.Weight.DemiBold)
        self.name = QFont(widget.font())
        self.name.setWeight(QFont.Weight.Medium)
        self.ground = look.colour("window")
        self.surface = look.colour("surface")
        self.selected = look.colour("selected")
        self.border = look.colour("border")
        self.text = look.colour("text")
        self.muted = look.colour("muted")
        self.accent = look.colour("accent")
        ratio = widget.devicePixelRatioF()
        self.up = look.icon("chevron-up", "text").pixmap(QSize(_ARROW, _ARROW), ratio)
        self.down = look.icon("chevron-down", "text").pixmap(QSize(_ARROW, _ARROW), ratio)
        self.copy = look.icon("copy", "muted").pixmap(QSize(_COPY, _COPY), ratio)


def paint_heading(
    painter: QPainter, held: HeadingLook, rect: QRect, title: str, descending: bool | None
) -> None:
    """A flat heading; ``descending`` tells the arrow, None: not sorted by this."""
    painter.fillRect(rect, held.ground)
    painter.fillRect(rect.x(), rect.bottom(), rect.width(), 1, held.border)
    painter.fillRect(rect.right(), rect.y(), 1, rect.height(), held.border)
    inner = rect.adjusted(_MARGIN, 0, -_MARGIN, 0)
    if descending is not None:
        inner.setRight(inner.right() - _ARROW)
        arrow = held.down if descending else held.up
        painter.drawPixmap(QPoint(inner.right() + 2, rect.y() + (rect.height() - _ARROW) // 2), arrow)
    paint_line(painter, inner, title, held.heading, held.muted if descending is None else held.text)


def paint_line(painter: QPainter, rect: QRect, text: str, font: QFont, colour: QColor) -> None:
    """One line, shortened in its middle, at the left."""
    painter.setFont(font)
    painter.setPen(colour)
    line = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, rect.width())
    painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, line)


class TaskHeader(QHeaderView):
    """Above the columns: a click sorts (up, down, as it was), dragging moves, the edge widens."""

    shown_changed = Signal()
    """A column was hidden, shown or moved."""

    def __init__(self, rows: GridRows, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._rows = rows
        self._look: HeadingLook | None = None
        self._widths: dict[int, int] = {}
        self.setSectionsMovable(True)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setDefaultSectionSize(COLUMN_WIDTH)
        self.setMinimumSectionSize(LEAST_WIDTH)
        self.setMaximumSectionSize(MOST_WIDTH)
        self.setFixedHeight(HEADING_HEIGHT)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def width_of(self, column: int) -> int:
        """In pixels, also of a hidden one."""
        return self.sectionSize(column) or self._widths.get(column, COLUMN_WIDTH)

    def show_or_hide(self, column: int, shown: bool) -> None:
        """The last column shown stays."""
        if not shown and len(self.shown_columns()) > 1 and not self.isSectionHidden(column):
            self._widths[column] = self.sectionSize(column)
            self.hideSection(column)
        elif shown:
            self.showSection(column)
        self.shown_changed.emit()

    def shown_columns(self) -> list[int]:
        """Logical columns that are not hidden, as they stand from left to right."""
        logical = (self.logicalIndex(place) for place in range(self.count()))
        return [column for column in logical if not self.isSectionHidden(column)]

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:  # noqa: D102, N802, N803
        held = self._look = self._look or HeadingLook(self)
        descending = self._rows.descending if self._rows.sorted_by == logicalIndex else None
        painter.save()
        paint_heading(painter, held, rect, self._rows.source.tasks[logicalIndex].title, descending)
        painter.restore()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102, N802
        super().paintEvent(event)
        end = self.length() - self.offset()
        if end < self.viewport().width():
            held = self._look = self._look or HeadingLook(self)
            painter = QPainter(self.viewport())
            painter.fillRect(end, 0, self.viewport().width() - end, self.height(), held.ground)
            painter.fillRect(end, self.height() - 1, self.viewport().width() - end, 1, held.border)
            painter.end()

    def changeEvent(self, event: QEvent) -> None:  # noqa: D102, N802
        self._look = None
        super().changeEvent(event)


class DocumentHeader(QHeaderView):
    """Names at the left: a vertical header never scrolls sideways nor comes out of step with its rows."""

    def __init__(self, rows: GridRows, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self._rows = rows
        self._look: HeadingLook | None = None
        self.width_wanted = DOCUMENT_WIDTH
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(ROW_HEIGHT)
        self.setDefaultSectionSize(ROW_HEIGHT)
        self.setSectionsClickable(True)
        self.setHighlightSections(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def set_width(self, width: int) -> None:
        """In pixels."""
        self.width_wanted = max(LEAST_WIDTH, min(width, MOST_WIDTH))
        self.updateGeometry()
        self.geometriesChanged.emit()

    def sizeHint(self) -> QSize:  # noqa: D102, N802
        return QSize(self.width_wanted, 0)  # Qt's own asks for the text of many rows

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:  # noqa: D102, N802, N803
        held = self._look = self._look or HeadingLook(self)
        source = self._rows.source
        row = self._rows.source_row(logicalIndex)
        current = self.selectionModel().currentIndex().row() == logicalIndex
        painter.save()
        painter.fillRect(rect, held.selected if current else held.surface)
        painter.fillRect(rect.x(), rect.bottom(), rect.width(), 1, held.border)
        painter.fillRect(rect.right(), rect.y(), 1, rect.height(), held.border)
        readable = source.documents[row].state.readable
        inner = rect.adjusted(_MARGIN, 0, -_MARGIN, 0)
        if source.copy_at(row):
            place = QPoint(inner.right() - _COPY + 1, rect.y() + (rect.height() - _COPY) // 2)
            painter.drawPixmap(place, held.copy)
            inner.setRight(place.x() - _MARGIN // 2)
        paint_line(painter, inner, source.title(row), held.name, held.text if readable else held.muted)
        painter.restore()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102, N802
        super().paintEvent(event)
        end, port = self.length() - self.offset(), self.viewport()
        if end < port.height():
            held = self._look = self._look or HeadingLook(self)
            painter = QPainter(port)
            painter.fillRect(0, end, port.width(), port.height() - end, held.surface)
            painter.fillRect(port.width() - 1, end, 1, port.height() - end, held.border)
            painter.end()

    def changeEvent(self, event: QEvent) -> None:  # noqa: D102, N802
        self._look = None
        super().changeEvent(event)


class CornerHeading(QAbstractButton):
    """Heads the documents: a click sorts by name, dragging its right edge makes the names wider."""

    widened = Signal(int)

    def __init__(self, rows: GridRows, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows = rows
        self._look: HeadingLook | None = None
        self._dragged = False
        self.setMouseTracking(True)
        self.setText(self.tr("Document"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        look.named(self, self.tr("Sort by document"), self.tr("Click to sort by document"))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102, N802
        held = self._look = self._look or HeadingLook(self)
        painter = QPainter(self)
        descending = self._rows.descending if self._rows.sorted_by == DOCUMENT else None
        paint_heading(painter, held, self.rect(), self.text(), descending)
        if self.hasFocus():
            painter.setPen(held.accent)
            painter.drawRect(self.rect().adjusted(1, 1, -2, -2))
        painter.end()

    def sizeHint(self) -> QSize:  # noqa: D102, N802
        return QSize(DOCUMENT_WIDTH, HEADING_HEIGHT)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: D102, N802
        self._dragged = self._at_edge(event.position().x())
        if not self._dragged:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: D102, N802
        across = event.position().x()
        edge = self._dragged or self._at_edge(across)
        self.setCursor(Qt.CursorShape.SplitHCursor if edge else Qt.CursorShape.ArrowCursor)
        if self._dragged:
            self.widened.emit(round(across))
        else:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: D102, N802
        if self._dragged:
            self._dragged = False
        else:
            super().mouseReleaseEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: D102, N802
        super().focusInEvent(event)
        self.update()

    def changeEvent(self, event: QEvent) -> None:  # noqa: D102, N802
        self._look = None
        super().changeEvent(event)

    def _at_edge(self, across: float) -> bool:
        return across >= self.width() - _GRIP
