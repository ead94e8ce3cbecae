"""The parts that views are laid out with: panels, headings, notices, marks; all follow the palette live."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.desktop import look

_RADIUS = 6.0
ICON_EDGE = 16


class Panel(QFrame):
    """A raised ground with a quiet border; what it holds goes into ``rows``."""

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = QVBoxLayout(self)
        self.rows.setContentsMargins(2 * look.STEP, 12, 2 * look.STEP, 14)
        self.rows.setSpacing(look.STEP)
        self.head = QHBoxLayout()
        self.head.setSpacing(look.STEP)
        if title:
            label = heading(title)
            self.head.addWidget(label)
            self.rows.addLayout(self.head)
            self.setAccessibleName(title)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Ground and border."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.colour("border"), 1))
        painter.setBrush(look.colour("surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)


class TintedLabel(QLabel):
    """An icon of the set in one of the palette's colours."""

    def __init__(self, icon: str, tint: str, edge: int = ICON_EDGE, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon, self._tint, self._edge = icon, tint, edge
        self.setFixedSize(edge, edge)
        self._draw()

    def show_icon(self, icon: str, tint: str) -> None:
        """Another one in its place."""
        self._icon, self._tint = icon, tint
        self._draw()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw again in the new palette's colour."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    def _draw(self) -> None:
        drawn = look.icon(self._icon, self._tint)
        self.setPixmap(drawn.pixmap(QSize(self._edge, self._edge), self.devicePixelRatioF()))


class Notice(QWidget):
    """What a view says when it has nothing to show: a sign, a sentence, and what to do."""

    def __init__(self, icon: str, title: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        rows = QVBoxLayout(self)
        rows.setSpacing(look.STEP)
        rows.addStretch(2)
        rows.addWidget(TintedLabel(icon, "muted", 4 * look.STEP), 0, Qt.AlignmentFlag.AlignHCenter)
        self.title = heading(title, 2)
        self.text = note(text)
        for label in (self.title, self.text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
            rows.addWidget(label)
        rows.addStretch(3)


def heading(text: str, points: float = 0.0) -> QLabel:
    """Bold, ``points`` larger than the text."""
    label = QLabel(text)
    label.setFont(look.font(points, bold=True))
    return label


def note(text: str = "") -> QLabel:
    """Text of second rank that wraps."""
    label = look.muted(QLabel(text))
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def plain(text: str = "") -> QLabel:
    """A figure or name that can be selected and copied; never read as markup."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return label


def scrolled(inside: QWidget) -> QScrollArea:
    """Up and down only, without a frame, on the window's ground."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inside)
    area.viewport().setBackgroundRole(QPalette.ColorRole.Window)
    inside.setBackgroundRole(QPalette.ColorRole.Window)
    return area


class Locked(QWidget):
    """Beside what policy has fixed: a lock, and who fixed it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.STEP // 2)
        row.addWidget(TintedLabel("lock", "muted"))
        self.text = look.muted(QLabel(self.tr("managed by your organisation")))
        row.addWidget(self.text)
        self.setAccessibleName(self.text.text())
        self.hide()
