"""The grid as a view of its own: toolbar, table, notice; it takes outcomes and says what a person wants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QPoint, Qt, Signal, SignalInstance
from PySide6.QtWidgets import QFrame, QMenu, QVBoxLayout, QWidget

from app.desktop import look
from app.desktop.grid_cells import FOUND, CellState
from app.desktop.grid_filter import DOCUMENT, GridRows
from app.desktop.grid_headers import COLUMN_WIDTH, DOCUMENT_WIDTH
from app.desktop.grid_layout import DOCUMENTS, GridLayout, layout_of
from app.desktop.grid_menus import GridMenus
from app.desktop.grid_model import GridModel
from app.desktop.grid_notice import GridNotice, Lack
from app.desktop.grid_toolbar import GridToolbar
from app.desktop.grid_view import GridView

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from app.domain.finding import Outcome
    from app.domain.text import Document


class GridPanel(QWidget):
    """Documents × tasks.

    ``cell_chosen`` and ``cell_opened`` tell document and task, ``bulk_requested`` the outcomes that
    someone wants to accept together. Values from the caller are kept as they are and never copied.
    """

    cell_chosen = Signal(str, str)
    cell_opened = Signal(str, str)
    bulk_requested = Signal(list)
    filter_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = GridModel(self)
        self.rows = GridRows(self.model, self)
        self.view = GridView(self.rows)
        self.toolbar = GridToolbar()
        self.notice = GridNotice(self.view)
        self._menus = GridMenus(self.view, self.bulk_requested.emit)
        self._layout = GridLayout()
        self._laying_out = False
        self._set_up()
        self._connect()
        self._refresh()

    def set_documents(self, documents: Sequence[Document]) -> None:
        """The rows, in this order; outcomes of documents that stay are kept."""
        held = self.current()
        self.model.set_documents(documents)
        self._stay(held)

    def set_tasks(self, tasks: Sequence[tuple[str, str]]) -> None:
        """The columns by (id, title), in the pack's order."""
        held = self.current()
        self._layout = self._layout_now()
        self.model.set_tasks(tasks)
        self._lay_out()
        self._stay(held)

    def set_outcomes(self, outcomes: Iterable[Outcome]) -> None:
        """All there are; what was there before is gone."""
        self.model.set_outcomes(outcomes)
        self._refresh()

    def update_outcomes(self, outcomes: Iterable[Outcome]) -> None:
        """New or changed ones among those there are."""
        self.model.update_outcomes(outcomes)
        self._refresh()

    def set_pending(self, pairs: Iterable[tuple[str, str]]) -> None:
        """(document, task) pairs that are being read; those before are not any more."""
        self.model.set_pending(pairs)
        self._refresh()

    def set_copies(self, copies: Mapping[str, str]) -> None:
        """By document that is a copy of another: what it is a copy of, in words."""
        self.model.set_copies(copies)

    def current(self) -> tuple[str, str] | None:
        """Document and task of the cell one is at."""
        cell = self.view.current()
        return None if cell is None else self._ids(*cell)

    def select(self, document: str, task: str) -> None:
        """Go to a cell without a word to anybody; a filter that hides it is cleared."""
        row, column = self.model.row_of(document), self.model.column_of(task)
        if row is None or column is None:
            return
        if self.rows.shown_row(row) is None:
            self.toolbar.clear()
            self._filter()
        if self.view.tasks.isSectionHidden(column):
            self.view.tasks.setSectionHidden(column, False)
        shown = self.rows.shown_row(row)
        if shown is not None:
            self.view.go(shown, column, quiet=True)

    def go_next(self, undecided: bool) -> None:
        """To the next finding; with ``undecided`` to the next that wants a look, as long as there is one."""
        self.view.go_on(undecided, forward=True)

    def go_previous(self, undecided: bool) -> None:
        """As ``go_next``, backwards."""
        self.view.go_on(undecided, forward=False)

    def go_left(self) -> None:
        """One column to the left."""
        self.view.go_sideways(-1)

    def go_right(self) -> None:
        """One column to the right."""
        self.view.go_sideways(1)

    @property
    def selected_count(self) -> int:
        """How many cells are selected."""
        return self.view.selected_count()

    def selected_findings(self) -> list[Outcome]:
        """Outcomes in the cells selected, in reading order."""
        return self._menus.outcomes(self.view.selected_cells())

    def row_findings(self) -> list[Outcome]:
        """Outcomes of the document one is at, as far as their columns are shown."""
        cell = self.view.current()
        return [] if cell is None else self._menus.outcomes(self._menus.row_cells(cell[0]))

    def column_findings(self) -> list[Outcome]:
        """Outcomes of the task one is at, as far as their documents are shown."""
        cell = self.view.current()
        return [] if cell is None else self._menus.outcomes(self._menus.column_cells(cell[1]))

    def focus_filter(self) -> None:
        """Type what to look for."""
        self.toolbar.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.toolbar.field.selectAll()

    def save_state(self) -> QByteArray:
        """Order, widths and hiding of columns, the sort, the filter's toggles (not its text)."""
        return self._layout_now().saved()

    def restore_state(self, state: object) -> None:
        """What ``save_state`` gave; anything else is let be. Columns to come find their place too."""
        layout = layout_of(state)
        if layout is None:
            return
        self._layout = layout
        states = [state for state in CellState if state.name in layout.states]
        self.toolbar.set_toggles(layout.undecided, states)
        if layout.document_width:
            self.view.names.set_width(layout.document_width)
        self._lay_out()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102, N802
        if event.text() == "/":
            self.focus_filter()
        elif event.key() == Qt.Key.Key_Escape and not self.rows.filter.everything:
            self._clear_filter()
        else:
            super().keyPressEvent(event)

    def _set_up(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        line = QFrame()
        line.setFrameShape(QFrame.Shape.HLine)
        line.setFixedHeight(1)
        line.setForegroundRole(line.palette().ColorRole.Mid)
        line.setFrameShadow(QFrame.Shadow.Plain)
        for widget in (self.toolbar, line, self.view):
            column.addWidget(widget)
        self.setFocusProxy(self.view)
        self.setAccessibleName(self.tr("Grid"))
        self.setMinimumWidth(30 * look.STEP)

    def _connect(self) -> None:
        view = self.view
        view.chosen.connect(lambda: self._tell(self.cell_chosen))
        view.opened.connect(lambda: self._tell(self.cell_opened))
        view.customContextMenuRequested.connect(self._cell_menu)
        view.tasks.customContextMenuRequested.connect(self._column_menu)
        view.names.customContextMenuRequested.connect(self._row_menu)
        view.tasks.shown_changed.connect(self._columns_changed)
        self.toolbar.changed.connect(self._filter)
        self.toolbar.field.left.connect(view.setFocus)
        self.toolbar.columns_menu.aboutToShow.connect(self._fill_columns)
        self.notice.clear_requested.connect(self._clear_filter)
        self.rows.rearranged.connect(self._refresh)

    def _tell(self, signal: SignalInstance) -> None:
        cell = self.current()
        if cell is not None:
            signal.emit(*cell)

    def _ids(self, row: int, column: int) -> tuple[str, str]:
        return self.model.documents[row].id, self.model.tasks[column].id

    def _stay(self, at: tuple[str, str] | None) -> None:
        """At the cell one was at, also after columns or rows were made anew."""
        if at is not None and self.current() != at:
            row, column = self.model.row_of(at[0]), self.model.column_of(at[1])
            shown = None if row is None else self.rows.shown_row(row)
            if shown is not None and column is not None:
                self.view.go(shown, column, quiet=True)
        self._refresh()

    def _filter(self) -> None:
        asked = self.toolbar.filter()
        if asked != self.rows.filter:
            self.rows.set_filter(asked)
            self.filter_changed.emit()

    def _clear_filter(self) -> None:
        self.toolbar.clear()
        self._filter()
        self.view.setFocus()

    def _refresh(self) -> None:
        self._count()
        if not self.model.documents:
            lack = Lack.DOCUMENTS
        elif not self.rows.rowCount():
            lack = Lack.MATCHES
        elif not self.model.reviewed:
            lack = Lack.FINDINGS
        else:
            lack = Lack.NONE
        if lack is not self.notice.lack:
            self.notice.show_lack(lack)
        else:
            self.notice.place()

    def _count(self) -> None:
        counts = self.model.counts
        found = sum(counts[state] for state in FOUND)
        parts = [
            text.format(f"{count:,}")
            for text, count in (
                (self.tr("{} found"), found),
                (self.tr("{} absent"), counts[CellState.ABSENT]),
                (self.tr("{} not sure"), counts[CellState.ABSTAINED]),
                (self.tr("{} failed"), counts[CellState.FAILED]),
            )
            if count
        ]
        self.toolbar.show_counts(self.rows.rowCount(), len(self.model.documents), parts)

    def _columns_changed(self) -> None:
        if not self._laying_out:
            self.rows.set_columns(self.view.tasks.shown_columns())

    def _fill_columns(self) -> None:
        menu, header = self.toolbar.columns_menu, self.view.tasks
        menu.clear()
        for place in range(header.count()):
            column = header.logicalIndex(place)
            action = menu.addAction(self.model.tasks[column].title)
            action.setCheckable(True)
            action.setChecked(not header.isSectionHidden(column))
            action.toggled.connect(partial(header.show_or_hide, column))
        menu.addSeparator()
        menu.addAction(self.tr("Show all, in the first order and widths"), self._reset_columns)

    def _reset_columns(self) -> None:
        self._layout = replace(
            self._layout_now(), order=(), hidden=(), widths={}, document_width=DOCUMENT_WIDTH
        )
        self.view.names.set_width(DOCUMENT_WIDTH)
        self._lay_out()

    def _layout_now(self) -> GridLayout:
        """As it is; of tasks that are not here now, as it was."""
        header, tasks, was = self.view.tasks, self.model.tasks, self._layout
        here = {task.id for task in tasks}
        order = [tasks[header.logicalIndex(place)].id for place in range(len(tasks))]
        hidden = [task.id for column, task in enumerate(tasks) if header.isSectionHidden(column)]
        widths = {task.id: header.width_of(column) for column, task in enumerate(tasks)}
        return GridLayout(
            order=(*order, *(task for task in was.order if task not in here)),
            hidden=(*hidden, *(task for task in was.hidden if task not in here)),
            widths={**was.widths, **widths},
            document_width=self.view.names.width_wanted,
            sorted_by=self._sorted_by() if tasks else was.sorted_by,
            descending=self.rows.descending if tasks else was.descending,
            undecided=self.toolbar.undecided.isChecked(),
            states=tuple(state.name for state in self.toolbar.ticked()),
        )

    def _sorted_by(self) -> str | None:
        by = self.rows.sorted_by
        if by is None or by == DOCUMENT:
            return None if by is None else DOCUMENTS
        return self.model.tasks[by].id

    def _lay_out(self) -> None:
        """Columns as remembered; new ones stand where the pack has them, behind the known."""
        layout, header = self._layout, self.view.tasks
        place = {task: at for at, task in enumerate(layout.order)}
        tasks = list(enumerate(self.model.tasks))
        wanted = sorted(tasks, key=lambda item: place.get(item[1].id, len(place) + item[0]))
        self._laying_out = True
        for at, (column, task) in enumerate(wanted):
            header.moveSection(header.visualIndex(column), at)
            header.resizeSection(column, layout.widths.get(task.id, COLUMN_WIDTH))
            header.setSectionHidden(column, task.id in layout.hidden)
        self._laying_out = False
        self._columns_changed()
        column = self.model.column_of(layout.sorted_by or "")
        key = DOCUMENT if layout.sorted_by == DOCUMENTS else column
        if key != self.rows.sorted_by or layout.descending != self.rows.descending:
            self.view.sort(key, layout.descending)

    def _cell_menu(self, at: QPoint) -> None:
        self._open(self._menus.for_cell(at), self.view.viewport().mapToGlobal(at))

    def _column_menu(self, at: QPoint) -> None:
        header = self.view.tasks
        column = header.logicalIndexAt(at)
        if column >= 0:
            self._open(self._menus.for_column(column), header.viewport().mapToGlobal(at))

    def _row_menu(self, at: QPoint) -> None:
        header = self.view.names
        row = header.logicalIndexAt(at)
        if row >= 0:
            self._open(self._menus.for_row(row), header.viewport().mapToGlobal(at))

    def _open(self, menu: QMenu | None, at: QPoint) -> None:
        if menu is not None:
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(at)
