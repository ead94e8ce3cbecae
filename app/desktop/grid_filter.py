"""The rows of the grid as they are shown: filtered and sorted by an index of row numbers.

Qt's own proxy asks Python two questions per comparison and one per row, and takes rows out one run at a
time; an index is made in one go (``bench/desktop/grid.py`` measures both).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)

from app.desktop.grid_cells import sort_group, sort_key
from app.desktop.grid_changes import rectangles
from app.desktop.grid_search import GridFilter, RowSearch

if TYPE_CHECKING:
    from app.desktop.grid_model import GridModel

AnyIndex = QModelIndex | QPersistentModelIndex
DOCUMENT = -1
"""Sorts by the documents' names; columns count from 0."""

_ROOT = QModelIndex()
_SETTLE_MILLISECONDS = 300
_SLICE_SECONDS = 0.003


class GridRows(QAbstractTableModel):
    """Shows the rows of a ``GridModel`` that pass the filter, in the order of the sort.

    While outcomes come in, a row that comes to match appears within ``_SETTLE_MILLISECONDS``, one that no
    longer does goes; the ``kept`` one, at which someone works, stays. What was decided does not move a row
    until it is sorted again.
    """

    rearranging = Signal()
    rearranged = Signal()

    def __init__(self, source: GridModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.source = source
        self.filter = GridFilter()
        self.sorted_by: int | None = None
        self.descending = False
        self.kept: int | None = None
        self._columns: list[int] = list(range(len(source.tasks)))
        self._search = RowSearch(source)
        self._base: list[int] = []
        self._order: list[int] = []
        self._places: list[int] = []
        self._sort_stale = False
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MILLISECONDS)
        self._settle.timeout.connect(lambda: self.settle(self.kept))
        self._warm = QTimer(self, interval=0)
        self._warm.timeout.connect(self._warm_up)
        self._take_base()
        self._take_order()
        self._listen()

    def source_row(self, row: int) -> int:
        """The document's row in the source of a row shown."""
        return self._order[row]

    def shown_row(self, source_row: int) -> int | None:
        """Where a document of the source is shown; None if the filter hides it."""
        place = self._places[source_row]
        return place if place >= 0 else None

    def set_filter(self, asked: GridFilter) -> None:
        """Show only the rows that pass."""
        if asked != self.filter:
            self.filter = asked
            self.settle()

    def set_columns(self, columns: Sequence[int]) -> None:
        """Only cells of these columns, those not hidden, let a row pass."""
        if sorted(columns) != sorted(self._columns):
            self._columns = list(columns)
            if not self.filter.everything:
                self.settle()

    def sort_by(self, key: int | None, descending: bool = False) -> None:
        """By a column's values, by ``DOCUMENT`` names, or None: in the order the documents came."""
        self.sorted_by, self.descending = key, descending
        self._sort_stale = True
        self.settle()

    def sort(  # noqa: D102
        self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder
    ) -> None:
        self.sort_by(column if column >= 0 else None, order is Qt.SortOrder.DescendingOrder)

    def settle(self, kept: int | None = None) -> None:
        """Filter and sort anew, at once; the source's row ``kept`` stays though it may not pass."""
        self._settle.stop()
        self.rearranging.emit()
        self.layoutAboutToBeChanged.emit()  # PySide 6.11 and 6.12 crash with a hint
        old = self.persistentIndexList()
        sources = [self._order[index.row()] for index in old]
        if self._sort_stale:
            self._take_base()
        self._take_order(kept)
        places = self._places
        self.changePersistentIndexList(
            old,
            [
                self.index(places[source], index.column()) if places[source] >= 0 else QModelIndex()
                for source, index in zip(sources, old, strict=True)
            ],
        )
        self.layoutChanged.emit()
        self.rearranged.emit()

    def rowCount(self, parent: AnyIndex = _ROOT) -> int:  # noqa: D102, N802
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: AnyIndex = _ROOT) -> int:  # noqa: D102, N802
        return 0 if parent.isValid() else len(self.source.tasks)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: D102
        if not index.isValid():
            return None
        return self.source.cell_data(self._order[index.row()], index.column(), role)

    def headerData(  # noqa: D102, N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Horizontal:
            return self.source.headerData(section, orientation, role)
        return self.source.row_header(self._order[section], role) if 0 <= section < len(self._order) else None

    def _listen(self) -> None:
        source = self.source
        source.dataChanged.connect(self._hear_cells)
        source.headerDataChanged.connect(self._hear_names)
        source.modelAboutToBeReset.connect(self.beginResetModel)
        source.modelReset.connect(self._hear_reset)
        source.rowsInserted.connect(self._hear_rows)
        source.columnsAboutToBeInserted.connect(self._hear_columns_coming)
        source.columnsInserted.connect(self._hear_columns)
        self._warm.start()

    def _hear_cells(self, first: QModelIndex, last: QModelIndex) -> None:
        rows = range(first.row(), last.row() + 1)
        left, right = first.column(), last.column()
        self._search.forget(rows)
        self._warm.start()
        shown = ((self._places[row], left) for row in rows if self._places[row] >= 0)
        for part in rectangles(shown):
            self.dataChanged.emit(self.index(part.top, left), self.index(part.bottom, right))
        if self.sorted_by is not None and left <= self.sorted_by <= right:
            self._sort_stale = self._sort_stale or self._any_new(rows, self.sorted_by)
        if (self._sort_stale or not self.filter.everything) and not self._settle.isActive():
            self._settle.start()

    def _any_new(self, rows: range, column: int) -> bool:
        """Whether the review, and not the analyst's own decision, changed what a row is sorted by."""
        held = (self.source.outcome_at(row, column) for row in rows)
        return any(outcome is not None and outcome.decision is None for outcome in held)

    def _hear_names(self, _orientation: Qt.Orientation, first: int, last: int) -> None:
        self._search.forget(range(first, last + 1))
        for row in range(first, last + 1):
            if (place := self._places[row]) >= 0:
                self.headerDataChanged.emit(Qt.Orientation.Vertical, place, place)

    def _hear_reset(self) -> None:
        self._columns = list(range(len(self.source.tasks)))
        self._search.forget_all()
        self.kept = None
        if self.sorted_by is not None and self.sorted_by >= len(self.source.tasks):
            self.sorted_by = None
        self._take_base()
        self._take_order()
        self.endResetModel()
        self._warm.start()
        self.rearranged.emit()

    def _hear_rows(self, _parent: QModelIndex, first: int, last: int) -> None:
        """New documents stand at the end until the next sort."""
        added = range(first, last + 1)
        self._search.forget(added)
        self._base.extend(added)
        self._places.extend([-1] * len(added))
        shown = self._search.passing(added, self.filter, self._columns, None)
        if shown:
            at = len(self._order)
            self.beginInsertRows(_ROOT, at, at + len(shown) - 1)
            for row in shown:
                self._places[row] = len(self._order)
                self._order.append(row)
            self.endInsertRows()
        self._warm.start()
        self.rearranged.emit()

    def _hear_columns_coming(self, _parent: QModelIndex, first: int, last: int) -> None:
        self.beginInsertColumns(_ROOT, first, last)

    def _hear_columns(self, _parent: QModelIndex, first: int, last: int) -> None:
        self._columns.extend(range(first, last + 1))
        self.endInsertColumns()

    def _take_base(self) -> None:
        self._base = list(range(len(self.source.documents)))
        self._sort_stale = False
        if self.sorted_by == DOCUMENT:
            names = [document.name.casefold() for document in self.source.documents]
            self._base.sort(key=names.__getitem__, reverse=self.descending)
        elif self.sorted_by is not None:
            self._sort_by_values(self.sorted_by)

    def _sort_by_values(self, column: int) -> None:
        """Values up or down, what has none at the end both ways."""
        source = self.source
        keys = [sort_key(source.outcome_at(row, column)) for row in self._base]
        groups = [sort_group(source.states[row][column]) for row in self._base]
        self._base.sort(key=keys.__getitem__, reverse=self.descending)
        self._base.sort(key=groups.__getitem__)

    def _take_order(self, kept: int | None = None) -> None:
        self._order = self._search.passing(self._base, self.filter, self._columns, kept)
        self._places = [-1] * len(self.source.documents)
        for place, row in enumerate(self._order):
            self._places[row] = place

    def _warm_up(self) -> None:
        if self._search.warm(_SLICE_SECONDS):
            self._warm.stop()
