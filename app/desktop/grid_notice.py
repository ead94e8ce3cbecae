"""What the grid says while it has nothing to show, over the empty sheet."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QFrame, QTableView

from app.desktop import look
from app.desktop.buttons import ActionButton
from app.desktop.panels import Panel, TintedLabel, heading, note

_WIDTH = 46 * look.STEP


class Lack(Enum):
    """Why there is nothing in the grid."""

    NONE = "none"
    DOCUMENTS = "documents"
    FINDINGS = "findings"
    MATCHES = "matches"


class GridNotice(Panel):
    """Lies in the middle of what is free of the table, and goes when there is something to see."""

    clear_requested = Signal()

    def __init__(self, view: QTableView) -> None:
        super().__init__(parent=view.viewport())
        self._view = view
        self.lack = Lack.NONE
        self._sign = TintedLabel("table", "muted", 3 * look.STEP)
        self._title = heading("", 1.0)
        self._text = note()
        self._clear = ActionButton(self.tr("Clear the filter"), "x")
        look.named(self._clear, self.tr("Clear the filter"), key="Esc")
        self._set_up()
        view.viewport().installEventFilter(self)

    def show_lack(self, lack: Lack) -> None:
        """Say what is missing and what to do about it."""
        self.lack = lack
        title, text, sign = self._words(lack)
        self._title.setText(title)
        self._text.setText(text)
        self._sign.show_icon(sign, "muted")
        self._clear.setVisible(lack is Lack.MATCHES)
        self.setAccessibleName(f"{title}. {text}")
        self.setVisible(lack is not Lack.NONE)
        self.place()

    def place(self) -> None:
        """Under the last row if there is room, else in the middle."""
        if self.lack is Lack.NONE:
            return
        port = self._view.viewport().rect()
        self.setFixedWidth(min(_WIDTH, max(port.width() - 4 * look.STEP, 10 * look.STEP)))
        layout = self.layout()
        height = layout.heightForWidth(self.width()) if layout is not None else 0
        self.resize(self.width(), max(height, self.sizeHint().height()))
        used = min(self._view.verticalHeader().length(), port.height())
        free = port.height() - used
        top = used + (free - self.height()) // 3 if free > self.height() + 4 * look.STEP else 0
        middle = top or max((port.height() - self.height()) // 2, 0)
        self.move((port.width() - self.width()) // 2, middle)
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: D102, N802
        if event.type() is QEvent.Type.Resize:
            self.place()
        return False

    def _set_up(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.rows.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignHCenter)
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            self.rows.addWidget(label)
        self.rows.addWidget(self._clear, 0, Qt.AlignmentFlag.AlignHCenter)
        self._clear.clicked.connect(self.clear_requested)
        self.hide()

    def _words(self, lack: Lack) -> tuple[str, str, str]:
        match lack:
            case Lack.DOCUMENTS:
                return (
                    self.tr("No documents yet"),
                    self.tr("Drop files or folders into the library, or press Ctrl+O."),
                    "file-plus",
                )
            case Lack.FINDINGS:
                return (
                    self.tr("Ready to review"),
                    self.tr("Press Ctrl+Enter to review. Findings appear here as they are made."),
                    "list-checks",
                )
            case Lack.MATCHES:
                return (
                    self.tr("Nothing matches"),
                    self.tr("No document has what the filter asks for."),
                    "filter",
                )
            case Lack.NONE:
                return "", "", "table"
