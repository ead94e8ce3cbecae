"""The table of the grid: where one is in it, which keys move there, what is chosen."""

from __future__ import annotations

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QPersistentModelIndex,
    QSignalBlocker,
    Qt,
    Signal,
)
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QTableView, QWidget

from app.desktop import look
from app.desktop.grid_cells import shown_text
from app.desktop.grid_delegate import CellDelegate
from app.desktop.grid_filter import DOCUMENT, GridRows
from app.desktop.grid_headers import CornerHeading, DocumentHeader, TaskHeader
from app.desktop.grid_navigation import next_finding

_MOST_KEPT_SELECTED = 5_000
_SELECT = QItemSelectionModel.SelectionFlag.ClearAndSelect
_LOOKS = (
    QEvent.Type.PaletteChange,
    QEvent.Type.FontChange,
    QEvent.Type.StyleChange,
    QEvent.Type.DevicePixelRatioChange,
)


class GridView(QTableView):
    """Documents are the vertical header, so they stay at the left; sorting is the rows' own business.

    Its own keys: arrows (with Shift they select), J/K, H/L, Enter, Ctrl+Space and Shift+Space for a whole
    column or row, Ctrl+A, Ctrl+C.
    """

    chosen = Signal()
    """Another cell became the current one, by a person or by ``go``."""
    opened = Signal()

    def __init__(self, rows: GridRows, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = rows
        self._quiet = False
        self._anchor: tuple[int, int] | None = None
        self.tasks = TaskHeader(rows, self)
        self.names = DocumentHeader(rows, self)
        self.corner = CornerHeading(rows, self)
        self._cells = CellDelegate(rows, self)
        self.setModel(rows)
        self.setHorizontalHeader(self.tasks)
        self.setVerticalHeader(self.names)
        self.setItemDelegate(self._cells)
        self._set_up()
        self._connect()

    def current(self) -> tuple[int, int] | None:
        """The source's row and the column of the current cell."""
        index = self.currentIndex()
        return (self.rows.source_row(index.row()), index.column()) if index.isValid() else None

    def go(self, row: int, column: int, quiet: bool = False) -> None:
        """Make a cell, by its row as shown, the current one; ``quiet``: tell nobody."""
        self._quiet = quiet
        self.selectionModel().setCurrentIndex(self.rows.index(row, column), _SELECT)
        self._quiet = False

    def go_on(self, undecided: bool, forward: bool) -> None:
        """To the next or previous finding, as ``next_finding`` has it."""
        index = self.currentIndex()
        start = (index.row(), index.column()) if index.isValid() else None
        found = next_finding(self.rows, self.tasks.shown_columns(), start, undecided, forward)
        if found is not None:
            self.go(*found)

    def go_sideways(self, step: int) -> None:
        """A column to the left (-1) or right (1), as they are shown."""
        columns, index = self.tasks.shown_columns(), self.currentIndex()
        if not columns or not self.rows.rowCount():
            return
        if index.column() not in columns:
            self.go(max(index.row(), 0), columns[0])
            return
        place = columns.index(index.column()) + step
        if 0 <= place < len(columns):
            self.go(index.row(), columns[place])

    def sort(self, key: int | None, descending: bool) -> None:
        """By a column, ``DOCUMENT`` or, with None, as the documents came."""
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        column = -1 if key is None or key == DOCUMENT else key
        blocker = QSignalBlocker(self.tasks)
        self.tasks.setSortIndicator(column, order)
        blocker.unblock()
        self.rows.sort_by(key, descending)

    def selected_count(self) -> int:
        """How many cells that are shown are selected."""
        shown = self.tasks.shown_columns()
        return sum(
            part.height() * sum(1 for column in shown if part.left() <= column <= part.right())
            for part in self._parts()
        )

    def selected_cells(self) -> list[tuple[int, int]]:
        """Source rows and columns of the selected cells that are shown, in reading order."""
        shown, parts = self.tasks.shown_columns(), self._parts()
        if len(parts) == 1:
            part = parts[0]
            columns = [column for column in shown if part.left() <= column <= part.right()]
            rows = (self.rows.source_row(row) for row in range(part.top(), part.bottom() + 1))
            return [(row, column) for row in rows for column in columns]
        place = {column: at for at, column in enumerate(shown)}
        cells = {
            (row, place[column])
            for part in parts
            for row in range(part.top(), part.bottom() + 1)
            for column in range(part.left(), part.right() + 1)
            if column in place
        }
        return [(self.rows.source_row(row), shown[at]) for row, at in sorted(cells)]

    def copy_selected(self) -> None:
        """As lines of values between tabs, for a spreadsheet."""
        lines: dict[int, list[str]] = {}
        for row, column in self.selected_cells():
            outcome = self.rows.source.outcome_at(row, column)
            text = "" if outcome is None else " ".join(shown_text(outcome).split())
            lines.setdefault(row, []).append(text)
        if lines:
            QGuiApplication.clipboard().setText("\n".join("\t".join(line) for line in lines.values()))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102, N802
        if not self._press(event):
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:  # noqa: D102, N802
        return  # letters are the window's keys

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: D102, N802
        super().mouseDoubleClickEvent(event)
        left = event.button() is Qt.MouseButton.LeftButton
        if left and self.indexAt(event.position().toPoint()).isValid():
            self.opened.emit()

    def currentChanged(  # noqa: D102, N802
        self, current: QModelIndex | QPersistentModelIndex, previous: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().currentChanged(current, previous)
        self.names.viewport().update()
        self.rows.kept = self.rows.source_row(current.row()) if current.isValid() else None
        if current.isValid() and not self._quiet:
            self.chosen.emit()

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: D102, N802
        super().scrollContentsBy(dx, dy)
        if dx:
            self._show_reasons()

    def updateGeometries(self) -> None:  # noqa: D102, N802
        super().updateGeometries()
        self._place_corner()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102, N802
        super().resizeEvent(event)
        self._place_corner()

    def event(self, event: QEvent) -> bool:  # noqa: D102
        if event.type() in _LOOKS:
            self._cells.forget_look()
            self.viewport().update()
        return super().event(event)

    def _set_up(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.horizontalScrollBar().setSingleStep(4 * look.STEP)
        self.verticalScrollBar().setSingleStep(4 * look.STEP)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName(self.tr("Findings by document and task"))
        self.tasks.setSortIndicatorClearable(True)
        self.tasks.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)

    def _connect(self) -> None:
        self.corner.widened.connect(self.names.set_width)
        self.corner.clicked.connect(self._sort_documents)
        self.rows.rearranging.connect(self._before_rearranging)
        self.rows.rearranged.connect(self._after_rearranging)

    def _sort_documents(self) -> None:
        """Up, then down, then in the order in which they came."""
        rows = self.rows
        if rows.sorted_by != DOCUMENT:
            self.sort(DOCUMENT, False)
        else:
            self.sort(None if rows.descending else DOCUMENT, not rows.descending)

    def _before_rearranging(self) -> None:
        """Remember what stands where, so that it stands there afterwards too."""
        if sum(part.width() * part.height() for part in self._parts()) > _MOST_KEPT_SELECTED:
            self.clearSelection()
        index, height = self.currentIndex(), self.viewport().height()
        row = index.row() if 0 <= self.rowViewportPosition(index.row()) < height else self.rowAt(0)
        self._anchor = (self.rows.source_row(row), self.rowViewportPosition(row)) if row >= 0 else None

    def _after_rearranging(self) -> None:
        current = self.current()
        self.rows.kept = None if current is None else current[0]
        self.corner.update()
        self.tasks.viewport().update()
        anchor, self._anchor = self._anchor, None
        shown = None if anchor is None else self.rows.shown_row(anchor[0])
        if anchor is not None and shown is not None:
            self.executeDelayedItemsLayout()
            self.verticalScrollBar().setValue(self.names.sectionPosition(shown) - anchor[1])

    def _select_whole(self, column: bool) -> None:
        """The current cell's column or row; Qt's own looks at the keys held, and would toggle."""
        at, rows = self.currentIndex(), self.rows
        if at.isValid():
            first = rows.index(0, at.column()) if column else rows.index(at.row(), 0)
            ends = (rows.rowCount() - 1, at.column()) if column else (at.row(), rows.columnCount() - 1)
            self.selectionModel().select(QItemSelection(first, rows.index(*ends)), _SELECT)

    def _parts(self) -> list[QItemSelectionRange]:
        selection = self.selectionModel().selection()
        return [selection.at(place) for place in range(selection.count())]

    def _show_reasons(self) -> None:
        """Reasons begin at the visible left edge: what was only moved has them in the wrong place."""
        port, rows = self.viewport(), self.rows
        last = self.rowAt(port.height() - 1)
        for row in range(max(self.rowAt(0), 0), (last if last >= 0 else rows.rowCount() - 1) + 1):
            if not rows.source.documents[rows.source_row(row)].state.readable:
                port.update(0, self.rowViewportPosition(row), port.width(), self.rowHeight(row))

    def _place_corner(self) -> None:
        self.corner.setGeometry(0, 0, self.names.width(), self.tasks.height())
        self.corner.raise_()

    def _press(self, event: QKeyEvent) -> bool:
        """Whether the key was one of the grid's own. Characters that are not go on to the window."""
        key, modifiers = event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_selected()
        elif modifiers == Qt.KeyboardModifier.ControlModifier and key == Qt.Key.Key_Space:
            self._select_whole(column=True)
        elif modifiers == Qt.KeyboardModifier.ShiftModifier and key == Qt.Key.Key_Space:
            self._select_whole(column=False)
        elif modifiers == Qt.KeyboardModifier.NoModifier and key in _PLAIN:
            self._press_plain(key)
        elif _types(event):
            event.ignore()
        else:
            return False
        return True

    def _press_plain(self, key: int) -> None:
        match key:
            case Qt.Key.Key_J:
                self.go_on(undecided=True, forward=True)
            case Qt.Key.Key_K:
                self.go_on(undecided=True, forward=False)
            case Qt.Key.Key_H:
                self.go_sideways(-1)
            case Qt.Key.Key_L:
                self.go_sideways(1)
            case _:
                if self.currentIndex().isValid():
                    self.opened.emit()


_PLAIN = (Qt.Key.Key_J, Qt.Key.Key_K, Qt.Key.Key_H, Qt.Key.Key_L, Qt.Key.Key_Return, Qt.Key.Key_Enter)


def _types(event: QKeyEvent) -> bool:
    """Whether the key stands for a character, as Esc does too, and Ctrl or Alt are not held."""
    held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    return bool(event.text()) and not event.modifiers() & held
