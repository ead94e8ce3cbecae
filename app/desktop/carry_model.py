"""Decisions that would be carried to copies, as rows that can be unticked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt

from app.desktop.bulk_model import QUOTE, AnyIndex, BulkLine, BulkModel

if TYPE_CHECKING:
    from app.domain.finding import Decision


@dataclass(frozen=True)
class CarryLine(BulkLine):
    """``finding`` is the copy's; ``said`` tells the decision in words, its note names where it comes from."""

    decision: Decision
    said: str


class CarryModel(BulkModel):
    """One row a decision; all are ticked at first."""

    @property
    def documents(self) -> int:
        """How many documents those ticked are on."""
        ticked = set(self.ticked)
        return len({line.finding.document for line in self.lines if line.finding.id in ticked})

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: D102
        return None if role == Qt.ItemDataRole.DecorationRole else super().data(index, role)

    def headerData(  # noqa: D102, N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Vertical or role != Qt.ItemDataRole.DisplayRole:
            return None
        titles = (self.tr("Copy"), self.tr("Task"), self.tr("Decision"), self.tr("Quote"), self.tr("From"))
        return titles[section] if 0 <= section < len(titles) else None

    def _text(self, line: BulkLine, column: int) -> str:
        assert isinstance(line, CarryLine)
        return (line.document, line.task, line.said, line.quote, line.decision.note or "")[column]

    def _tint(self, column: int, ticked: bool) -> Any:
        return super()._tint(QUOTE if column > QUOTE else column, ticked)

    def _spoken(self, line: BulkLine, column: int, ticked: bool) -> str:
        if column:
            return self._text(line, column)
        assert isinstance(line, CarryLine)
        mark = self.tr("carried with the others") if ticked else self.tr("left undecided")
        return ", ".join((line.document, line.task, line.said, line.decision.note or "", mark))
