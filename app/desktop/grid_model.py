"""Documents × tasks as an item model: rows of outcomes that are kept where the caller has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.desktop import words
from app.desktop.grid_cells import (
    FOUND,
    CellState,
    cell_state,
    outcome_state,
    plain_tip,
    shown_text,
    sort_group,
    sort_key,
    spoken,
    state_word,
)
from app.desktop.grid_changes import CellRect, rectangles
from app.desktop.library_words import state_sign, why

if TYPE_CHECKING:
    from app.domain.finding import Outcome
    from app.domain.text import Document

AnyIndex = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_MAY_WAIT = (CellState.EMPTY, CellState.FAILED, CellState.READING)


class GridRole(IntEnum):
    """What ``data()`` gives besides Qt's own roles."""

    STATUS = Qt.ItemDataRole.UserRole
    CONFIDENCE = Qt.ItemDataRole.UserRole + 1
    OUTCOME = Qt.ItemDataRole.UserRole + 2
    SORT = Qt.ItemDataRole.UserRole + 3
    DOCUMENT = Qt.ItemDataRole.UserRole + 4
    TASK = Qt.ItemDataRole.UserRole + 5


class TaskColumn(NamedTuple):
    """A task as the grid knows it."""

    id: str
    title: str


class GridModel(QAbstractTableModel):
    """Rows are documents in the order given (their names are the vertical header), columns are tasks.

    Python code reads cells through ``outcome_at`` and its neighbours: ``data()`` is for Qt.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.documents: list[Document] = []
        self.tasks: list[TaskColumn] = []
        self.states: list[bytearray] = []
        """By row a byte per column, a ``CellState`` each; read only."""
        self.counts: list[int] = [0] * len(CellState)
        """How many cells are in each state."""
        self._cells: list[list[Outcome | None]] = []
        self._rows: dict[str, int] = {}
        self._columns: dict[str, int] = {}
        self._copies: Mapping[str, str] = {}

    def set_documents(self, documents: Sequence[Document]) -> None:
        """Rows at the end are added in place, as while files are read in; anything else is a reset.

        Outcomes of documents that stay are kept.
        """
        held = [document.id for document in self.documents]
        if [document.id for document in documents[: len(held)]] == held:
            self._renew(documents[: len(held)])
            self._append_rows(documents[len(held) :])
        else:
            self._rebuild(list(documents), self.tasks)

    def set_tasks(self, tasks: Sequence[tuple[str, str]]) -> None:
        """Columns by (id, title). Columns at the end are added in place; anything else is a reset."""
        columns = [TaskColumn(*task) for task in tasks]
        held = len(self.tasks)
        if columns[:held] != self.tasks:
            self._rebuild(self.documents, columns)
        elif len(columns) > held:
            self.beginInsertColumns(_ROOT, held, len(columns) - 1)
            self._widen(columns)
            self.endInsertColumns()

    def set_outcomes(self, outcomes: Iterable[Outcome]) -> None:
        """These and no others; those of documents or tasks that are not shown are left out.

        Nothing is reset: who looks at a cell goes on looking at it.
        """
        fresh: list[list[Outcome | None]] = [[None] * len(self.tasks) for _ in self.documents]
        rows, columns = self._rows, self._columns
        for outcome in outcomes:
            finding = outcome.finding
            row, column = rows.get(finding.document), columns.get(finding.task)
            if row is not None and column is not None:
                fresh[row][column] = outcome
        held, self._cells = self._cells, fresh
        changed = [row for row, cells in enumerate(fresh) if cells != held[row]]
        for row in changed:
            self._take_states(row, held[row])
        self._tell_rows(changed)

    def update_outcomes(self, outcomes: Iterable[Outcome]) -> None:
        """New or changed ones; costs, and tells views of, only what changed."""
        changed: list[tuple[int, int]] = []
        for outcome in outcomes:
            finding = outcome.finding
            row, column = self._rows.get(finding.document), self._columns.get(finding.task)
            if row is not None and column is not None:
                self._cells[row][column] = outcome
                self._put_state(row, column, cell_state(outcome))
                changed.append((row, column))
        for part in rectangles(changed):
            self._tell(part)

    def set_pending(self, pairs: Iterable[tuple[str, str]]) -> None:
        """The (document, task) pairs that wait to be read; those before do not any more.

        Such a cell says so while it has nothing else to show, or something that failed.
        """
        wanted: dict[int, bytearray] = {}
        width, rows, columns = len(self.tasks), self._rows, self._columns
        for document, task in pairs:
            row, column = rows.get(document), columns.get(task)
            if row is not None and column is not None:
                if row not in wanted:
                    wanted[row] = bytearray(width)
                wanted[row][column] = 1
        none = bytes(width)
        self._tell_rows([row for row in range(len(self.states)) if self._wait(row, wanted.get(row, none))])

    def set_copies(self, copies: Mapping[str, str]) -> None:
        """By document that is a copy of another: what it is a copy of, in words."""
        held, self._copies = self._copies, copies
        changed = [document for document in {*held, *copies} if held.get(document) != copies.get(document)]
        for part in rectangles((self._rows[document], 0) for document in changed if document in self._rows):
            self.headerDataChanged.emit(Qt.Orientation.Vertical, part.top, part.bottom)

    def copy_at(self, row: int) -> str:
        """Of what the document is a copy; empty for most."""
        return self._copies.get(self.documents[row].id, "")

    def row_of(self, document: str) -> int | None:
        """None for a document that is not in the grid."""
        return self._rows.get(document)

    def column_of(self, task: str) -> int | None:
        """None for a task that is not in the grid."""
        return self._columns.get(task)

    def outcome_at(self, row: int, column: int) -> Outcome | None:
        """What the caller gave for this cell."""
        return self._cells[row][column]

    def outcomes_in(self, row: int) -> Sequence[Outcome | None]:
        """A whole row; read only."""
        return self._cells[row]

    def title(self, row: int) -> str:
        """A document's name without the ending of its file."""
        return document_title(self.documents[row].name)

    @property
    def reviewed(self) -> bool:
        """Whether there is anything in the cells."""
        return sum(self.counts[CellState.READING :]) > 0

    def rowCount(self, parent: AnyIndex = _ROOT) -> int:  # noqa: D102, N802
        return 0 if parent.isValid() else len(self.documents)

    def columnCount(self, parent: AnyIndex = _ROOT) -> int:  # noqa: D102, N802
        return 0 if parent.isValid() else len(self.tasks)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: D102
        return self.cell_data(index.row(), index.column(), role) if index.isValid() else None

    def headerData(  # noqa: D102, N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Vertical:
            return self.row_header(section, role) if 0 <= section < len(self.documents) else None
        if not 0 <= section < len(self.tasks):
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.tasks[section].title
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self.tasks[section].title, self.tr("Click to sort, drag to move"))
        return None

    def row_header(self, row: int, role: int) -> Any:
        """What a document's name is and says."""
        document = self.documents[row]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.title(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(document.name, self.copy_at(row), why(document))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(filter(None, (document.name, self.copy_at(row), why(document))))
        return None

    def cell_data(self, row: int, column: int, role: int) -> Any:
        """``data()`` without an index, for models that show these rows in another order."""
        outcome = self._cells[row][column]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, outcome, self.states[row][column])
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tooltip(row, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(row, column)
        if role == GridRole.OUTCOME:
            return outcome
        if role == GridRole.STATUS:
            return outcome_state(self.states[row][column])
        if role == GridRole.CONFIDENCE:
            return None if outcome is None else outcome.finding.confidence
        if role == GridRole.SORT:
            return (sort_group(self.states[row][column]), *sort_key(outcome))
        if role == GridRole.DOCUMENT:
            return self.documents[row].id
        return self.tasks[column].id if role == GridRole.TASK else None

    def _text(self, row: int, outcome: Outcome | None, state: int) -> str:
        if state == CellState.READING:
            return state_word(state)
        if outcome is not None:
            return shown_text(outcome)
        return "" if self.documents[row].state.readable else why(self.documents[row])

    def _spoken(self, row: int, column: int) -> str:
        document = self.documents[row]
        text = spoken(
            self.tasks[column].title, self.title(row), self._cells[row][column], self.states[row][column]
        )
        if document.state.readable:
            return text
        return f"{document.name}: {state_sign(document.state).word}, {why(document)}"

    def _tooltip(self, row: int, column: int) -> str:
        outcome, state = self._cells[row][column], self.states[row][column]
        if outcome is None:
            return plain_tip(self._text(row, None, state))
        finding, decision = outcome.finding, outcome.decision
        sure = f"{state_word(state)} · {words.confidence(finding)}" if state in FOUND else ""
        note = (decision.note or "") if decision is not None else ""
        return plain_tip(shown_text(outcome), sure, finding.reason or "", note)

    def _renew(self, documents: Sequence[Document]) -> None:
        for row, document in enumerate(documents):
            held = self.documents[row]
            if document is not held and document != held:
                self.documents[row] = document
                self.headerDataChanged.emit(Qt.Orientation.Vertical, row, row)
                self._tell_rows([row])

    def _append_rows(self, documents: Sequence[Document]) -> None:
        if documents:
            first = len(self.documents)
            self.beginInsertRows(_ROOT, first, first + len(documents) - 1)
            self.documents.extend(documents)
            self._lengthen()
            self.endInsertRows()

    def _lengthen(self) -> None:
        columns = len(self.tasks)
        for row in range(len(self._cells), len(self.documents)):
            self._rows[self.documents[row].id] = row
            self._cells.append([None] * columns)
            self.states.append(bytearray(columns))
            self.counts[CellState.EMPTY] += columns

    def _widen(self, columns: list[TaskColumn]) -> None:
        more = len(columns) - len(self.tasks)
        self.tasks = columns
        self._columns = {task.id: column for column, task in enumerate(columns)}
        for cells, states in zip(self._cells, self.states, strict=True):
            cells.extend([None] * more)
            states.extend(bytes(more))
        self.counts[CellState.EMPTY] += more * len(self._cells)

    def _rebuild(self, documents: list[Document], columns: list[TaskColumn]) -> None:
        kept = [outcome for row in self._cells for outcome in row if outcome is not None]
        waiting = [
            (self.documents[row].id, self.tasks[column].id)
            for row, states in enumerate(self.states)
            for column, state in enumerate(states)
            if state == CellState.READING
        ]
        self.beginResetModel()
        self.documents, self.tasks = list(documents), columns
        self._columns = {task.id: column for column, task in enumerate(columns)}
        self._cells, self.states, self._rows = [], [], {}
        self.counts = [0] * len(CellState)
        self._lengthen()
        self.endResetModel()
        self.set_outcomes(kept)
        self.set_pending(waiting)

    def _take_states(self, row: int, before: list[Outcome | None]) -> None:
        """Of a row's cells that are not what they were ``before``; the others may wait on."""
        self._put_states(
            row,
            [
                state if outcome is held else CellState.EMPTY if outcome is None else cell_state(outcome)
                for outcome, held, state in zip(self._cells[row], before, self.states[row], strict=True)
            ],
        )

    def _wait(self, row: int, wanted: bytes | bytearray) -> bool:
        """Whether any cell of the row begins or ceases to wait."""
        held = self.states[row]
        if 1 not in wanted and CellState.READING not in held:
            return False
        states = [
            (CellState.READING if waits else self._settled(row, column)) if state in _MAY_WAIT else state
            for column, (state, waits) in enumerate(zip(held, wanted, strict=True))
        ]
        return self._put_states(row, states)

    def _settled(self, row: int, column: int) -> CellState:
        outcome = self._cells[row][column]
        return CellState.EMPTY if outcome is None else cell_state(outcome)

    def _put_state(self, row: int, column: int, state: int) -> None:
        states = self.states[row]
        self.counts[states[column]] -= 1
        self.counts[state] += 1
        states[column] = state

    def _put_states(self, row: int, states: list[int]) -> bool:
        """A whole row's; whether any is another than before."""
        held, made = self.states[row], bytearray(states)
        if made == held:
            return False
        for state in range(len(CellState)):
            self.counts[state] += made.count(state) - held.count(state)
        self.states[row] = made
        return True

    def _tell_rows(self, rows: Iterable[int]) -> None:
        if self.tasks:
            for part in rectangles((row, 0) for row in rows):
                self._tell(part._replace(right=len(self.tasks) - 1))

    def _tell(self, part: CellRect) -> None:
        self.dataChanged.emit(self.index(part.top, part.left), self.index(part.bottom, part.right))


def document_title(name: str) -> str:
    """``name`` without a file's ending."""
    stem, dot, ending = name.rpartition(".")
    return stem if dot and stem and 0 < len(ending) <= 5 and ending.isalnum() else name
