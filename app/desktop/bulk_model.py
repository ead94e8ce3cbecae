"""The findings of a bulk decision as rows that can be unticked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from app.desktop import look
from app.desktop.grid_cells import plain_tip
from app.domain.listing import cited_items

if TYPE_CHECKING:
    from app.domain.finding import Finding

AnyIndex = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
DOCUMENT, TASK, VALUE, QUOTE, SEEN = range(5)


@dataclass(frozen=True)
class BulkLine:
    """A finding by its document's name and task's title; ``looked_at``: it stood alone on the card."""

    finding: Finding
    document: str
    task: str
    looked_at: bool

    @property
    def quote(self) -> str:
        """Every citation's words, or a list's items, on one line."""
        if items := cited_items(self.finding):
            return " · ".join(f"p. {cited.page} {item.line}" for item, cited in items)
        return " … ".join(" ".join(cited.quote.split()) for cited in self.finding.citations)


class BulkModel(QAbstractTableModel):
    """One row a finding; all are ticked at first."""

    ticked_changed = Signal()

    def __init__(self, lines: Sequence[BulkLine], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lines = tuple(lines)
        self._ticked = bytearray(b"\x01" * len(self.lines))

    @property
    def count(self) -> int:
        """How many are ticked."""
        return self._ticked.count(1)

    @property
    def unseen(self) -> int:
        """How many of those ticked were not looked at."""
        return sum(
            1 for line, ticked in zip(self.lines, self._ticked, strict=True) if ticked and not line.looked_at
        )

    @property
    def ticked(self) -> tuple[str, ...]:
        """Ids of the findings that are ticked."""
        return tuple(line.finding.id for line, ticked in zip(self.lines, self._ticked, strict=True) if ticked)

    def turn(self, row: int) -> None:
        """Untick it, or tick it again."""
        self._ticked[row] ^= 1
        self.dataChanged.emit(self.index(row, DOCUMENT), self.index(row, SEEN))
        self.ticked_changed.emit()

    def rowCount(self, parent: AnyIndex = _ROOT) -> int:  # noqa: D102, N802
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: AnyIndex = _ROOT) -> int:  # noqa: D102, N802
        return 0 if parent.isValid() else SEEN + 1

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:  # noqa: D102
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.column() == DOCUMENT else flags

    def headerData(  # noqa: D102, N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Vertical or role != Qt.ItemDataRole.DisplayRole:
            return None
        titles = (self.tr("Document"), self.tr("Task"), self.tr("Value"), self.tr("Quote"), "")
        return titles[section] if 0 <= section < len(titles) else None

    def setData(self, index: AnyIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: D102, N802
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid():
            return False
        if (Qt.CheckState(value) is Qt.CheckState.Checked) != bool(self._ticked[index.row()]):
            self.turn(index.row())
        return True

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: D102
        if not index.isValid():
            return None
        line, column = self.lines[index.row()], index.column()
        ticked = bool(self._ticked[index.row()])
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(line, column)
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(self._text(line, column))
            case Qt.ItemDataRole.CheckStateRole if column == DOCUMENT:
                return Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked
            case Qt.ItemDataRole.DecorationRole if column == SEEN and not line.looked_at:
                return look.icon("circle-dashed", "warning")
            case Qt.ItemDataRole.ForegroundRole:
                return self._tint(column, ticked)
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(line, column, ticked)
            case _:
                return None

    def _text(self, line: BulkLine, column: int) -> str:
        seen = "" if line.looked_at else self.tr("not looked at")
        return (line.document, line.task, line.finding.display, line.quote, seen)[column]

    def _tint(self, column: int, ticked: bool) -> Any:
        if column == SEEN:
            return look.colour("warning")
        return look.colour("text" if ticked and column != QUOTE else "muted")

    def _spoken(self, line: BulkLine, column: int, ticked: bool) -> str:
        if column != DOCUMENT:
            return self._text(line, column)
        mark = self.tr("accepted with the others") if ticked else self.tr("left undecided")
        seen = self._text(line, SEEN)
        said = (f"{line.task}: {line.finding.display}", line.document, seen, mark)
        return ", ".join(part for part in said if part)
