"""On the finding's card: a list's items or a summary's sentences, each with its page, a way to its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from app.desktop import look
from app.desktop.grid_cells import plain_tip
from app.desktop.quiet_table import ROW_HEIGHT, QuietTable, on_enter

if TYPE_CHECKING:
    from app.domain.finding import Citation
    from app.domain.listing import ListedItem

AnyIndex = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
PAGE, ITEM, WORDS = range(3)
_WIDTHS = (6, 16, 30)
_LEAST_ROWS = 5
_MOST_QUOTE = 800
_MOST_HEIGHT = 10_000


class ListedItemsModel(QAbstractTableModel):
    """One row an item, in the document's order."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[tuple[ListedItem, Citation], ...] = ()

    def show_rows(self, rows: Sequence[tuple[ListedItem, Citation]]) -> None:
        """In the place of what was shown."""
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: AnyIndex = _ROOT) -> int:  # noqa: D102, N802
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: AnyIndex = _ROOT) -> int:  # noqa: D102, N802
        return 0 if parent.isValid() else WORDS + 1

    def headerData(  # noqa: D102, N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Vertical or role != Qt.ItemDataRole.DisplayRole:
            return None
        return (self.tr("Page"), self.tr("Item"), self.tr("In the text"))[section]

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: D102
        if not index.isValid():
            return None
        item, citation = self.rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return (self.tr("p. {}").format(citation.page), item.display, item.words)[index.column()]
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(item.display, " ".join(citation.quote.split())[:_MOST_QUOTE])
            case Qt.ItemDataRole.ForegroundRole:
                return look.colour("text" if index.column() == ITEM else "muted")
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{item.line}, {self.tr('page {}').format(citation.page)}"
            case _:
                return None


class ListedItems(QuietTable):
    """``chosen``: the citation of the row that the cursor came to, counted from 0."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items = ListedItemsModel(self)
        self._following = False
        self._whole = False
        self.horizontalHeader().hide()
        self.setMinimumHeight(_LEAST_ROWS * ROW_HEIGHT)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.show_model(self._items, _WIDTHS, WORDS)
        self._name()
        self.selectionModel().currentRowChanged.connect(self._row_came)
        on_enter(self, self._show_current)

    def show_items(self, rows: Sequence[tuple[ListedItem, Citation]], whole: bool = False) -> None:
        """Of the finding that is looked at; without any it is not there.

        ``whole``: a summary's, each shown in as many lines as it takes.
        """
        self._following = True
        self._whole = whole
        self.setWordWrap(whole)
        self._name()
        self._items.show_rows(rows)
        # items without words of their own, as clauses, take both columns
        plain = bool(rows) and not any(item.words for item, _ in rows)
        self.setColumnHidden(WORDS, plain)
        self._following = False
        self._stretched = ITEM if plain else WORDS
        self._stretch()
        self._fit_rows()
        self.setVisible(bool(rows))
        self.follow(0)

    def follow(self, citation: int) -> None:
        """Put the cursor on the first item of a citation that is shown already."""
        held = self._items.rows
        if self.currentIndex().isValid() and held[self.currentIndex().row()][0].citation == citation:
            return
        row = next((n for n, (item, _) in enumerate(held) if item.citation == citation), None)
        if row is not None:
            self._following = True
            self.selectRow(row)
            self._following = False

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Sentences take more or fewer lines now."""
        super().resizeEvent(event)
        self._fit_rows()

    def keyboardSearch(self, search: str) -> None:  # noqa: N802 - Qt's name
        """None: single letters are the window's keys."""

    def _name(self) -> None:
        told = (
            (
                self.tr("Sentences of the summary"),
                self.tr("Arrow keys go from sentence to sentence and show the place of each in the document"),
            )
            if self._whole
            else (
                self.tr("Items of the list"),
                self.tr("Arrow keys go from item to item and show each in the document"),
            )
        )
        look.named(self, *told)

    def _fit_rows(self) -> None:
        room = QRect(0, 0, self.columnWidth(ITEM) - 2 * look.STEP, _MOST_HEIGHT)
        for row, (item, _) in enumerate(self._items.rows):
            height = ROW_HEIGHT
            if self._whole:
                wrapped = self.fontMetrics().boundingRect(room, Qt.TextFlag.TextWordWrap, item.display)
                height = max(ROW_HEIGHT, wrapped.height() + look.STEP)
            self.setRowHeight(row, height)

    def _row_came(self, current: QModelIndex) -> None:
        if current.isValid() and not self._following:
            self.chosen.emit(self._items.rows[current.row()][0].citation)

    def _show_current(self) -> None:
        if self.currentIndex().isValid():
            self.chosen.emit(self._items.rows[self.currentIndex().row()][0].citation)
