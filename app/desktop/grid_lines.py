"""Single lines of text, shortened and laid out once, drawn many times."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics, QStaticText, QTransform

_MOST = 6000


class LineCache:
    """For one font; ``mode`` says where a line that is too long is shortened."""

    def __init__(self, font: QFont, mode: Qt.TextElideMode) -> None:
        self.font = font
        self.metrics = QFontMetrics(font)
        self._mode = mode
        self._held: dict[tuple[str, int], QStaticText] = {}

    def line(self, text: str, width: int) -> QStaticText:
        """``text`` on one line of at most ``width`` pixels; never read as markup."""
        key = (text, width)
        held = self._held.get(key)
        if held is None:
            if len(self._held) >= _MOST:
                self._held.clear()
            line = self.metrics.elidedText(" ".join(text.split()), self._mode, width)
            held = self._held[key] = QStaticText(line)
            held.setTextFormat(Qt.TextFormat.PlainText)
            held.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
            held.prepare(QTransform(), self.font)
        return held
