"""Above the grid: what to show of it, and how much of what there is."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QIcon, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QMenu, QSizePolicy, QToolButton, QWidget

from app.desktop import look
from app.desktop.grid_cells import HAS_OUTCOME, WANTS_A_LOOK, CellState, state_word
from app.desktop.grid_search import GridFilter

UNDECIDED_KEY = "Ctrl+U"
_HEIGHT = look.STEP * 7 // 2
_DEBOUNCE_MILLISECONDS = 120
_SIGNS = {
    CellState.UNDECIDED: "●",
    CellState.ABSTAINED: "?",
    CellState.FAILED: "!",
    CellState.ACCEPTED: "✓",
    CellState.EDITED: "✎",
    CellState.REJECTED: "✕",
    CellState.ABSENT: "–",
}


class StayingMenu(QMenu):
    """Stays open while its ticks are set, so that several can be."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: D102, N802
        if not self._tick(self.actionAt(event.position().toPoint())):
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102, N802
        keys = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() not in keys or not self._tick(self.activeAction()):
            super().keyPressEvent(event)

    def _tick(self, action: QAction | None) -> bool:
        if action is None or not action.isCheckable() or not action.isEnabled():
            return False
        action.trigger()
        return True


class FilterField(QLineEdit):
    """``settled`` when nothing was typed for a moment; Esc clears it, then gives the keys back."""

    settled = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wait = QTimer(self, singleShot=True, interval=_DEBOUNCE_MILLISECONDS)
        self._wait.timeout.connect(self.settled)
        self._sign = self.addAction(QIcon(), QLineEdit.ActionPosition.LeadingPosition)
        self.setPlaceholderText(self.tr("Filter  ( / )"))
        self.setClearButtonEnabled(True)
        self.setAcceptDrops(False)
        self.setFixedSize(22 * look.STEP, _HEIGHT)
        name = self.tr("Filter names and values")
        look.named(self, name, self.tr("{}; Esc clears").format(name), "/")
        self.textChanged.connect(lambda: self._wait.start())
        self._dress()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102, N802
        key = event.key()
        if key == Qt.Key.Key_Escape and self.text():
            self.clear()
            self._at_once()
        elif key in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self._at_once()
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: D102, N802
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._dress()

    def _at_once(self) -> None:
        if self._wait.isActive():
            self._wait.stop()
            self.settled.emit()

    def _dress(self) -> None:
        self._sign.setIcon(look.icon("search", "muted"))


class FlatButton(QToolButton):
    """A word in a quiet frame; tinted while it is on."""

    def __init__(self, text: str, icon: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self.setText(text)
        self.setIconSize(QSize(2 * look.STEP, 2 * look.STEP))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def sizeHint(self) -> QSize:  # noqa: D102, N802
        metrics = self.fontMetrics()
        width = 2 * look.STEP + metrics.horizontalAdvance(self.text())
        width += (2 * look.STEP if self._icon else 0) + (2 * look.STEP if self.menu() else 0)
        return QSize(width + (look.STEP // 2 if self._icon and self.text() else 0), _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102, N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on, hot = self.isChecked(), self.underMouse() or self.isDown()
        painter.setPen(look.colour("accent" if on or self.hasFocus() else "border"))
        painter.setBrush(look.colour("selected" if on else "window" if hot else "raised"))
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        x = look.STEP
        if self._icon:
            look.icon(self._icon, "text").paint(painter, x, (self.height() - 16) // 2, 16, 16)
            x += 16 + look.STEP // 2
        painter.setPen(look.colour("text"))
        painter.drawText(self.rect().adjusted(x, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.menu():
            look.icon("chevron-down", "muted").paint(
                painter, self.width() - look.STEP - 12, (self.height() - 12) // 2, 12, 12
            )
        painter.end()


class ElidedLabel(QLabel):
    """One muted line at the right that gives way when there is no room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102, N802
        painter = QPainter(self)
        painter.setPen(look.colour("muted"))
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)
        painter.end()


class GridToolbar(QWidget):
    """``changed`` when the filter did; the columns menu is its owner's to fill when it is about to show."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.undecided = FlatButton(self.tr("Undecided only"))
        self.states = FlatButton(self.tr("Status"))
        self.field = FilterField()
        self.columns = FlatButton(self.tr("Columns"), "columns-3")
        self.counts = ElidedLabel()
        self.columns_menu = StayingMenu(self)
        self._states_menu = StayingMenu(self)
        self._ticks = {state: self._tick(state) for state in _SIGNS}
        self._set_up()

    def filter(self) -> GridFilter:
        """What the controls ask for together."""
        ticked = frozenset(state for state, tick in self._ticks.items() if tick.isChecked())
        states = ticked or None
        if self.undecided.isChecked():
            states = WANTS_A_LOOK & (ticked or HAS_OUTCOME)
        return GridFilter(self.field.text(), states)

    def set_toggles(self, undecided: bool, states: Collection[CellState]) -> None:
        """As they were when they were saved."""
        self.undecided.setChecked(undecided)
        for state, tick in self._ticks.items():
            tick.setChecked(state in states)
        self._toggled()

    def ticked(self) -> list[CellState]:
        """The states chosen in the menu."""
        return [state for state, tick in self._ticks.items() if tick.isChecked()]

    def clear(self) -> None:
        """Show everything."""
        self.field.clear()
        self.set_toggles(False, ())

    def show_counts(self, shown: int, documents: int, parts: Sequence[str]) -> None:
        """How many documents are shown if not all, then ``parts``."""
        few = self.tr("{shown} of {all} documents").format(shown=f"{shown:,}", all=f"{documents:,}")
        text = " · ".join([few, *parts] if shown != documents else parts)
        if text != self.counts.text():
            self.counts.setText(text)
            self.counts.setAccessibleName(text)
            self.counts.setToolTip(text)

    def _set_up(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(look.STEP, look.STEP, 2 * look.STEP, look.STEP)
        row.setSpacing(look.STEP)
        for widget in (self.undecided, self.states, self.field, self.columns):
            row.addWidget(widget)
        row.addWidget(self.counts, 1)
        self.undecided.setCheckable(True)
        self.undecided.setShortcut(QKeySequence(UNDECIDED_KEY))
        self.states.setMenu(self._states_menu)
        self.columns.setMenu(self.columns_menu)
        self._name()
        self._states_menu.addSeparator()
        self._states_menu.addAction(self.tr("All"), lambda: self.set_toggles(self.undecided.isChecked(), ()))
        self.undecided.toggled.connect(lambda: self.changed.emit())
        self.field.settled.connect(self.changed)

    def _name(self) -> None:
        look.named(
            self.undecided,
            self.tr("Undecided only"),
            self.tr("Only documents with something that wants a look: found, not sure or failed"),
            UNDECIDED_KEY,
        )
        look.named(
            self.states, self.tr("Status"), self.tr("Only documents with cells of these states"), "Space"
        )
        look.named(
            self.columns, self.tr("Columns"), self.tr("Choose columns; drag a heading to move it"), "Space"
        )

    def _tick(self, state: CellState) -> QAction:
        action = self._states_menu.addAction(f"{_SIGNS[state]}   {state_word(state)}")
        action.setCheckable(True)
        action.triggered.connect(self._toggled)
        return action

    def _toggled(self) -> None:
        chosen = len(self.ticked())
        self.states.setText(self.tr("Status") + (f" · {chosen}" if chosen else ""))
        self.states.updateGeometry()
        self.changed.emit()
