"""What the grid is painted with, made once per palette: colours, fonts, shapes of the states, texts."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFont,
    QGuiApplication,
    QPainter,
    QPen,
    QPixmap,
    QPolygonF,
)

from app.desktop import look
from app.desktop.grid_cells import CellState, state_word
from app.desktop.grid_lines import LineCache

EDGE = 16
"""A shape's width and height in device-independent pixels."""

_LETTERS = {CellState.ABSTAINED: "?", CellState.FAILED: "!"}
_ICONS = {CellState.EDITED: "pencil", CellState.REJECTED: "x"}
_TINTS = {
    CellState.UNDECIDED: "found",
    CellState.ACCEPTED: "good",
    CellState.EDITED: "good",
    CellState.REJECTED: "muted",
    CellState.ABSENT: "muted",
    CellState.ABSTAINED: "warning",
    CellState.FAILED: "bad",
}
_MUTED = frozenset({CellState.READING, CellState.REJECTED, CellState.ABSENT})


def state_shape(state: CellState, tint: str, ratio: float) -> QPixmap:
    """A state's shape, ● ✓ ✎ ✕ – ? or !, in a colour by its name. ``ratio`` is the screen's."""
    picture = QPixmap(QSize(EDGE, EDGE) * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _draw(painter, state, tint)
    painter.end()
    return picture


def _draw(painter: QPainter, state: CellState, tint_name: str) -> None:
    tint = look.colour(tint_name)
    if state in _ICONS:
        look.icon(_ICONS[state], tint_name).paint(painter, QRect(1, 1, EDGE - 2, EDGE - 2))
        return
    pen = QPen(tint, 2.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    if state is CellState.UNDECIDED:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tint)
        painter.drawEllipse(QPointF(8, 8), 4.5, 4.5)
    elif state is CellState.ACCEPTED:
        painter.drawPolyline(QPolygonF([QPointF(3.5, 8.5), QPointF(6.5, 11.5), QPointF(12.5, 4.5)]))
    elif state is CellState.ABSENT:
        painter.setPen(QPen(tint, 1.5))
        painter.drawLine(QPointF(4.5, 8), QPointF(11.5, 8))
    elif state in _LETTERS:
        font = QFont(QGuiApplication.font())
        font.setBold(True)
        font.setPixelSize(14)
        painter.setFont(font)
        painter.drawText(QRectF(0, 0, EDGE, EDGE), Qt.AlignmentFlag.AlignCenter, _LETTERS[state])


class GridLook:
    """Valid for one palette, font and screen; make a new one when any of them changes."""

    def __init__(self, font: QFont, ratio: float) -> None:
        self.lines = LineCache(font, Qt.TextElideMode.ElideRight)
        self.text_height = self.lines.metrics.height()
        self.surface = look.colour("surface")
        self.ground = look.colour("window")
        self.border = look.colour("border")
        self.selected = look.colour("selected")
        self.accent = look.colour("accent")
        self.text = look.colour("text")
        self.muted = look.colour("muted")
        self.pens = [self.muted if state in _MUTED else self.text for state in CellState]
        self.words = [state_word(state) for state in CellState]
        self.shapes = [
            state_shape(state, _TINTS[state], ratio) if state in _TINTS else None for state in CellState
        ]
        self.faded = [state_shape(state, "muted", ratio) if state in _TINTS else None for state in CellState]
