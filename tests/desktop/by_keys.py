"""Keys as a person presses them: to the window that is in front, whatever in it has the focus."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeySequence, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QWidget

_PATIENCE_MILLISECONDS = 15_000
_LOOKS_EVERY_MILLISECONDS = 20


def press(*keys: str) -> None:
    """Each by its portable name, as "Ctrl+Shift+A", through the window system as a keyboard's would come."""
    for name in keys:
        combination = QKeySequence(name)[0]
        QTest.keyClick(_front(), combination.key(), combination.keyboardModifiers())
        QApplication.processEvents()


def write(text: str) -> None:
    """Letter by letter, into whatever has the focus."""
    for letter in text:
        key = Qt.Key(ord(letter.upper())) if ord(letter) < 128 else Qt.Key.Key_unknown
        held = Qt.KeyboardModifier.ShiftModifier if letter.isupper() else Qt.KeyboardModifier.NoModifier
        QTest.sendKeyEvent(QTest.KeyAction.Click, _front(), key, letter, held)
    QApplication.processEvents()


def _front() -> QWindow:
    """The window with the keys. A screen without a window manager leaves none when a dialog has closed."""
    if QGuiApplication.focusWindow() is None:
        shown = [w for w in QApplication.topLevelWidgets() if w.isVisible() and isinstance(w, QMainWindow)]
        (QApplication.activeModalWidget() or shown[-1]).activateWindow()
        QApplication.processEvents()
    window = QGuiApplication.focusWindow()
    assert window is not None, "no window is in front"
    return window


class Hand(QObject):
    """Waits for dialogs, also for those that hold up the caller, and answers them by keys in turn.

    A dialog that is not answered in time is closed, so that the test fails and does not hang.

    ``answers``: for each dialog a class it must be of and what is then pressed and written.
    """

    def __init__(self, answers: Sequence[tuple[type[QWidget], Callable[[], None]]]) -> None:
        super().__init__()
        self._answers = list(answers)
        self._waited = 0
        self._timer = QTimer(self, interval=_LOOKS_EVERY_MILLISECONDS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    @property
    def done(self) -> bool:
        """Whether all dialogs came and were answered."""
        return not self._answers

    def _look(self) -> None:
        dialog = QApplication.activeWindow()
        self._waited += _LOOKS_EVERY_MILLISECONDS
        late = self._waited > _PATIENCE_MILLISECONDS
        if late or self.done:
            self._timer.stop()
            if late and isinstance(dialog, QDialog):
                dialog.close()
            return
        kind, answer = self._answers[0]
        if isinstance(dialog, kind):
            self._answers.pop(0)
            answer()
