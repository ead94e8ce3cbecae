"""Flat buttons: Fusion's gradients take the accent's contrast away, so these paint their own ground."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QStyle, QWidget

from app.desktop import look

_RADIUS = 4.0
_ICON = 16
_GAP = 6
_HEIGHT = 3 * look.STEP + 4
_SHADE = 108
_UNDER_WHITE = 103
"""White on the dark theme's accent misses 4.5:1 by a hair."""


class ActionButton(QPushButton):
    """A button with an icon; the ``primary`` one of a view is filled with the accent while it can be used."""

    def __init__(
        self, text: str, icon: str = "", primary: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self._icon, self._primary = icon, primary
        self.setAutoDefault(False)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Of one height, with or without an icon."""
        text = QFontMetrics(self._weighty()).horizontalAdvance(self.text().replace("&", ""))
        icon = _ICON + _GAP if self._icon else 0
        return QSize(text + icon + 3 * look.STEP, max(_HEIGHT, self.fontMetrics().height() + 12))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Its text is never cut."""
        return self.sizeHint()

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Shaded while the mouse is over it."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """No longer."""
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Ground, frame, icon, text."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground, frame, tint = self._colours()
        focused = self.hasFocus()
        painter.setPen(QPen(look.colour("accent" if focused else frame), 2 if focused else 1))
        painter.setBrush(ground)
        inset = 1.0 if focused else 0.5
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), _RADIUS, _RADIUS)
        if focused and tint == "on_accent":
            painter.setPen(QPen(look.colour("on_accent"), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(2.5, 2.5, -2.5, -2.5), 2.0, 2.0)
        self._paint_content(painter, tint)

    def _paint_content(self, painter: QPainter, tint: str) -> None:
        painter.setFont(self.font())
        wide = painter.fontMetrics().horizontalAdvance(self.text().replace("&", ""))
        icon = _ICON + _GAP if self._icon else 0
        left = max(look.STEP // 2, (self.width() - wide - icon) // 2)
        if self._icon:
            place = QRect(left, (self.height() - _ICON) // 2, _ICON, _ICON)
            look.icon(self._icon, tint).paint(painter, place)
        painter.setPen(look.colour(tint))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        hints = self.style().styleHint(QStyle.StyleHint.SH_UnderlineShortcut, None, self)
        mnemonic = Qt.TextFlag.TextShowMnemonic if hints else Qt.TextFlag.TextHideMnemonic
        inner = self.rect().adjusted(left + icon, 0, 0, 0)
        painter.drawText(inner, int(flags) | int(mnemonic), self.text())

    def _colours(self) -> tuple[QColor, str, str]:
        """Ground, then the names of the frame's and the text's."""
        if not self.isEnabled():
            return look.colour("window"), "border", "muted"
        name, frame, tint = self._names()
        ground = look.colour(name)
        if name == "accent":
            ground = ground.darker(_UNDER_WHITE)
        if self.isDown():
            return self._shaded(ground, 2), frame, tint
        return (self._shaded(ground, 1) if self.underMouse() else ground), frame, tint

    def _names(self) -> tuple[str, str, str]:
        return ("accent", "accent", "on_accent") if self._primary else ("raised", "border", "text")

    def _shaded(self, ground: QColor, steps: int) -> QColor:
        darker = self._primary or not look.is_dark()
        factor = 100 + steps * (_SHADE - 100) // (1 if not darker or self._primary else 2)
        return ground.darker(factor) if darker else ground.lighter(factor + 8)

    def _weighty(self) -> QFont:
        return self.font()


class Segment(ActionButton):
    """One of a few choices that exclude each other; the chosen one is told by ground, frame and weight."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent=parent)
        self.setCheckable(True)
        self.toggled.connect(self._weigh)

    def _weigh(self) -> None:
        self.setFont(look.font(bold=self.isChecked()))

    def _names(self) -> tuple[str, str, str]:
        return ("selected", "accent", "text") if self.isChecked() else super()._names()

    def _weighty(self) -> QFont:
        return look.font(bold=True)
