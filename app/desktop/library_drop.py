"""Where files are dropped: the area under the list, the empty library, the frame while they are dragged."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.desktop import look
from app.desktop.buttons import ActionButton
from app.desktop.panels import TintedLabel, heading, note

_RADIUS = 6.0


def paths_in(dragged: QMimeData) -> list[Path]:
    """Files and folders of this computer, by name alone: nothing is looked at while dragging."""
    return [Path(url.toLocalFile()) for url in dragged.urls() if url.isLocalFile()]


def add_button(parent: QWidget) -> ActionButton:
    """ "Add…"."""
    button = ActionButton(parent.tr("Add…"), "plus")
    look.named(button, parent.tr("Add files"), key="Ctrl+O")
    return button


class DashedArea(QWidget):
    """A dashed frame; tinted while something that can be dropped is over it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hot = False

    def set_hot(self, hot: bool) -> None:
        """While files are dragged over the panel."""
        self._hot = hot
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102, N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.colour("accent" if self._hot else "border"), 1.5, Qt.PenStyle.DashLine))
        if self._hot:
            painter.setBrush(look.colour("selected"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), _RADIUS, _RADIUS)
        painter.end()


class DropArea(DashedArea):
    """At the foot of the library."""

    add_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(look.STEP, look.STEP, look.STEP, look.STEP)
        rows.setSpacing(look.STEP)
        label = look.muted(QLabel(self.tr("Drop files or folders")))
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.add = add_button(self)
        self.add.clicked.connect(self.add_requested)
        rows.addWidget(label)
        rows.addWidget(self.add, 0, Qt.AlignmentFlag.AlignHCenter)


class EmptyLibrary(DashedArea):
    """What a matter without documents offers."""

    add_requested = Signal()
    samples_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(look.STEP, 2 * look.STEP, look.STEP, 2 * look.STEP)
        rows.setSpacing(look.STEP)
        title = heading(self.tr("No documents yet"))
        text = note(self.tr("Drop files or folders here, or press Ctrl+O."))
        self.add = add_button(self)
        self.samples = ActionButton(self.tr("Open the sample contracts"))
        look.named(self.samples, self.tr("Open the sample contracts"))
        rows.addStretch(2)
        rows.addWidget(TintedLabel("file-plus", "muted", 3 * look.STEP), 0, Qt.AlignmentFlag.AlignHCenter)
        for label in (title, text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            rows.addWidget(label)
        rows.addSpacing(look.STEP)
        for button, signal in ((self.add, self.add_requested), (self.samples, self.samples_requested)):
            button.clicked.connect(signal)
            rows.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        rows.addStretch(3)
