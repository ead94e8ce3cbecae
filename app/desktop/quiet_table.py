"""A table without noise: no grid, thin lines between rows, a flat header, sorting from the keyboard too."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QPen, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.desktop import look

ROW_HEIGHT = 4 * look.STEP
_PADDING = look.STEP
_INSET = _PADDING - 3
"""Fusion itself leaves three pixels at both sides of a text."""
_ARROW = 12

Index = QModelIndex | QPersistentModelIndex


def on_enter(view: QWidget, then: Callable[[], object]) -> None:
    """Enter in ``view`` does it. Qt's own ``activated`` would, on some desktops, also come from a click."""
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        shortcut = QShortcut(QKeySequence(key), view)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(then)


class QuietHeader(QHeaderView):
    """Muted titles on the table's own ground, a line under them, a small arrow where it is sorted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setHighlightSections(False)
        self.setStretchLastSection(False)
        self.setFixedHeight(ROW_HEIGHT)
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:  # noqa: N802, N803
        """One title."""
        model = self.model()
        role = Qt.ItemDataRole
        text = str(model.headerData(logicalIndex, self.orientation(), role.DisplayRole) or "")
        held = model.headerData(logicalIndex, self.orientation(), role.TextAlignmentRole)
        alignment = Qt.AlignmentFlag(held) if held is not None else self.defaultAlignment()
        painter.save()
        painter.fillRect(rect, look.colour("surface"))
        painter.setPen(QPen(look.colour("border"), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.setFont(look.font(-0.5))
        painter.setPen(look.colour("muted"))
        inner = rect.adjusted(_PADDING, 0, -_PADDING, 0)
        if self.isSortIndicatorShown() and self.sortIndicatorSection() == logicalIndex:
            inner = self._paint_arrow(painter, inner, alignment, text)
        text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, alignment, text)
        painter.restore()

    def _paint_arrow(self, painter: QPainter, inner: QRect, alignment: Qt.AlignmentFlag, text: str) -> QRect:
        up = self.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder
        wide = min(inner.width() - _ARROW, painter.fontMetrics().horizontalAdvance(text))
        right = bool(alignment & Qt.AlignmentFlag.AlignRight)
        left = inner.right() - wide - _ARROW - 1 if right else inner.left() + wide + 3
        place = QRect(left, inner.center().y() - _ARROW // 2 + 1, _ARROW, _ARROW)
        look.icon("chevron-up" if up else "chevron-down", "muted").paint(painter, place)
        return inner.adjusted(_ARROW, 0, 0, 0) if right else inner.adjusted(0, 0, -_ARROW, 0)


class QuietDelegate(QStyledItemDelegate):
    """Rows with a thin line under each and room at both sides; the cell with the cursor has a frame."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Ground and line over the whole width, then the text inside."""
        state = QStyle.StateFlag
        painter.save()
        if option.state & state.State_Selected:
            painter.fillRect(option.rect, look.colour("selected"))
        painter.setPen(QPen(look.colour("border"), 1))
        painter.drawLine(option.rect.bottomLeft(), option.rect.bottomRight())
        if option.state & state.State_HasFocus:
            painter.setPen(QPen(look.colour("accent"), 1))
            painter.drawRect(option.rect.adjusted(0, 0, -1, -1))
        painter.restore()
        held = QStyleOptionViewItem(option)
        held.rect = option.rect.adjusted(_INSET, 0, -_INSET, -1)
        held.state &= ~(state.State_HasFocus | state.State_Selected | state.State_MouseOver)
        super().paint(painter, held, index)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802 - Qt's name
        """Wide enough for the text and its padding."""
        hint = super().sizeHint(option, index)
        return QSize(hint.width() + 2 * _PADDING, ROW_HEIGHT)


class QuietTable(QTableView):
    """Rows are selected whole. Alt+Up and Alt+Down sort by the column the cursor is in."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stretched, self._least = 0, 0
        self._most: int | None = None
        self.setHorizontalHeader(QuietHeader(self))
        self.setItemDelegate(QuietDelegate(self))
        self.setShowGrid(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    def show_model(self, model: QAbstractItemModel, widths: tuple[int, ...], stretched: int) -> None:
        """``widths`` in characters, one a column; the ``stretched`` one takes what is left, if it is more."""
        self.setModel(model)
        header = self.horizontalHeader()
        character = self.fontMetrics().averageCharWidth()
        for column, width in enumerate(widths):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            header.resizeSection(column, width * character + 2 * _PADDING)
        header.setMinimumSectionSize(6 * character)
        self._stretched, self._least = stretched, header.sectionSize(stretched)
        self._stretch()

    def make_sortable(self) -> None:
        """By a click on a title, or from the keyboard."""
        header = self.horizontalHeader()
        header.setSectionsClickable(True)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)

    def fit(self, most: int) -> None:
        """As high as its rows, but no higher than ``most`` of them."""
        self._most = most
        self._stretch()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """What is left is another width now."""
        super().resizeEvent(event)
        self._stretch()

    def _stretch(self) -> None:
        header, model = self.horizontalHeader(), self.model()
        if model is None:  # pyright: ignore[reportUnnecessaryComparison]
            return
        left = self.viewport().width() - header.length() + header.sectionSize(self._stretched)
        header.resizeSection(self._stretched, max(self._least, left))
        if self._most is not None:
            rows = min(self._most, model.rowCount())
            bar = self.horizontalScrollBar().sizeHint().height() if left < self._least else 0
            self.setFixedHeight(ROW_HEIGHT * (rows + 1) + 2 + bar)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Sort; everything else as Qt does it."""
        down = event.key() == Qt.Key.Key_Down
        alt = event.modifiers() == Qt.KeyboardModifier.AltModifier
        if alt and self.isSortingEnabled() and (down or event.key() == Qt.Key.Key_Up):
            order = Qt.SortOrder.DescendingOrder if down else Qt.SortOrder.AscendingOrder
            self.sortByColumn(max(0, self.currentIndex().column()), order)
            return
        super().keyPressEvent(event)
