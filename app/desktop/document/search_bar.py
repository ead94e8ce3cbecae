"""The line to search a document with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from app.desktop import look

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

_PAUSE_MILLISECONDS = 120


class SearchBar(QWidget):
    """Asks while one writes; Enter goes on, Shift+Enter back, Escape closes."""

    query_changed = Signal(str)
    next_wanted = Signal()
    previous_wanted = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = QLineEdit()
        self.field.setPlaceholderText(self.tr("Search in this document"))
        self.field.setClearButtonEnabled(True)
        look.named(self.field, self.tr("Search in this document"), key="Ctrl+F")
        self._count = look.muted(QLabel())
        self._count.setAccessibleName(self.tr("Hits"))
        self._back = self._button(self.tr("Previous hit"), "Shift+Enter")
        self._on = self._button(self.tr("Next hit"), "Enter")
        self._close = self._button(self.tr("Close the search"), "Esc")
        row = QHBoxLayout(self)
        row.setContentsMargins(look.STEP, 0, look.STEP, look.STEP // 2)
        row.setSpacing(look.STEP // 2)
        row.addWidget(self.field, 1)
        for widget in (self._count, self._back, self._on, self._close):
            row.addWidget(widget)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MILLISECONDS)
        self._pause.timeout.connect(lambda: self.query_changed.emit(self.field.text()))
        self.field.textChanged.connect(self._written)
        self._back.clicked.connect(self.previous_wanted)
        self._on.clicked.connect(self.next_wanted)
        self._close.clicked.connect(self.close_search)
        self.show_count(-1, 0, True)
        self._tint()

    def open_search(self) -> None:
        """With what was looked for last."""
        self.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()
        if self.field.text():
            self.query_changed.emit(self.field.text())

    def close_search(self) -> None:
        """The hits go with it."""
        self._pause.stop()
        self.hide()
        self.closed.emit()

    def show_count(self, current: int, count: int, whole: bool) -> None:
        """``current`` counts from 0; ``whole`` says whether these are all."""
        text = ""
        if self.field.text().strip():
            of = f"{count:,}" + ("" if whole else "+")
            text = self.tr("{} of {}").format(f"{current + 1:,}", of) if count else self.tr("not found")
        self._count.setText(text)
        for button in (self._back, self._on):
            button.setEnabled(count > 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Enter, Shift+Enter, Escape."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            (self.previous_wanted if back else self.next_wanted).emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.close_search()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Icons take the colours in force."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_close"):
            self._tint()

    def _written(self, _text: str) -> None:
        self._pause.start()

    def _button(self, name: str, key: str) -> QToolButton:
        button = QToolButton(self)
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        look.named(button, name, key=key)
        return button

    def _tint(self) -> None:
        for button, icon in ((self._back, "chevron-up"), (self._on, "chevron-down"), (self._close, "x")):
            button.setIcon(look.icon(icon))
