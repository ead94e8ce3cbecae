"""The cost table as Qt's views and as a file for chargeback take it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QDate,
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QFont

from app.desktop import figures, look
from app.domain.kinds import OutcomeState

if TYPE_CHECKING:
    from app.wiring import CostRow, CostTable

Index = QModelIndex | QPersistentModelIndex
_NONE = QModelIndex()
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_DECIDED = (OutcomeState.ACCEPTED, OutcomeState.EDITED, OutcomeState.REJECTED)
_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")


@dataclass(frozen=True)
class Bar:
    """What one accepted finding of a task cost; what went into rejects is apart from the other two."""

    title: str
    machine: float
    analyst: float
    rejects: float
    accepted: int

    @property
    def whole(self) -> float:
        """All three together."""
        return self.machine + self.analyst + self.rejects


@dataclass(frozen=True)
class _Column:
    title: str
    tip: str
    text: Callable[[CostRow, str], str]
    order: Callable[[CostRow], float]


def accepted(row: CostRow) -> int:
    """Accepted as they were, or after an edit."""
    return row.outcomes[OutcomeState.ACCEPTED] + row.outcomes[OutcomeState.EDITED]


def decided(row: CostRow) -> int:
    """Findings that an analyst looked at and decided."""
    return sum(row.outcomes[state] for state in _DECIDED)


def outcomes(row: CostRow) -> int:
    """All findings, whatever came of them."""
    return sum(row.outcomes.values())


def row_title(table: CostTable, row: CostRow, titles: Mapping[str, str]) -> str:
    """As a person reads it: a task's or a pack's title, a document's name, "November 2026"."""
    if row.key in titles:
        return titles[row.key]
    if table.by == "month":
        day = QDate.fromString(row.key, "yyyy-MM")
        return QLocale().toString(day, "MMMM yyyy") if day.isValid() else row.title
    if table.by == "document" or " " in row.title:
        return row.title
    return row.title.replace("-", " ").capitalize()


def bars_of(table: CostTable, titles: Mapping[str, str]) -> tuple[Bar, ...]:
    """Cheapest first; rows without an accepted finding have no such cost."""
    bars = (
        Bar(
            title=row_title(table, row, titles),
            machine=(row.machine - row.rejects.machine) / n,
            analyst=(row.analyst - row.rejects.analyst) / n,
            rejects=row.rejects.actual / n,
            accepted=n,
        )
        for row in table.rows
        if (n := accepted(row))
    )
    return tuple(sorted(bars, key=lambda bar: bar.whole))


def _tr(text: str) -> str:
    return QCoreApplication.translate("CostsModel", text)


def _columns() -> tuple[_Column, ...]:
    money, none = figures.money, figures.NOTHING
    quoted = _tr("Machine money that the quotes before the runs named for these findings")
    together = _tr("Machine and analyst")
    per = _tr("Machine and analyst, rejects and all, divided by the accepted findings")
    return (
        _Column(_tr("findings"), _tr("Whatever came of them"),
                lambda row, _: figures.count(outcomes(row)), outcomes),
        _Column(_tr("accepted"), _tr("As they were, or after an edit"),
                lambda row, _: figures.count(accepted(row)), accepted),
        _Column(_tr("quoted"), quoted, lambda row, c: none if row.quoted is None else money(row.quoted, c),
                lambda row: -1.0 if row.quoted is None else row.quoted),
        _Column(_tr("machine"), _tr("Hardware and energy"),
                lambda row, c: money(row.machine, c), lambda row: row.machine),
        _Column(_tr("analyst"), _tr("Active time with the findings"),
                lambda row, c: money(row.analyst, c), lambda row: row.analyst),
        _Column(_tr("together"), together, lambda row, c: money(row.actual, c), lambda row: row.actual),
        _Column(_tr("on rejects"), _tr("The part of it that went into rejected, unsure and failed findings"),
                lambda row, c: money(row.rejects.actual, c), lambda row: row.rejects.actual),
        _Column(_tr("per accepted"), per,
                lambda row, c: none if row.per_accepted is None else money(row.per_accepted, c),
                lambda row: -1.0 if row.per_accepted is None else row.per_accepted),
    )  # fmt: skip


