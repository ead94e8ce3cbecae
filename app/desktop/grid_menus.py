"""The grid's context menus: everything a mouse does on headings and cells, for the keyboard too."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPoint
from PySide6.QtWidgets import QMenu

from app.desktop.grid_cells import CellState
from app.desktop.grid_filter import DOCUMENT

if TYPE_CHECKING:
    from PySide6.QtGui import QAction

    from app.desktop.grid_view import GridView
    from app.domain.finding import Outcome

Cells = Iterable[tuple[int, int]]
"""Source rows and columns."""


class GridMenus:
    """Makes a menu for a place in the table. ``bulk`` is told the findings to accept together."""

    def __init__(self, view: GridView, bulk: Callable[[list[Outcome]], None]) -> None:
        self._view = view
        self._bulk = bulk

    def for_cell(self, at: QPoint) -> QMenu | None:
        """On a cell, at a place in the table's viewport, else on the current one."""
        view = self._view
        index = view.indexAt(at)
        if not index.isValid():
            index = view.currentIndex()
        if not index.isValid():
            return None
        row, column = view.rows.source_row(index.row()), index.column()
        menu = QMenu(view)
        _act(menu, _tr("Open") + "\tEnter", view.opened.emit)
        _act(menu, _tr("Copy") + "\tCtrl+C", view.copy_selected)
        menu.addSeparator()
        chosen = view.selected_cells()
        if len(chosen) > 1:
            self._accept(menu, _tr("Accept all found in the selection…"), chosen)
        self._accept(menu, _tr("Accept all found in this column…"), self.column_cells(column))
        self._accept(menu, _tr("Accept all found in this document…"), self.row_cells(row))
        menu.addSeparator()
        self._sorts(menu, column)
        self._moves(menu, column)
        return menu

    def for_column(self, column: int) -> QMenu:
        """On a task's heading."""
        menu = QMenu(self._view)
        self._accept(menu, _tr("Accept all found in this column…"), self.column_cells(column))
        menu.addSeparator()
        self._sorts(menu, column)
        self._moves(menu, column)
        return menu

    def for_row(self, shown: int) -> QMenu:
        """On a document's name."""
        menu = QMenu(self._view)
        row = self._view.rows.source_row(shown)
        self._accept(menu, _tr("Accept all found in this document…"), self.row_cells(row))
        menu.addSeparator()
        self._sorts(menu, DOCUMENT)
        return menu

    def column_cells(self, column: int) -> list[tuple[int, int]]:
        """Of the documents shown."""
        rows = self._view.rows
        return [(rows.source_row(shown), column) for shown in range(rows.rowCount())]

    def row_cells(self, row: int) -> list[tuple[int, int]]:
        """Of the columns shown."""
        return [(row, column) for column in self._view.tasks.shown_columns()]

    def outcomes(self, cells: Cells) -> list[Outcome]:
        """All there are in these cells, in their order."""
        source = self._view.rows.source
        held = (source.outcome_at(row, column) for row, column in cells)
        return [outcome for outcome in held if outcome is not None]

    def _accept(self, menu: QMenu, text: str, cells: Cells) -> None:
        held, states = list(cells), self._view.rows.source.states
        found = sum(1 for row, column in held if states[row][column] == CellState.UNDECIDED)
        action = _act(menu, f"{text}\t{found:,}" if found else text, lambda: self._bulk(self.outcomes(held)))
        action.setEnabled(found > 0)

    def _sorts(self, menu: QMenu, key: int) -> None:
        view = self._view
        by = view.rows.sorted_by
        for text, wanted, descending in (
            (_tr("Sort ascending"), key, False),
            (_tr("Sort descending"), key, True),
            (_tr("As the documents came"), None, False),
        ):
            action = _act(menu, text, lambda w=wanted, d=descending: view.sort(w, d))
            action.setCheckable(True)
            action.setChecked(by == wanted and (wanted is None or view.rows.descending == descending))

    def _moves(self, menu: QMenu, column: int) -> None:
        header = self._view.tasks
        shown = header.shown_columns()
        menu.addSeparator()
        place = shown.index(column) if column in shown else -1
        for text, step in ((_tr("Move column left"), -1), (_tr("Move column right"), 1)):
            to = place + step
            action = _act(menu, text, lambda s=step: self._move(column, s))
            action.setEnabled(place >= 0 and 0 <= to < len(shown))
        hide = _act(menu, _tr("Hide column"), lambda: header.show_or_hide(column, False))
        hide.setEnabled(len(shown) > 1)

    def _move(self, column: int, step: int) -> None:
        header = self._view.tasks
        shown = header.shown_columns()
        neighbour = shown[shown.index(column) + step]
        header.moveSection(header.visualIndex(column), header.visualIndex(neighbour))
        header.shown_changed.emit()


def _act(menu: QMenu, text: str, wanted: Callable[[], object]) -> QAction:
    action = menu.addAction(text)
    action.triggered.connect(lambda: wanted())
    return action


def _tr(text: str) -> str:
    return QCoreApplication.translate("Grid", text)
