"""The list of keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.desktop import look
from app.desktop.buttons import ActionButton
from app.desktop.outlines import Outlines
from app.desktop.panels import Panel, heading, note, scrolled

_WIDTH, _HEIGHT = 92 * look.STEP, 84 * look.STEP


class KeysDialog(QDialog):
    """Rows are group, action, keys; keys of one action are set apart by two spaces."""

    def __init__(self, rows: Sequence[tuple[str, str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keys"))
        self.resize(_WIDTH, _HEIGHT)
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search actions and keys"))
        self.search.setClearButtonEnabled(True)
        look.named(self.search, self.tr("Search actions and keys"))
        self.search.textChanged.connect(self._filter)
        self._none = note(self.tr("No action and no key is called that."))
        self._none.hide()
        self._groups = [
            _Group(name, [row[1:] for row in rows if row[0] == name])
            for name in dict.fromkeys(row[0] for row in rows)
        ]
        self._lay_out()
        Outlines(self)
        self.search.setFocus()

    @property
    def shown(self) -> tuple[str, ...]:
        """The actions that the search leaves."""
        return tuple(action for group in self._groups for action in group.shown)

    def _filter(self, text: str) -> None:
        for group in self._groups:
            group.filter(text.strip().casefold())
        self._none.setVisible(not self.shown)

    def _lay_out(self) -> None:
        page = QWidget()
        columns = QHBoxLayout(page)
        columns.setContentsMargins(2 * look.STEP, look.STEP, 2 * look.STEP, 2 * look.STEP)
        columns.setSpacing(2 * look.STEP)
        for groups in _halves(self._groups):
            column = QVBoxLayout()
            column.setSpacing(2 * look.STEP)
            for group in groups:
                column.addWidget(group)
            column.addStretch(1)
            columns.addLayout(column, 1)
        above = QVBoxLayout()
        above.setContentsMargins(2 * look.STEP, 2 * look.STEP, 2 * look.STEP, 0)
        above.addWidget(self.search)
        above.addWidget(self._none)
        close = ActionButton(self.tr("&Close"))
        close.setDefault(True)
        look.named(close, self.tr("Close"), key="Esc")
        close.clicked.connect(self.reject)
        below = QHBoxLayout()
        below.setContentsMargins(2 * look.STEP, look.STEP, 2 * look.STEP, 2 * look.STEP)
        below.addStretch(1)
        below.addWidget(close)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addLayout(above)
        area = scrolled(page)
        area.setMinimumWidth(page.minimumSizeHint().width() + area.verticalScrollBar().sizeHint().width())
        outer.addWidget(area, 1)
        outer.addLayout(below)


class _Group(Panel):
    def __init__(self, name: str, rows: Sequence[tuple[str, ...]]) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.rows.addWidget(heading(name))
        grid = QGridLayout()
        grid.setVerticalSpacing(look.STEP // 2)
        grid.setColumnStretch(0, 1)
        self._lines: list[tuple[str, str, QLabel, QWidget]] = []
        for place, (action, keys) in enumerate(rows):
            label, caps = QLabel(action), _caps(keys)
            label.setAccessibleDescription(keys)
            grid.addWidget(label, place, 0)
            grid.addWidget(caps, place, 1, Qt.AlignmentFlag.AlignRight)
            self._lines.append((action, keys, label, caps))
        self.rows.addLayout(grid)
        self.shown: tuple[str, ...] = tuple(line[0] for line in self._lines)

    def filter(self, text: str) -> None:
        self.shown = tuple(
            action
            for action, keys, _, _ in self._lines
            if text in action.casefold() or text in keys.casefold()
        )
        for action, _, label, caps in self._lines:
            label.setVisible(action in self.shown)
            caps.setVisible(action in self.shown)
        self.setVisible(bool(self.shown))


class _Cap(QLabel):
    """One key or chord in a frame."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.setFont(look.font(-0.5))
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setMinimumSize(self.sizeHint())

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Room for the frame."""
        hint = super().sizeHint()
        return QSize(max(hint.width() + 12, 3 * look.STEP), hint.height() + 6)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Frame, then text."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.colour("border"), 1))
        painter.setBrush(look.colour("window"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3.0, 3.0)
        painter.end()
        super().paintEvent(event)


def _caps(keys: str) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(look.STEP // 2)
    for key in keys.split("  "):
        row.addWidget(_Cap(key))
    return holder


def _halves(groups: Sequence[_Group]) -> tuple[Sequence[_Group], Sequence[_Group]]:
    """Cut where both columns are of about the same height."""
    heights = [len(group.shown) + 2 for group in groups]
    cut = min(range(len(groups) + 1), key=lambda n: abs(sum(heights[:n]) - sum(heights[n:])))
    return groups[:cut], groups[cut:]