class CostsModel(QAbstractTableModel):
    """Rows of one cost table; the total stays last however they are sorted."""

    def __init__(self) -> None:
        super().__init__()
        self._columns = _columns()
        self._table: CostTable | None = None
        self._titles: Mapping[str, str] = {}
        self._rows: list[CostRow] = []
        self._sorted: tuple[int, Qt.SortOrder] = (-1, Qt.SortOrder.AscendingOrder)

    def show_table(self, table: CostTable, titles: Mapping[str, str]) -> None:
        """In place of the one before, sorted as that was."""
        self.beginResetModel()
        self._table, self._titles = table, titles
        self._rows = self._in_order()
        self.endResetModel()

    def rowCount(self, parent: Index = _NONE) -> int:  # noqa: N802 - Qt's name
        """Rows and, where there are any, their total."""
        return 0 if parent.isValid() or not self._rows else len(self._rows) + 1

    def columnCount(self, parent: Index = _NONE) -> int:  # noqa: N802 - Qt's name
        """The title's and the figures'."""
        return 0 if parent.isValid() else len(self._columns) + 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Text, tip, alignment and font of a cell."""
        if not index.isValid() or self._table is None:
            return None
        row, column = self._row(self._table, index.row()), index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column else _LEFT
        if role == Qt.ItemDataRole.FontRole:
            return _figures_font(bold=row is self._table.total)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._columns[column - 1].tip if column else self._title(self._table, row)
        if role == Qt.ItemDataRole.DisplayRole:
            if not column:
                return self._title(self._table, row)
            return self._columns[column - 1].text(row, self._table.currency)
        return None

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Titles of the columns."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section <= len(self._columns):
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if section else _LEFT
        if role == Qt.ItemDataRole.ToolTipRole:
            sort = self.tr("Alt+Up and Alt+Down sort.")
            return f"{self._columns[section - 1].tip}. {sort}" if section else sort
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section - 1].title if section else self._first()
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By a column's figure; column -1 is the table's own order."""
        if self._table is None:
            return
        before = [(index, self._row(self._table, index.row()).key) for index in self.persistentIndexList()]
        self.layoutAboutToBeChanged.emit()
        self._sorted = (column, order)
        self._rows = self._in_order()
        places = {row.key: place for place, row in enumerate(self._rows)}
        for index, key in before:
            place = places.get(key, len(self._rows))
            self.changePersistentIndex(index, self.index(place, index.column()))
        self.layoutChanged.emit()

    def _row(self, table: CostTable, place: int) -> CostRow:
        return self._rows[place] if place < len(self._rows) else table.total

    def _title(self, table: CostTable, row: CostRow) -> str:
        return self.tr("total") if row is table.total else row_title(table, row, self._titles)

    def _first(self) -> str:
        return {
            "document": self.tr("document"), "task": self.tr("task"),
            "pack": self.tr("pack"), "month": self.tr("month"),
        }.get(self._table.by if self._table else "", "")  # fmt: skip

    def _in_order(self) -> list[CostRow]:
        (column, order), table = self._sorted, self._table
        if table is None or column < 0:
            return list(table.rows) if table else []
        by = self._columns[column - 1].order if column else partial(_name, table, self._titles)
        return sorted(table.rows, key=by, reverse=order == Qt.SortOrder.DescendingOrder)


def _name(table: CostTable, titles: Mapping[str, str], row: CostRow) -> float | str:
    """What rows are sorted by in the first column: months as they pass, all else by its title."""
    return row.key if table.by == "month" else row_title(table, row, titles).casefold()


def _figures_font(bold: bool) -> QFont:
    made = look.font(bold=bold)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


def costs_csv(table: CostTable) -> bytes:
    """One row each, then the total: RFC 4180 with a byte order mark, figures unrounded.

    Text that a spreadsheet would take for a formula is made plain with an apostrophe (OWASP, CSV
    injection); figures are written by us and stay figures.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    states = [state.value for state in OutcomeState]
    writer.writerow([
        table.by, "findings", *states, "machine hours", "kWh", "energy", "currency", "quoted machine cost",
        "machine cost", "analyst hours", "analyst cost", "cost together", "cost per accepted finding",
        "machine cost of rejects", "analyst cost of rejects", "cost of rejects together",
    ])  # fmt: skip
    for row in (*table.rows, table.total):
        writer.writerow([
            _plain(row.title), outcomes(row), *(row.outcomes[state] for state in OutcomeState),
            row.machine_seconds / 3600, row.kwh, row.energy, _plain(table.currency), row.quoted,
            row.machine, row.analyst_seconds / 3600, row.analyst, row.actual, row.per_accepted,
            row.rejects.machine, row.rejects.analyst, row.rejects.actual,
        ])  # fmt: skip
    return out.getvalue().encode("utf-8-sig")


def _plain(text: str) -> str:
    starts = text.startswith(_FORMULA_STARTS) or text.lstrip().startswith(_FORMULA_STARTS)
    return f"'{text}" if starts else text
