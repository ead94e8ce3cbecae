"""The list of documents: rows of one height, painted without making anything anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.desktop import look
from app.desktop.grid_lines import LineCache

if TYPE_CHECKING:
    from app.desktop.library_model import LibraryModel
    from app.desktop.library_remarks import Remark
    from app.desktop.library_words import StateSign

ROW_HEIGHT = look.STEP * 7 // 2
TALL_ROW_HEIGHT = look.STEP * 5 + look.STEP // 2
"""Of every row once a document has a remark: rows of one height cost the list nothing, however many."""
_EDGE = 14
_INSET = look.STEP // 2
_MARGIN = look.STEP
_UP = 3
_RADIUS = 6.0
_LOOKS = (
    QEvent.Type.PaletteChange,
    QEvent.Type.FontChange,
    QEvent.Type.StyleChange,
    QEvent.Type.DevicePixelRatioChange,
)
AnyIndex = QModelIndex | QPersistentModelIndex


class LibraryLook:
    """Valid for one palette, font and screen."""

    def __init__(self, font: QFont, ratio: float) -> None:
        small = QFont(font)
        small.setPointSizeF(max(6.0, small.pointSizeF() - 1.0))
        self.names = LineCache(font, Qt.TextElideMode.ElideMiddle)
        self.words = LineCache(small, Qt.TextElideMode.ElideRight)
        self.text = look.colour("text")
        self.muted = look.colour("muted")
        self.selected = look.colour("selected")
        self.accent = look.colour("accent")
        self._ratio = ratio
        self._icons: dict[tuple[str, str], QPixmap] = {}

    def icon(self, name: str, tint: str) -> QPixmap:
        """Rendered once."""
        held = self._icons.get((name, tint))
        if held is None:
            held = look.icon(name, tint).pixmap(QSize(_EDGE, _EDGE), self._ratio)
            self._icons[name, tint] = held
        return held


class LibraryDelegate(QStyledItemDelegate):
    """The name at the left, pages or the state at the right, ✓ before them once all is decided.

    Below the name stands what wants to be known of the document before it is opened.
    """

    def __init__(self, model: LibraryModel, view: QListView) -> None:
        super().__init__(view)
        self._model = model
        self._view = view
        self._look: LibraryLook | None = None

    def forget_look(self) -> None:
        """The palette, the font or the screen changed."""
        self._look = None

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:  # noqa: D102, N802
        return QSize(look.STEP * 20, TALL_ROW_HEIGHT if self._model.has_remarks else ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:  # noqa: D102
        held = self._look = self._look or LibraryLook(self._view.font(), self._view.devicePixelRatioF())
        row, model, cell = index.row(), self._model, option.rect
        document = model.document_at(row)
        self._paint_ground(painter, held, QRectF(cell).adjusted(_INSET, 1, -_INSET, -1), index)
        sign, remark = model.sign_at(row), model.remark_at(row)
        end = cell.right() - _INSET - _MARGIN
        left = cell.x() + _INSET + _MARGIN * (3 if model.lies_inside(row) else 1)
        top = cell.y() + (_UP if remark.text else (cell.height() - ROW_HEIGHT) // 2)
        if remark.text:
            self._paint_remark(painter, held, QRect(left, cell.y(), end - left, cell.height()), remark)
        right = self._paint_sign(painter, held, end, top, sign)
        if model.reviewed_at(row):
            right -= _EDGE
            painter.drawPixmap(right, top + (ROW_HEIGHT - _EDGE) // 2, held.icon("check", "good"))
            right -= _MARGIN
        whole = document is not None and document.state.readable
        painter.setPen(held.text if whole else held.muted)
        painter.setFont(held.names.font)
        line = held.names.line(model.name_at(row), max(right - left, 0))
        painter.drawStaticText(left, top + (ROW_HEIGHT - held.names.metrics.height()) // 2, line)

    def _paint_remark(self, painter: QPainter, held: LibraryLook, cell: QRect, remark: Remark) -> None:
        """Cut off at its end: what matters most stands first."""
        left, middle = cell.x(), cell.bottom() - _UP - held.words.metrics.height() // 2
        if remark.icon:
            painter.drawPixmap(left, middle - _EDGE // 2, held.icon(remark.icon, remark.tint))
            left += _EDGE + _INSET
        line = held.words.line(remark.text, max(cell.right() - left, 0))
        painter.setFont(held.words.font)
        painter.setPen(held.muted if remark.tint == "muted" else look.colour(remark.tint))
        painter.drawStaticText(left, middle - held.words.metrics.height() // 2, line)

    def _paint_ground(self, painter: QPainter, held: LibraryLook, box: QRectF, index: AnyIndex) -> None:
        selected = self._view.selectionModel().isSelected(index)
        focused = self._view.hasFocus() and index == self._view.currentIndex()
        if not selected and not focused:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(held.accent if focused else Qt.PenStyle.NoPen)
        painter.setBrush(held.selected if selected else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_sign(self, painter: QPainter, held: LibraryLook, right: int, top: int, sign: StateSign) -> int:
        """Ends at ``right``; where it begins, less a margin."""
        line = held.words.line(sign.word, look.STEP * 16)
        left = right - round(line.size().width())
        painter.setFont(held.words.font)
        painter.setPen(held.muted if sign.tint == "muted" else look.colour(sign.tint))
        painter.drawStaticText(left, top + (ROW_HEIGHT - held.words.metrics.height()) // 2, line)
        if sign.icon != "file-text":
            left -= _EDGE + _INSET
            painter.drawPixmap(left, top + (ROW_HEIGHT - _EDGE) // 2, held.icon(sign.icon, sign.tint))
        return left - _MARGIN


class LibraryList(QListView):
    """``chosen`` by a person, ``entered_on`` with Enter; letters are the window's keys and go on to it."""

    chosen = Signal()
    entered_on = Signal()

    def __init__(self, model: LibraryModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._quiet = False
        self._rows = LibraryDelegate(model, self)
        self.setModel(model)
        self.setItemDelegate(self._rows)
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalScrollBar().setSingleStep(ROW_HEIGHT)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName(self.tr("Documents"))
        self.viewport().setBackgroundRole(self.palette().ColorRole.Window)
        model.remarks_changed.connect(self._grow)

    def go(self, row: int) -> None:
        """Make a row the current one and tell nobody."""
        self._quiet = True
        self.setCurrentIndex(self.model().index(row, 0))
        self._quiet = False

    def currentChanged(self, current: AnyIndex, previous: AnyIndex) -> None:  # noqa: D102, N802
        super().currentChanged(current, previous)
        if current.isValid() and not self._quiet:
            self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102, N802
        held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() & held:
            self.entered_on.emit()
        elif event.text() and not event.modifiers() & held:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _grow(self) -> None:
        """Rows of another height; what is looked at stays in sight."""
        self.scheduleDelayedItemsLayout()
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    def keyboardSearch(self, search: str) -> None:  # noqa: D102, N802
        return  # letters are the window's keys

    def event(self, event: QEvent) -> bool:  # noqa: D102
        if event.type() in _LOOKS:
            self._rows.forget_look()
            self.viewport().update()
        return super().event(event)
