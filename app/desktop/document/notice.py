"""What stands where a document would, if there is none to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.desktop import look
from app.domain.kinds import DocumentState

if TYPE_CHECKING:
    from app.domain.text import Document

_ICON = 4 * look.STEP


class Notice(QWidget):
    """An icon, one sentence, and what to do."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = ("file-text", "muted")
        self._icon = QLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.sentence = self._line()
        self.sentence.setFont(look.font(1, bold=True))
        self.hint = look.muted(self._line())
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * look.STEP, 3 * look.STEP, 3 * look.STEP, 3 * look.STEP)
        column.setSpacing(look.STEP)
        column.addStretch(2)
        for widget in (self._icon, self.sentence, self.hint):
            column.addWidget(widget)
        column.addStretch(3)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.show_nothing()

    def show_nothing(self) -> None:
        """Nothing is open."""
        self._show("file-text", "muted", self.tr("Choose a document"), "")

    def show_loading(self, name: str) -> None:
        """It is on its way."""
        self._show("hourglass", "muted", self.tr("Opening {}…").format(name), "")

    def show_unreadable(self, name: str) -> None:
        """Its words cannot be had any more."""
        sentence = self.tr("{} cannot be read any more.").format(name)
        self._show("circle-x", "bad", sentence, self.tr("Open the matter again."))

    def show_state(self, document: Document) -> None:
        """Why there is nothing to read in it, and what to do."""
        icon, tint, hint = self._ways()[document.state]
        self._show(icon, tint, document.reason or self.tr("This document has no pages to show."), hint)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """The icon takes the colours in force."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "hint"):
            self._tint()

    def _ways(self) -> dict[DocumentState, tuple[str, str, str]]:
        again = self.tr("Ask for the file again and add it in its place.")
        return {
            DocumentState.READY: ("file-text", "muted", ""),
            DocumentState.PARTIAL: ("file-text", "muted", ""),
            DocumentState.LOCKED: (
                "lock", "warning", self.tr("Press Enter in the library to type its password."),
            ),
            DocumentState.NO_TEXT: (
                "image", "warning", self.tr("A better scan may help."),
            ),
            DocumentState.DAMAGED: ("circle-x", "bad", again),
            DocumentState.TOO_LARGE: (
                "triangle-alert", "warning", self.tr("Split the file and add its parts."),
            ),
            DocumentState.UNSUPPORTED: ("ban", "warning", self.tr("Save it as PDF or DOCX and add that.")),
            DocumentState.REFUSED: ("ban", "bad", self.tr("Ask those who manage this machine.")),
        }  # fmt: skip

    def _line(self) -> QLabel:
        label = QLabel()
        label.setWordWrap(True)
        label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label

    def _show(self, icon: str, tint: str, sentence: str, hint: str) -> None:
        self._shown = (icon, tint)
        self.sentence.setText(sentence)
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        self.setAccessibleName(f"{sentence} {hint}".strip())
        self._tint()

    def _tint(self) -> None:
        icon, tint = self._shown
        self._icon.setPixmap(look.icon(icon, tint).pixmap(QSize(_ICON, _ICON), self.devicePixelRatioF()))
