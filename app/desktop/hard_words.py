"""On the finding's card: how many of the cited words were hard to read in the page's picture."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.desktop import look
from app.desktop.panels import TintedLabel, note


class HardWords(QWidget):
    """There only while there are such words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = note()
        self.text.setForegroundRole(QPalette.ColorRole.Text)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.STEP)
        row.addWidget(TintedLabel("triangle-alert", "warning"), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.text, 1)
        self.show_count(0)

    def show_count(self, count: int) -> None:
        """Of words recognised with little confidence; 0 hides it."""
        if count == 1:
            self.text.setText(self.tr("One of these words was hard to read: check the picture."))
        else:
            said = self.tr("{} of these words were hard to read: check the picture.")
            self.text.setText(said.format(f"{count:,}"))
        self.setVisible(count > 0)
