"""Paints a cell: the state's shape, the value, hairlines. Nothing is made anew while it paints."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QTableView

from app.desktop import look
from app.desktop.grid_cells import FOUND, CellState, status_word, value_text
from app.desktop.grid_look import EDGE, GridLook
from app.desktop.library_words import why

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from app.desktop.grid_filter import GridRows
    from app.domain.finding import Outcome

ROW_HEIGHT = look.STEP * 9 // 2
_MARGIN = look.STEP
_GAP = look.STEP * 3 // 4
_RING = 2


class CellDelegate(QStyledItemDelegate):
    """Reads the rows directly: ``index.data()`` would wrap and unwrap every value on its way."""

    def __init__(self, rows: GridRows, view: QTableView) -> None:
        super().__init__(view)
        self._rows = rows
        self._view = view
        self._look: GridLook | None = None

    @property
    def look(self) -> GridLook:
        """Colours and shapes in force."""
        if self._look is None:
            self._look = GridLook(self._view.font(), self._view.devicePixelRatioF())
        return self._look

    def forget_look(self) -> None:
        """The palette, the font or the screen changed."""
        self._look = None

    def sizeHint(  # noqa: D102, N802
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(look.STEP * 18, ROW_HEIGHT)

    def paint(  # noqa: D102
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        rows, held = self._rows, self._look or self.look
        row, column = rows.source_row(index.row()), index.column()
        cell = option.rect
        x, y, width, height = cell.x(), cell.y(), cell.width(), cell.height()
        selected = self._view.selectionModel().isSelected(index)
        document = rows.source.documents[row]
        if selected:
            painter.fillRect(x, y, width, height, held.selected)
        painter.fillRect(x, y + height - 1, width, 1, held.border)
        state = rows.source.states[row][column]
        if not document.state.readable and state == CellState.EMPTY:
            self._paint_reason(painter, cell, why(document))
        else:
            painter.fillRect(x + width - 1, y, 1, height, held.border)
            if state != CellState.EMPTY:
                self._paint_value(painter, x, y, width, height, state, rows.source.outcome_at(row, column))
        if index == self._view.currentIndex():
            self._paint_ring(painter, cell)

    def _paint_value(
        self,
        painter: QPainter,
        x: int,
        y: int,
        width: int,
        height: int,
        state: int,
        outcome: Outcome | None,
    ) -> None:
        held = self.look
        asked = self._rows.filter.states
        faded = asked is not None and state not in asked
        shape = (held.faded if faded else held.shapes)[state]
        left = x + _MARGIN
        if shape is not None:
            painter.drawPixmap(left, y + (height - EDGE) // 2, shape)
            left += EDGE + _GAP
        text = held.words[state] if outcome is None else _text(held, state, outcome)
        pen = held.muted if faded else held.pens[state]
        painter.setPen(pen)
        laid_out = held.lines.line(text, x + width - _MARGIN - left)
        painter.drawStaticText(left, y + (height - held.text_height) // 2, laid_out)
        if state == CellState.REJECTED:
            # by hand: a laid-out text draws its font's own line in the wrong place
            painter.fillRect(left, y + height // 2, math.ceil(laid_out.size().width()), 1, pen)

    def _paint_reason(self, painter: QPainter, cell: QRect, reason: str) -> None:
        """Each cell paints its piece of one line that runs across what is seen of the row: no spans."""
        held, header = self.look, self._view.horizontalHeader()
        seen = min(header.length() - header.offset(), self._view.viewport().width())
        painter.save()
        painter.setClipRect(cell)
        painter.setPen(held.muted)
        text = held.lines.line(reason, max(seen - 2 * _MARGIN, 0))
        painter.drawStaticText(_MARGIN, cell.y() + (cell.height() - held.text_height) // 2, text)
        painter.restore()

    def _paint_ring(self, painter: QPainter, cell: QRect) -> None:
        x, y, width, height = cell.x(), cell.y(), cell.width(), cell.height()
        accent = self.look.accent
        painter.fillRect(x, y, width, _RING, accent)
        painter.fillRect(x, y + height - _RING, width, _RING, accent)
        painter.fillRect(x, y, _RING, height, accent)
        painter.fillRect(x + width - _RING, y, _RING, height, accent)


def _text(held: GridLook, state: int, outcome: Outcome) -> str:
    if state in FOUND:
        return value_text(outcome) or status_word(outcome.finding.status)
    return held.words[state]
