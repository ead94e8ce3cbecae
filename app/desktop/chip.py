"""A small rounded label: a word on a tinted ground."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.desktop import look


class Chip(QWidget):
    """``tone`` is good, warning, bad or plain."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._tone = "plain"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_word(self, text: str, tone: str = "plain") -> None:
        """Empty text hides it."""
        self._text, self._tone = text, tone
        self.setAccessibleName(text)
        self.setVisible(bool(text))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """The word and its padding."""
        metrics = QFontMetrics(look.font(-1, bold=True))
        return QSize(metrics.horizontalAdvance(self._text) + 2 * look.STEP, metrics.height() + 6)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Ground, then word."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plain = self._tone == "plain"
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("selected" if plain else f"{self._tone}_ground"))
        box = QRectF(self.rect())
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        painter.setPen(look.colour("text" if plain else self._tone))
        painter.setFont(look.font(-1, bold=True))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._text)
